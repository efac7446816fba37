package org.merlinmq.broker.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.offset.TestStore;

/** The delayed messages of a slave, by what its master tells. */
class MasterDelaysTest extends DelayedStore {
    private void put(String body, int level) {
        Map<String, String> properties = Map.of("DELAY", Integer.toString(level), "REAL_TOPIC", "T", "REAL_QID", "0");
        store.put(
                ScheduleTopics.LEVELS,
                level - 1,
                body,
                properties,
                0,
                clock.millis() + DelayLevels.STANDARD.millis(level));
    }

    private static RocketMqDelayProgress delivered(int level, long queueOffset) {
        return new RocketMqDelayProgress(Map.of(level, queueOffset), 0, 0);
    }

    private long pending() {
        return store.storage().timers().count();
    }

    @Test
    void whatTheMasterHasDeliveredWaitsNoMore() {
        topics.add("T", 1);
        open(RocketMqDelayProgress.NOTHING);
        MasterDelays delays = new MasterDelays(store.storage(), clock::millis);
        for (int i = 0; i < 3; i++) {
            put("m" + i, 1);
        }
        put("later", 3);
        clock.set(clock.millis() + 999);
        assertThat(delays.end(delivered(1, 3))).as("before it is due").isZero();
        clock.set(clock.millis() + 1);
        assertThat(delays.end(delivered(1, 2))).isEqualTo(2);
        assertThat(pending()).isEqualTo(2);
        clock.set(clock.millis() + 9_999);
        assertThat(delays.end(delivered(1, 3)))
                .as("looked at again after ten seconds")
                .isZero();
        clock.set(clock.millis() + 1);
        assertThat(delays.end(delivered(1, 3))).isEqualTo(1);
        assertThat(delays.end(delivered(2, 1))).as("another level").isZero();
        assertThat(pending()).isEqualTo(1);
    }

    @Test
    void whatTheMasterHasNotDeliveredIsDeliveredOnceThisIsTheMaster() {
        topics.add("T", 1);
        open(RocketMqDelayProgress.NOTHING);
        put("delivered there", 1);
        put("left", 1);
        clock.set(clock.millis() + 1_000);
        assertThat(new MasterDelays(store.storage(), clock::millis).end(delivered(1, 1)))
                .isEqualTo(1);
        for (int i = 0; i < 20; i++) {
            clock.set(clock.millis() + 1_000);
            deadlines.runDue();
        }
        assertThat(store.read("T", 0).stream().map(TestStore::body)).containsExactly("left");
    }
}
