package org.merlinmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.merlinmq.broker.topic.TopicChange;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.storage.FlushMode;
import org.merlinmq.testkit.SimDisk;

/** State and log agree after a crash, at whatever write or sync it comes: topics, groups, offsets, and the messages. */
class StateCrashTest {
    /** One change, in the log as one record; it counts as done when it returns. */
    private interface Step {
        void run(StateStore store);

        /** Whether SYNC_FLUSH brings it to the disk before it counts as done. */
        default boolean isDurable() {
            return true;
        }
    }

    /** As a first send makes a topic: the message behind it makes it durable. */
    private record Create(String topic, int queues) implements Step {
        @Override
        public void run(StateStore store) {
            store.create(topic, queues);
        }

        @Override
        public boolean isDurable() {
            return false;
        }
    }

    private static final List<Step> STEPS = List.of(
            new Create("A", 2),
            store -> store.send("A", 0, "a1"),
            store -> put(store, "B", 4),
            store -> store.send("B", 3, "b1"),
            new Create("%RETRY%G", 1),
            store -> createGroup(store, "G"),
            store -> store.commit("G", "A", 0, 1),
            store -> store.commit("G", "B", 3, 1),
            store -> store.lock("G", "c1", 0),
            store -> store.lock("G", "c2", 1),
            store -> store.storage.checkpoint(),
            store -> store.unlock("G", "c1", 0),
            store -> store.lock("G", "c2", 0),
            store -> store.send("A", 1, "a2"),
            store -> store.delete("A"),
            new Create("A", 2),
            store -> store.send("A", 0, "A1, of the second life"),
            new Create("%RETRY%H", 1),
            store -> createGroup(store, "H"),
            store -> store.commit("H", "B", 0, 0),
            store -> store.storage.checkpoint(),
            store -> store.delete("B"),
            store -> store.storage.checkpoint(),
            store -> removeGroup(store, "H"),
            store -> store.commit("K", "A", 0, 1),
            store -> store.delete("A"),
            new Create("C", 1),
            store -> store.send("C", 0, "c1"),
            store -> put(store, "C", 3),
            store -> store.commit("G", "C", 0, 1));

    private static void put(StateStore store, String topic, int queues) {
        if (store.state.topics().put(TopicConfig.of(topic, queues)) instanceof TopicChange.Refused refused) {
            throw new DiskException(refused.refusal().sentence(), false, null);
        }
        store.state.makeDurable();
    }

    private static void createGroup(StateStore store, String group) {
        store.state.groups().findOrCreate(group);
        if (store.state.groups().find(group) == null) {
            throw new DiskException("the group was not made", false, null);
        }
        store.state.makeDurable();
    }

    private static void removeGroup(StateStore store, String group) {
        store.state.groups().remove(group, change -> store.state.offsets().removeGroup(group, change));
        store.state.makeDurable();
    }

    /** What is seen after each number of steps. */
    private static List<Map<String, String>> prefixes() {
        List<Map<String, String>> prefixes = new ArrayList<>();
        try (StateStore store = new StateStore(new SimDisk(), FlushMode.ASYNC)) {
            prefixes.add(store.content());
            for (Step step : STEPS) {
                step.run(store);
                prefixes.add(store.content());
            }
        }
        return prefixes;
    }

    /** Runs the steps until the disk dies; returns how many were done. */
    private static int run(SimDisk disk, FlushMode mode) {
        int done = 0;
        StateStore store = null;
        try {
            store = new StateStore(disk, mode);
            for (Step step : STEPS) {
                step.run(store);
                done++;
                store.idle();
            }
        } catch (DiskException dead) {
            // As it should: what was done counts.
        } finally {
            close(store);
        }
        return done;
    }

    private static void close(@Nullable StateStore store) {
        if (store != null) {
            store.close();
        }
    }

    /** The disk that is found after a crash at one of its operations; null if there were fewer. */
    private record Crash(@Nullable SimDisk found, int done) {}

    private static Crash crashAt(int operation, FlushMode mode, Function<SimDisk, SimDisk> end) {
        SimDisk disk = new SimDisk();
        AtomicReference<@Nullable SimDisk> found = new AtomicReference<>();
        AtomicInteger count = new AtomicInteger();
        disk.fault((name, path, nth) -> {
            boolean changes = !name.equals("read") && !name.equals("open") && !name.equals("map");
            if (changes && count.incrementAndGet() == operation) {
                found.set(end.apply(disk));
                throw new DiskException("crash at " + name + " " + path, false, null);
            }
        });
        int done = run(disk, mode);
        return new Crash(found.get(), done);
    }

    @ParameterizedTest
    @EnumSource(FlushMode.class)
    void afterAKillAtAnyWriteEachStepIsThereAsAWholeAndNoneThatWasDoneIsLost(FlushMode mode) {
        List<Map<String, String>> prefixes = prefixes();
        int crashes = 0;
        for (int at = 1; ; at++) {
            Crash crash = crashAt(at, mode, SimDisk::killProcess);
            if (crash.found == null) {
                break;
            }
            crashes++;
            assertPrefix(crash.found, mode, prefixes, crash.done, crash.done + 1, "kill at operation " + at);
        }
        assertThat(crashes).isGreaterThan(60);
    }

    @ParameterizedTest
    @EnumSource(FlushMode.class)
    void afterAPowerCutAtAnyWriteStateAndLogAreOfOneMomentAndWithSyncFlushNothingDoneIsLost(FlushMode mode) {
        List<Map<String, String>> prefixes = prefixes();
        for (int at = 1; ; at++) {
            Crash crash = crashAt(at, mode, SimDisk::losePowerAndAllUnsynced);
            if (crash.found == null) {
                break;
            }
            int least = mode == FlushMode.SYNC ? durable(crash.done) : 0;
            assertPrefix(crash.found, mode, prefixes, least, crash.done + 1, "power cut at operation " + at);
        }
    }

    @Test
    void afterAPowerCutThatLeavesAnySectorsNothingDoneWithSyncFlushIsLost() {
        List<Map<String, String>> prefixes = prefixes();
        for (int at = 1; ; at++) {
            Random random = new Random(at);
            Crash crash = crashAt(at, FlushMode.SYNC, disk -> disk.losePower(random));
            if (crash.found == null) {
                break;
            }
            assertPrefix(
                    crash.found,
                    FlushMode.SYNC,
                    prefixes,
                    durable(crash.done),
                    crash.done + 1,
                    "power cut at operation " + at);
        }
    }

    /** So that a crash that was not survived can be looked at again: the number of the operation is its history. */
    @ParameterizedTest
    @EnumSource(FlushMode.class)
    void theSameStepsDoTheSameToTheDisk(FlushMode mode) {
        SimDisk first = new SimDisk();
        SimDisk second = new SimDisk();
        assertThat(run(first, mode)).isEqualTo(STEPS.size());
        assertThat(run(second, mode)).isEqualTo(STEPS.size());
        assertThat(second.digest()).isEqualTo(first.digest());
    }

    /** So many of the steps that were done the disk has for sure. */
    private static int durable(int done) {
        int least = done;
        while (least > 0 && !STEPS.get(least - 1).isDurable()) {
            least--;
        }
        return least;
    }

    private static void assertPrefix(
            SimDisk found, FlushMode mode, List<Map<String, String>> prefixes, int least, int most, String what) {
        Map<String, String> content;
        try (StateStore store = new StateStore(found, mode)) {
            content = store.content();
        }
        assertThat(prefixes.subList(least, Math.min(most, STEPS.size()) + 1))
                .as(what + ", after " + least + " steps")
                .contains(content);
        try (StateStore store = new StateStore(found, mode)) {
            assertThat(store.content()).as(what + ", started twice").isEqualTo(content);
        }
    }

    @Test
    void whereTheLogLostTheTopicButHasItsMessagesItIsMadeAgain() {
        SimDisk disk = new SimDisk();
        try (StateStore store = new StateStore(disk, FlushMode.SYNC)) {
            store.create("T", 4);
            store.send("T", 0, "first");
            store.send("T", 2, "second");
        }
        // The first record is the one that makes the topic; this is in its body.
        disk.flip(StateStore.CONFIG.commitLogFolder().resolve("0".repeat(20)), 8 * 110);
        for (Path file : disk.files()) {
            if (file.startsWith(StateStore.FOLDER.resolve("merlin"))) {
                disk.delete(file);
            }
        }
        for (int start = 0; start < 2; start++) {
            try (StateStore store = new StateStore(disk, FlushMode.SYNC)) {
                assertThat(store.content())
                        .containsEntry("topic T", "3 queues")
                        .containsEntry("messages T 0", "first")
                        .containsEntry("messages T 2", "second");
                assertThat(store.deleteUnused()).isZero();
            }
        }
    }
}
