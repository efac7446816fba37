package org.merlinmq.transport;

import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;

/** How channels are read, the same for accepted and for made ones. */
final class ChannelSetup {
    /**
     * A busy socket is read up to this often before its frames are committed and answered: 256 KiB make a better batch
     * than 64, and more would let other connections wait.
     */
    private static final int READS_PER_TURN = 4;

    private ChannelSetup() {}

    static RecvByteBufAllocator reads() {
        return new FixedRecvByteBufAllocator(NetLoop.READ_BYTES).maxMessagesPerRead(READS_PER_TURN);
    }
}
