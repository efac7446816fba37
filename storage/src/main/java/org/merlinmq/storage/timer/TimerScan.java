package org.merlinmq.storage.timer;

import java.util.List;
import org.merlinmq.storage.run.PairMerge;
import org.merlinmq.storage.run.PairSource;

/**
 * Walks timers of several sources in order of due time and log offset, without those that have a tombstone.
 *
 * <p>A value is {@code logOffset << 1}, plus 1 for a tombstone, so that a timer's tombstone follows it at once.
 */
final class TimerScan {

    private final PairMerge pairs;
    private final boolean keepTombstones;
    private boolean more;
    private long key;
    private long value;

    TimerScan(List<? extends PairSource> sources, long fromDueMillis, long fromLogOffset, boolean keepTombstones) {
        pairs = new PairMerge(sources, fromDueMillis, fromLogOffset << 1);
        this.keepTombstones = keepTombstones;
        more = pairs.advance();
    }

    boolean advance() {
        while (more) {
            key = pairs.key();
            value = pairs.value();
            boolean ended = false;
            more = pairs.advance();
            // The same timer again: from a tail that was flushed meanwhile, or its tombstone.
            while (more && pairs.key() == key && pairs.value() >>> 1 == value >>> 1) {
                ended |= pairs.value() != value;
                more = pairs.advance();
            }
            if (!ended && (keepTombstones || !isTombstone())) {
                return true;
            }
        }
        return false;
    }

    long dueMillis() {
        return key;
    }

    long logOffset() {
        return value >>> 1;
    }

    boolean isTombstone() {
        return (value & 1) != 0;
    }

    long value() {
        return value;
    }
}
