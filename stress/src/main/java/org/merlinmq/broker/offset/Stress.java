package org.merlinmq.broker.offset;

import java.time.ZoneOffset;
import java.util.function.Consumer;
import org.merlinmq.broker.stats.Meter;
import org.merlinmq.broker.stats.ThroughputStats;

/** What the tests of this package begin with. */
final class Stress {
    /** Counts nothing here: one serves all. */
    private static final Meter COUNTER = new ThroughputStats(() -> 0, at -> {}, ZoneOffset.UTC).counter();

    private Stress() {}

    static ConsumeProgress progress(Consumer<ConsumeProgress> changed) {
        return new ConsumeProgress("group", "topic", COUNTER, changed);
    }
}
