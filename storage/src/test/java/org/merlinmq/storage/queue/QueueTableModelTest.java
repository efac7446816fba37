package org.merlinmq.storage.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.storage.index.LogIndex.RecoveryPoint;
import org.merlinmq.storage.index.Points;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimDisk;

/** The table against lists in memory, through flushes, merges, retention, deletion, kills and power losses. */
class QueueTableModelTest {

    private static final Path FOLDER = Path.of("/store/index");

    /** In place of a queue's number in the record that ends a topic. */
    private static final int END_OF_TOPIC = -1;

    private record Rec(String topic, int queueId, long queueOffset, long logOffset, int size, int crc, long tagsCode) {}

    private static final class World {
        private final RandomGenerator random;
        private final ReentrantLock appendLock = new ReentrantLock();
        private final List<Damage> damages = new ArrayList<>();
        private boolean lostAny;
        private final List<Rec> log = new ArrayList<>();
        private final Map<String, List<Rec>> model = new HashMap<>();
        private final Map<String, Long> starts = new HashMap<>();
        private final EntrySlice slice = new EntrySlice(40);
        private SimDisk disk = new SimDisk();
        private long readFrom;
        private QueueTable table = open(Points.NONE);
        private RecoveryPoint checkpoint = Points.NONE;
        private long end;
        private int busy;
        private long min;

        World(RandomGenerator random) {
            this.random = random;
        }

        private QueueTable open(RecoveryPoint last) {
            QueueTable opened = QueueTable.open(disk, FOLDER, appendLock, damages::add);
            readFrom = opened.recover(last);
            return opened;
        }

        private String key(String topic, int queueId) {
            return topic + '/' + queueId;
        }

        void step() {
            switch (random.nextInt(20)) {
                case 0 -> table.merge();
                case 1, 2 -> checkpoint();
                case 3 -> table.flush(anyOffset(checkpoint.upToLogOffset()));
                case 4 -> retain();
                case 5 -> restart();
                case 6 -> deleteTopic();
                case 7, 8, 9, 10 -> read();
                default -> publish();
            }
        }

        private long anyOffset(long atLeast) {
            List<Long> offsets = log.stream()
                    .map(Rec::logOffset)
                    .filter(offset -> offset >= atLeast)
                    .toList();
            return offsets.isEmpty() || random.nextInt(4) == 0 ? end : offsets.get(random.nextInt(offsets.size()));
        }

        private void publish() {
            // One busy topic at a time: the queues of the others outlive their last entries.
            busy = random.nextInt(30) == 0 ? random.nextInt(4) : busy;
            for (int n = random.nextInt(30); n >= 0; n--) {
                String topic = "topic-ü-" + busy;
                int queueId = random.nextInt(3);
                Queue queue = table.queue(topic, queueId);
                List<Rec> records = model.computeIfAbsent(key(topic, queueId), k -> new ArrayList<>());
                long start = starts.getOrDefault(key(topic, queueId), 0L);
                int size = 1 + random.nextInt(500);
                Rec record =
                        new Rec(topic, queueId, start + records.size(), end, size, random.nextInt(), random.nextLong());
                assertThat(queue.reserve(1)).isEqualTo(record.queueOffset);
                queue.publish(record.queueOffset, record.logOffset, size, record.crc, record.tagsCode);
                records.add(record);
                log.add(record);
                end += size;
            }
        }

        private void checkpoint() {
            long upTo = anyOffset(checkpoint.upToLogOffset());
            table.flush(upTo);
            checkpoint = Points.of(table, upTo);
            table.deleteRetired();
        }

        private void retain() {
            long to = random.nextBoolean() ? checkpoint.upToLogOffset() : anyOffset(min);
            if (to >= min && to <= checkpoint.upToLogOffset()) {
                min = to;
                table.retain(to);
                log.removeIf(record -> record.logOffset < min);
            }
        }

        private void deleteTopic() {
            if (random.nextInt(4) == 0) {
                String topic = "topic-ü-" + random.nextInt(4);
                Rec last = new Rec(topic, END_OF_TOPIC, 0, end++, 1, 0, 0);
                log.add(last);
                recover(last);
                for (int id = 0; id < 3; id++) {
                    model.remove(key(topic, id));
                }
            }
        }

        /** A snapshot may be lost: an older one, and the log behind it, say the same. */
        private void loseASnapshot() {
            List<Path> snapshots = disk.files().stream()
                    .filter(file -> file.toString().endsWith(".snap"))
                    .toList();
            if (snapshots.size() == 2 && min == 0 && random.nextInt(3) == 0) {
                disk.delete(snapshots.get(random.nextInt(2)));
                lostAny = true;
            }
        }

        private void restart() {
            if (random.nextBoolean()) {
                disk = disk.killProcess();
            } else {
                disk = disk.losePower(random);
            }
            loseASnapshot();
            table = open(checkpoint);
            table.retain(min);
            log.stream().filter(r -> r.logOffset >= readFrom).forEach(this::recover);
            table.recovered();
            checkAll();
            if (readFrom < checkpoint.upToLogOffset()) {
                // What was made anew is named before anything is deleted.
                checkpoint();
            }
        }

        private void recover(Rec r) {
            if (r.queueId == END_OF_TOPIC) {
                table.end(r.topic, r.logOffset);
                return;
            }
            byte[] topic = ("x" + r.topic).getBytes(StandardCharsets.UTF_8);
            table.enter(topic, 1, topic.length - 1, r.queueId, r.queueOffset, r.logOffset, r.size, r.crc, r.tagsCode);
        }

        private void read() {
            String topic = "topic-ü-" + random.nextInt(4);
            int queueId = random.nextInt(3);
            Queue queue = table.find(topic, queueId);
            List<Rec> records = model.get(key(topic, queueId));
            if (records == null) {
                assertThat(queue == null || queue.maxOffset() == 0).isTrue();
                return;
            }
            long at = random.nextInt(records.size() + 2);
            check(Objects.requireNonNull(queue), records, at, 1 + random.nextInt(40));
        }

        private void check(Queue queue, List<Rec> records, long at, int wanted) {
            assertThat(queue.maxOffset()).isEqualTo(records.size());
            long first = records.stream()
                    .filter(r -> r.logOffset >= min)
                    .mapToLong(Rec::queueOffset)
                    .findFirst()
                    .orElse(records.size());
            assertThat(queue.minOffset()).isEqualTo(first);
            int count = queue.read(at, wanted, slice);
            long expected = at < first ? 0 : Math.max(0, Math.min(wanted, records.size() - at));
            assertThat(count).isEqualTo((int) expected);
            for (int i = 0; i < count; i++) {
                Rec r = records.get((int) at + i);
                assertThat(slice.logOffset[i]).isEqualTo(r.logOffset);
                assertThat(slice.size[i]).isEqualTo(r.size);
                assertThat(slice.crc[i]).isEqualTo(r.crc);
                assertThat(slice.tagsCode[i]).isEqualTo(r.tagsCode);
            }
        }

        void checkAll() {
            model.forEach((key, records) -> {
                Queue queue = Objects.requireNonNull(
                        table.find(key.substring(0, key.indexOf('/')), key.charAt(key.length() - 1) - '0'));
                for (long at = 0; at < records.size(); at += 40) {
                    check(queue, records, at, 40);
                }
            });
        }
    }

    @Test
    void tableIsWhatTheListsAre() {
        Seeds.forEach(60, random -> {
            World world = new World(random);
            for (int i = 0; i < 300; i++) {
                world.step();
            }
            world.checkAll();
            world.restart();
            assertThat(world.damages)
                    .allMatch(damage -> world.lostAny && damage.what().startsWith("the file is missing"));
        });
    }
}
