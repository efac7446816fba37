package org.merlinmq.replication.apache;

import java.net.SocketAddress;

/**
 * Hears what slaves have, for those who wait until a message is on several machines.
 *
 * <p>Threading: called by the slave's own thread, one call at a time for each slave; must not block.
 */
public interface SlaveListener {
    /** Is interested in nothing. */
    SlaveListener NONE = new SlaveListener() {
        @Override
        public void reported(SocketAddress slave, long logOffset) {}

        @Override
        public void gone(SocketAddress slave) {}
    };

    /**
     * A slave has written all of the log below an offset; whether its disk has confirmed it is not said.
     *
     * @param slave where it connects from
     * @param logOffset the end of its log
     */
    void reported(SocketAddress slave, long logOffset);

    /**
     * A slave is not connected any more.
     *
     * @param slave where it was connected from
     */
    void gone(SocketAddress slave);
}
