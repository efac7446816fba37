package org.merlinmq.storage.log;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which records are damaged: a line each, but no more than one a second, with the number of those not said.
 *
 * <p>Threading: any thread.
 */
final class DamageReport {
    private static final Logger LOG = LoggerFactory.getLogger(DamageReport.class);
    private static final long QUIET_MILLIS = 1000;

    private final LongSupplier nowMillis;
    private final AtomicLong saidMillis = new AtomicLong(Long.MIN_VALUE / 2);
    private final AtomicLong found = new AtomicLong();

    DamageReport(LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
    }

    void report(@Nullable Segment segment, long logOffset, int size, String what) {
        long total = found.incrementAndGet();
        long now = nowMillis.getAsLong();
        long said = saidMillis.get();
        if (now - said >= QUIET_MILLIS && saidMillis.compareAndSet(said, now)) {
            LOG.error(
                    "record-damaged file={} position={} logOffset={} bytes={} damagedReads={} what=\"the record {}\"",
                    segment == null ? "none" : segment.path(),
                    segment == null ? -1 : logOffset - segment.base(),
                    logOffset,
                    size,
                    total,
                    what);
        }
    }

    long found() {
        return found.get();
    }
}
