package org.merlinmq.replication.apache;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.log.LogWaiter;

/**
 * One end of a connection between a master and a slave in RocketMQ's form, without the socket: bytes go in and come out, and
 * the time is given.
 *
 * <pre>
 *  slave → master   report   logOffset 8               where the slave's log ends: at first, after what it got, each 5 s
 *  master → slave   frame    logOffset 8 | count 4 | count bytes of the log as they lie there; 0 bytes are a heartbeat
 * </pre>
 *
 * <p>Bytes may be cut anywhere, a frame's also in the middle of a record. Numbers are big-endian.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Units: times are milliseconds of a clock that only goes forward.
 */
sealed interface ApacheStream permits ApacheMasterStream, ApacheSlaveStream {
    /** The bytes of a report. */
    int REPORT_BYTES = 8;

    /** The bytes of a frame before those of the log. */
    int HEAD_BYTES = 12;

    /** Takes what the other side sent. */
    void receive(byte[] bytes, int at, int count, long nowMillis);

    /** Puts what is to be sent behind the buffer's position, as far as there is room; called often, also if nothing is due. */
    void fill(ByteBuffer out, long nowMillis);

    /** When {@link #fill} is to be called at the latest. */
    long nextMillis();

    /** Asks that somebody is woken when there is more to send than {@link #fill} has put; at once if there is. */
    default void awaitMore(LogWaiter waiter) {}

    /** Forgets who waits. */
    default void awaitNoMore(LogWaiter waiter) {}

    /** Why the connection is to be closed; null while it goes on. */
    @Nullable String ended();
}
