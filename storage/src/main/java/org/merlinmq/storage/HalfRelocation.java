package org.merlinmq.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Relocation.Relocated;
import org.merlinmq.storage.log.CommitLog;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.storage.transaction.OpenHalves;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends open half messages anew at the log's end before the segment that holds their records is deleted. Each is claimed
 * before it is copied; one that is being decided is left alone, and its segment waits for that.
 *
 * <p>Threading: {@code store-tail}; the copier is set on any thread.
 *
 * <p>Limits and errors: see {@link Relocation}. A call holds no more half messages than a batch in memory.
 */
final class HalfRelocation {
    private static final Logger LOG = LoggerFactory.getLogger(HalfRelocation.class);

    private final CommitLog log;
    private final OpenHalves transactions;
    private final Relocation relocation;
    private final RecordView record = new RecordView();
    private volatile @Nullable HalfCopier copier;

    /** What the batch holds: where each record begins. */
    private final long[] logOffset = new long[Relocation.MAX_BATCH_MESSAGES];

    private boolean left;

    HalfRelocation(CommitLog log, OpenHalves transactions) {
        this.log = log;
        this.transactions = transactions;
        relocation = new Relocation(log, Relocation.Kind.HALF_MESSAGES);
    }

    void copier(HalfCopier copies) {
        copier = copies;
    }

    /** Moves half messages whose records begin below an offset. */
    Relocated below(long endLogOffset) {
        HalfCopier copies = copier;
        if (copies == null) {
            return new Relocated(0, 0, true);
        }
        relocation.begin();
        left = false;
        long from = 0;
        boolean more = true;
        while (more) {
            List<OpenHalf> page = transactions.list(from, Relocation.MAX_BATCH_MESSAGES);
            more = !page.isEmpty();
            for (int i = 0; more && i < page.size(); i++) {
                OpenHalf half = page.get(i);
                from = half.logOffset() + 1;
                more = half.logOffset() < endLogOffset && take(half, copies);
            }
        }
        left |= !relocation.append(this::release);
        return relocation.end(endLogOffset, left);
    }

    /** Returns whether to go on. */
    private boolean take(OpenHalf listed, HalfCopier copies) {
        OpenHalf half = transactions.claim(listed.logOffset());
        if (half == null) {
            left |= transactions.standing(listed.logOffset()) == OpenHalves.Standing.CLAIMED;
            return true;
        }
        byte[] bytes = log.reader().readRecord(half.logOffset());
        if (bytes == null || !record.on(bytes, 0, bytes.length)) {
            LOG.warn("half-message-lost logOffset={} cause=\"no record there: damaged\"", half.logOffset());
            transactions.drop(half.logOffset());
            return true;
        }
        logOffset[relocation.staged()] = half.logOffset();
        if (!relocation.stage(half.logOffset(), to -> copies.copy(record, half, to))) {
            transactions.release(half.logOffset());
            left = true;
            return true;
        }
        boolean more = relocation.appendIfFull(this::release);
        left |= !more;
        return more;
    }

    private void release(int staged) {
        transactions.release(logOffset[staged]);
    }
}
