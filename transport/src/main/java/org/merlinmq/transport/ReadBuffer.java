package org.merlinmq.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import java.nio.ByteBuffer;

/**
 * The one buffer that all sockets of a loop are read into. {@link ConnectionHandler} copies what arrived out of it before it
 * returns, so that it is free again for the next read, and in the processor's cache.
 *
 * <p>Threading: the loop.
 */
final class ReadBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
    // Wrapped, and so not watched for leaks: it lives as long as the loop.
    private final ByteBuf buffer =
            Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(NetLoop.READ_BYTES)));

    /**
     * The buffer of one loop.
     *
     * @param readsPerTurn how often a socket that has more is read before others get their turn
     */
    ReadBuffer(int readsPerTurn) {
        super(readsPerTurn);
    }

    @Override
    public ExtendedHandle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return NetLoop.READ_BYTES;
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator unused) {
                return buffer.clear();
            }
        };
    }
}
