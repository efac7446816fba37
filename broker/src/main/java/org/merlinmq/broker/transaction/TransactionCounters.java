package org.merlinmq.broker.transaction;

import java.util.concurrent.atomic.LongAdder;

/**
 * What became of transactions since the start.
 *
 * <p>Threading: any thread.
 */
public final class TransactionCounters {
    final LongAdder committed = new LongAdder();
    final LongAdder rolledBack = new LongAdder();
    final LongAdder checks = new LongAdder();
    final LongAdder givenUp = new LongAdder();

    TransactionCounters() {}

    /** Half messages that were committed. */
    public long committed() {
        return committed.sum();
    }

    /** Half messages that were rolled back. */
    public long rolledBack() {
        return rolledBack.sum();
    }

    /** How often a producer was asked. */
    public long checks() {
        return checks.sum();
    }

    /** Half messages that were given up. */
    public long givenUp() {
        return givenUp.sum();
    }
}
