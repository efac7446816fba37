package org.merlinmq.transport;

import io.netty.channel.Channel;

/**
 * Reason nothing is read from a peer at the moment: it is read again when no reason is left.
 *
 * <p>Reading goes on in two steps, of which a new pause may stop the second: first the frames that the connection held
 * back are handled, in a turn of their own, then the socket is read.
 *
 * <p>Threading: the connection's loop.
 */
final class ReadPauses {
    /** A reason not to read. */
    enum Reason {
        /** The peer does not take its answers. */
        SLOW_READER(1),
        /** All connections together hold as much as they may, and this one has only begun its frame. */
        CROWDED(2),
        /** The connection ends when what was answered has been sent. Stays. */
        ENDING(4),
        /** The server ends. Stays. */
        STOPPED(8);

        private final int bit;

        Reason(int bit) {
            this.bit = bit;
        }
    }

    private final Channel channel;
    private final NetLoop loop;
    private int reasons;

    ReadPauses(Channel channel, NetLoop loop) {
        this.channel = channel;
        this.loop = loop;
    }

    /** True while there is any reason not to read. */
    boolean any() {
        return reasons != 0;
    }

    boolean has(Reason why) {
        return (reasons & why.bit) != 0;
    }

    void add(Reason why) {
        reasons |= why.bit;
        channel.config().setAutoRead(false);
    }

    /** Takes a reason away; nothing happens if it is not there. */
    void remove(Reason why) {
        if (has(why)) {
            reasons &= ~why.bit;
            if (reasons == 0) {
                loop.execute(this::readOn);
            }
        }
    }

    private void readOn() {
        channel.pipeline().fireUserEventTriggered(ConnectionHandler.RESUME);
        if (reasons == 0) {
            channel.config().setAutoRead(true);
        }
    }
}
