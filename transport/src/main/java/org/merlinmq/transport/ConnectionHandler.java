package org.merlinmq.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only handler in a channel's pipeline: carries its events to a {@link Connection}.
 *
 * <p>Threading: the channel's loop.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {
    /** The event that makes a connection handle what it held back; an event, so that its failures end up here too. */
    static final Object RESUME = new Object();

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);
    /** The first byte of a TLS handshake; the first byte of a frame is 0 or 1. */
    private static final int TLS_HANDSHAKE = 0x16;

    private final Function<ChannelHandlerContext, Connection> making;
    private @Nullable Connection connection;
    private boolean recognised;

    /**
     * Makes the handler of one channel.
     *
     * @param making builds the connection when the channel is there
     */
    ConnectionHandler(Function<ChannelHandlerContext, Connection> making) {
        this.making = making;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        Connection made = making.apply(context);
        connection = made;
        made.opened();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            Connection to = connection;
            if (to != null && in.isReadable()) {
                if (recognised || recognise(to, in)) {
                    to.read(in);
                }
            }
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        Connection to = connection;
        if (to != null) {
            to.readDone();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        Connection to = connection;
        if (event == RESUME && to != null) {
            to.resumeInput();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        Connection to = connection;
        if (to != null) {
            connection = null;
            to.closed();
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the close is not waited for
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Connection to = connection;
        if (cause instanceof IOException) {
            LOG.debug(
                    "connection-broken peer={} cause=\"{}\"", context.channel().remoteAddress(), cause.getMessage());
        } else {
            LOG.error("connection-failed peer={}", context.channel().remoteAddress(), cause);
        }
        if (to == null) {
            context.close();
        } else {
            to.abort();
        }
    }

    /**
     * Looks at the first byte of a connection. Here TLS will put its handler in front and go on; until then its
     * handshake is refused. Anything else that is no frame is refused by its length.
     */
    private boolean recognise(Connection to, ByteBuf in) {
        recognised = true;
        if (in.getUnsignedByte(in.readerIndex()) == TLS_HANDSHAKE) {
            to.refuse("a TLS handshake, and this port speaks plain remoting: switch TLS off in the client");
            return false;
        }
        return true;
    }
}
