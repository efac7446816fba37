package org.merlinmq.broker.offset;

import java.time.ZoneOffset;
import java.util.function.Consumer;
import org.merlinmq.broker.stats.Tally;
import org.merlinmq.broker.stats.Traffic;

/** What the tests of this package begin with. */
final class Stress {
    /** Counts nothing here: one serves all. */
    private static final Tally COUNTER = new Traffic(() -> 0, at -> {}, ZoneOffset.UTC).counter();

    private Stress() {}

    static GroupTopic groupTopic(Consumer<GroupTopic> changed) {
        return new GroupTopic("group", "topic", COUNTER, changed);
    }
}
