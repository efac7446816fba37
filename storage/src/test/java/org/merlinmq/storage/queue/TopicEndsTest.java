package org.merlinmq.storage.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopicEndsTest {
    @Test
    void endsBelowTheLogAreForgotten() {
        TopicEnds ends = new TopicEnds();
        ends.load("gone", 100);
        ends.load("kept", 101);
        List<Integer> types = new ArrayList<>();
        ends.writeFlushed(new QueueTableSnapshot.Writer((type, key, value) -> types.add(type)), 100);
        assertThat(types).hasSize(1);
        assertThat(ends.at("gone"))
                .as("a store where topics come and go for ever would fill up")
                .isZero();
        assertThat(ends.at("kept")).isEqualTo(101);
    }
}
