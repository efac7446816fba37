package org.merlinmq.broker.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.BatchScan;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.FlushMode;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;
import org.merlinmq.testkit.SimThreads;

/**
 * A producer that sends everything again after a crash, at whatever write or sync that came: nothing is stored twice, and
 * what was answered before is answered the same.
 */
class DuplicateCrashTest {
    private static final StorageConfig CONFIG = StorageConfig.defaults(Path.of("/store"))
            .withSegmentBytes(64 << 10)
            .withCheckpoints(1 << 30, Duration.ofHours(1));

    private static final int SENDS = 12;

    /** A server on a simulated disk, with what it answered to each send. */
    private static final class Server implements AutoCloseable {
        private final SimThreads threads = new SimThreads(new Random(1));
        private final Sending sending;

        Server(SimDisk disk, FlushMode mode) {
            sending = new Sending(CONFIG.withFlush(mode), Sending.CONFIG, disk, new SimClock(), threads);
        }

        void window() {
            TopicConfig config = TopicConfig.of("T", 4);
            sending.topics.put(new TopicConfig(
                    "T",
                    4,
                    4,
                    config.perm(),
                    config.topicFilterType(),
                    config.topicSysFlag(),
                    config.order(),
                    Map.of("+dedup.window", "60000")));
        }

        /** Returns the answer; throws if it is a refusal. */
        String send(int number) {
            int before = sending.answers.size();
            String refusal = String.valueOf(sending.send(request(number)));
            sending.loop.run();
            threads.run();
            sending.loop.run();
            List<Sending.Answer> now = sending.answers.subList(before, sending.answers.size());
            if (now.size() != 1 || !now.getFirst().what().startsWith("SUCCESS")) {
                throw new DiskException("not stored: " + now + " " + refusal, false, null);
            }
            return now.getFirst().what();
        }

        private SendRequest request(int number) {
            String key = "U" + number;
            return switch (number % 4) {
                case 0 -> sending.batch("T", batch(key));
                case 1 -> sending.message("T", 1, key, Map.of("UNIQ_KEY", key, "TIMER_DELAY_MS", "30000"));
                case 2 -> sending.message("T", 2, key, Map.of("UNIQ_KEY", key, "TRAN_MSG", "true", "PGROUP", "P"));
                default -> sending.message("T", 3, key, Map.of("UNIQ_KEY", key));
            };
        }

        private static byte[] batch(String key) {
            ByteWriter batch = new ByteWriter();
            for (String part : List.of("a", "b")) {
                BatchScan.append(batch, 0, Bytes.utf8(part), Bytes.utf8("UNIQ_KEY\u0001" + key + part + "\u0002"));
            }
            return batch.toByteArray();
        }

        void checkpoint() {
            sending.store.storage().checkpoint();
        }

        /** How often each unique key was stored. */
        Map<String, Integer> stored() {
            Map<String, Integer> counts = new TreeMap<>();
            sending.store.storage().forEachQueue(queue -> {
                for (RecordView record : sending.store.read(queue.topic(), queue.queueId())) {
                    String key = record.properties().get("UNIQ_KEY");
                    if (key != null) {
                        counts.merge(key, 1, Integer::sum);
                    }
                }
            });
            return counts;
        }

        @Override
        public void close() {
            sending.close();
        }
    }

    /** Sends until the disk dies; returns what was answered. */
    private static List<String> run(SimDisk disk, FlushMode mode) {
        List<String> answers = new ArrayList<>();
        Server server = null;
        try {
            server = new Server(disk, mode);
            for (int i = 0; i < SENDS; i++) {
                answers.add(server.send(i));
                if (i == SENDS / 2) {
                    server.checkpoint();
                }
            }
        } catch (DiskException dead) {
            // As it should: what was answered counts.
        } finally {
            if (server != null) {
                server.close();
            }
        }
        return answers;
    }

    private static SimDisk withTopic() {
        SimDisk disk = new SimDisk();
        try (Server server = new Server(disk, FlushMode.SYNC)) {
            server.window();
        }
        return disk;
    }

    /** Crashes at each operation in turn; returns how often. */
    private static int crashes(FlushMode mode, Function<SimDisk, SimDisk> end, boolean answersHold) {
        for (int at = 1; ; at++) {
            int operation = at;
            SimDisk disk = withTopic();
            AtomicReference<@Nullable SimDisk> found = new AtomicReference<>();
            AtomicInteger count = new AtomicInteger();
            disk.fault((name, path, nth) -> {
                boolean changes = !name.equals("read") && !name.equals("open") && !name.equals("map");
                if (changes && count.incrementAndGet() == operation) {
                    found.set(end.apply(disk));
                    throw new DiskException("crash at " + name + " " + path, false, null);
                }
            });
            List<String> before = run(disk, mode);
            SimDisk left = found.get();
            if (left == null) {
                assertThat(before).hasSize(SENDS);
                return at - 1;
            }
            assertSentAgain(left, mode, answersHold ? before : List.of(), mode + ", crash at operation " + at);
        }
    }

    private static void assertSentAgain(SimDisk disk, FlushMode mode, List<String> before, String what) {
        try (Server server = new Server(disk, mode)) {
            List<String> answers = new ArrayList<>();
            for (int i = 0; i < SENDS; i++) {
                answers.add(server.send(i));
            }
            assertThat(answers.subList(0, before.size())).as(what).isEqualTo(before);
            for (int i = SENDS - 1; i >= 0; i--) {
                assertThat(server.send(i))
                        .as(what + ", send " + i + " once more")
                        .isEqualTo(answers.get(i));
            }
            assertThat(server.stored()).as(what).hasSize(SENDS + SENDS / 4);
            assertThat(server.stored().values()).as(what).containsOnly(1);
        }
    }

    @Test
    void afterAKillAtAnyWriteNothingIsStoredTwice() {
        assertThat(crashes(FlushMode.ASYNC, SimDisk::killProcess, true)).isGreaterThan(SENDS);
    }

    @Test
    void afterAPowerCutAtAnyWriteWithSyncFlushNothingIsStoredTwice() {
        assertThat(crashes(FlushMode.SYNC, SimDisk::losePowerAndAllUnsynced, true))
                .isGreaterThan(SENDS);
    }

    /** What was answered may be lost then, and is stored again. */
    @Test
    void afterAPowerCutThatLosesAnySectorsNothingIsStoredTwice() {
        Random random = new Random(3);
        assertThat(crashes(FlushMode.ASYNC, disk -> disk.losePower(random), false))
                .isGreaterThan(SENDS);
    }
}
