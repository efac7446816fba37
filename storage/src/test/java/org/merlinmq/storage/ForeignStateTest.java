package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.merlinmq.storage.log.LogReceiver;
import org.merlinmq.storage.log.LogWaiter;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimDisk;

/** A store that follows one of RocketMQ's: its state comes beside the log, which stays what the master's is. */
final class ForeignStateTest {
    private static final int TYPE = 20;

    private static StateChange put(String key, String value) {
        return new StateChange().put(TYPE, bytes(key), bytes(value));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, String> state(Storage storage) {
        Map<String, String> found = new TreeMap<>();
        storage.state().replay((type, key, value) -> {
            String name = new String(key, StandardCharsets.UTF_8);
            if (value == null) {
                found.remove(name);
            } else {
                found.put(name, new String(value, StandardCharsets.UTF_8));
            }
        });
        return found;
    }

    private static void copy(Fixture master, LogReceiver into) {
        byte[] bytes = new byte[(int) (master.storage.maxLogOffset() - into.end())];
        int count = master.storage.copyLog(into.end(), bytes, 0, bytes.length);
        into.append(into.end(), bytes, 0, count);
    }

    @Test
    void whatIsAdoptedIsInTheNextCheckpointAndNotInTheLog() {
        Fixture master = new Fixture(new SimDisk());
        Fixture slave = new Fixture(new SimDisk());
        LogReceiver receiver = slave.storage.follow();
        assertThat(slave.storage.adopt(put("before any record", "1"))).isZero();
        slave.storage.checkpoint();
        master.append("T", 0, "message");
        copy(master, receiver);
        long end = slave.storage.maxLogOffset();
        assertThat(slave.storage.adopt(put("group", "1"))).isEqualTo(end);
        slave.storage.adopt(put("group", "2"));
        slave.storage.checkpoint();
        slave.storage.adopt(put("lost", "1"));
        assertThat(slave.storage.maxLogOffset()).isEqualTo(end);
        SimDisk left = slave.disk.killProcess();
        receiver.close();
        slave.storage.close();
        Fixture again = new Fixture(left);
        assertThat(state(again.storage)).isEqualTo(Map.of("before any record", "1", "group", "2"));
        assertThat(again.read("T", 0)).isEqualTo(Map.of(0L, "message"));
        again.storage.close();
        master.storage.close();
    }

    @Test
    void aStoreThatFollowsNoneAppendsItsState() {
        Fixture store = new Fixture(new SimDisk());
        assertThat(store.storage.isFollowing()).isFalse();
        assertThatThrownBy(() -> store.storage.adopt(put("group", "1"))).isInstanceOf(IllegalStateException.class);
        LogReceiver receiver = store.storage.follow();
        assertThat(store.storage.isFollowing()).isTrue();
        store.storage.adopt(put("group", "1"));
        receiver.close();
        store.storage.append(put("topic", "2"));
        assertThat(state(store.storage)).isEqualTo(Map.of("group", "1", "topic", "2"));
        store.storage.checkpoint();
        Fixture again = new Fixture(store.disk.killProcess());
        assertThat(state(again.storage)).isEqualTo(Map.of("group", "1", "topic", "2"));
        again.storage.close();
        store.storage.close();
    }

    @Test
    void aTopicThatTheMasterHasDeletedEnds() {
        Fixture master = new Fixture(new SimDisk());
        Fixture slave = new Fixture(new SimDisk());
        LogReceiver receiver = slave.storage.follow();
        master.append("T", 0, "of the first life");
        copy(master, receiver);
        slave.storage.adopt(new StateChange().put(StateChange.TOPIC, bytes("T"), bytes("settings")));
        slave.storage.adopt(new StateChange().remove(StateChange.TOPIC, bytes("T")));
        assertThat(slave.storage.findQueue("T", 0)).isNull();
        slave.storage.checkpoint();
        master.append("U", 0, "another");
        copy(master, receiver);
        assertThat(slave.read("U", 0)).isEqualTo(Map.of(0L, "another"));
        SimDisk left = slave.disk.killProcess();
        receiver.close();
        slave.storage.close();
        Fixture again = new Fixture(left);
        assertThat(again.storage.findQueue("T", 0)).as("after a crash").isNull();
        assertThat(again.read("U", 0)).isEqualTo(Map.of(0L, "another"));
        again.storage.close();
        master.storage.close();
    }

    @Test
    void whatWasAdoptedSurvivesAnyCrashBehindItsCheckpoint() {
        Seeds.forEach(30, random -> {
            Fixture master = new Fixture(new SimDisk());
            SimDisk disk = new SimDisk();
            Map<String, String> durable = new TreeMap<>();
            for (int crash = 0; crash < 4; crash++) {
                Fixture slave = new Fixture(disk);
                assertThat(state(slave.storage)).containsAllEntriesOf(durable);
                LogReceiver receiver = slave.storage.follow();
                for (int round = random.nextInt(8); round > 0; round--) {
                    master.append("T" + random.nextInt(2), 0, "x".repeat(random.nextInt(3000)));
                    copy(master, receiver);
                    for (int i = random.nextInt(4); i > 0; i--) {
                        String key = "k" + random.nextInt(6);
                        String value = crash + " " + round + " " + i;
                        slave.storage.adopt(put(key, value));
                        durable.remove(key);
                    }
                    if (random.nextBoolean()) {
                        slave.storage.checkpoint();
                        state(slave.storage).forEach(durable::put);
                    }
                }
                disk = random.nextBoolean() ? slave.disk.killProcess() : slave.disk.losePower(random);
                receiver.close();
                slave.storage.close();
            }
            master.storage.close();
        });
    }

    @Test
    void whoWaitsForTheLogToGrowIsWokenOnceByAppendsAndByWhatIsReceived() {
        Fixture master = new Fixture(new SimDisk());
        Fixture slave = new Fixture(new SimDisk());
        List<String> woken = new ArrayList<>();
        master.storage.wakeAt(() -> woken.add("near"), 1);
        long far = 1000;
        master.storage.wakeAt(() -> woken.add("far"), far);
        master.append("T", 0, "one");
        assertThat(woken).containsExactly("near");
        master.append("T", 0, "two");
        assertThat(woken).containsExactly("near");
        master.append("T", 0, "x".repeat((int) far));
        assertThat(woken).containsExactly("near", "far");
        master.storage.wakeAt(() -> woken.add("at once"), master.storage.maxLogOffset());
        assertThat(woken).containsExactly("near", "far", "at once");
        try (LogReceiver receiver = slave.storage.follow()) {
            slave.storage.wakeAt(() -> woken.add("received"), 1);
            copy(master, receiver);
        }
        assertThat(woken).containsExactly("near", "far", "at once", "received");
        master.storage.close();
        slave.storage.close();
    }

    @Test
    void whoAsksAgainIsWokenWhereItAskedLastAndWhoLeavesNever() {
        Fixture store = new Fixture(new SimDisk());
        int[] woken = new int[2];
        LogWaiter moves = () -> woken[0]++;
        LogWaiter leaves = () -> woken[1]++;
        store.storage.wakeAt(moves, 1);
        store.storage.wakeAt(moves, 1_000_000);
        store.storage.wakeAt(leaves, 1);
        store.storage.wakeNever(leaves);
        store.append("T", 0, "one");
        assertThat(Arrays.stream(woken).sum()).isZero();
        store.storage.wakeAt(moves, store.storage.maxLogOffset() + 1);
        store.append("T", 0, "two");
        assertThat(woken).containsExactly(1, 0);
        store.storage.close();
    }
}
