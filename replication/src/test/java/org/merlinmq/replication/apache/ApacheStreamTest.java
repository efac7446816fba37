package org.merlinmq.replication.apache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.storage.log.BrokenLogException;
import org.merlinmq.storage.log.LogReceiver;
import org.merlinmq.testkit.Golden;
import org.merlinmq.testkit.Seeds;

/** Both ends of the stream without sockets: what each byte brings about, and when. */
final class ApacheStreamTest {
    private static final StreamTiming TIMING = TestStore.TIMING;
    private static final int SEGMENT = TestStore.SEGMENT;
    private static final long HEARTBEAT = TIMING.heartbeat().toMillis();
    private static final long SILENCE = TIMING.silence().toMillis();

    /** What slaves reported. */
    private final List<Long> acked = new ArrayList<>();

    private static byte[] report(long logOffset) {
        return ByteBuffer.allocate(8).putLong(logOffset).array();
    }

    private static byte[] frame(long logOffset, byte[] log) {
        return ByteBuffer.allocate(12 + log.length)
                .putLong(logOffset)
                .putInt(log.length)
                .put(log)
                .array();
    }

    private static void give(ApacheStream stream, long nowMillis, byte[] bytes) {
        stream.receive(bytes, 0, bytes.length, nowMillis);
    }

    private static byte[] take(ApacheStream stream, long nowMillis) {
        return take(stream, nowMillis, 1 << 20);
    }

    private static byte[] take(ApacheStream stream, long nowMillis, int room) {
        ByteBuffer out = ByteBuffer.allocate(room);
        stream.fill(out, nowMillis);
        return Arrays.copyOf(out.array(), out.position());
    }

    private static void assertHex(byte[] bytes, byte[] expected) {
        HexFormat hex = HexFormat.of();
        assertThat(hex.formatHex(bytes)).isEqualTo(hex.formatHex(expected));
    }

    private static byte[] golden(String name) {
        return Golden.read(ApacheStreamTest.class, name);
    }

    /** Their records, too: whatever way the bytes are cut, they are taken as they are, served on so, and reported as theirs do. */
    @ParameterizedTest
    @ValueSource(strings = {"4.9.7", "5.5.0"})
    void whatRocketMqsMasterSendsIsTakenAndSentOnAsItCame(String version) {
        byte[] theirs = golden("apache-" + version + "-master.hex");
        byte[] record = Arrays.copyOfRange(theirs, 12, theirs.length - 24);
        for (int cut = 1; cut < theirs.length; cut++) {
            try (TestStore copy = new TestStore()) {
                LogReceiver receiver = copy.storage.follow();
                ApacheSlaveStream slave = new ApacheSlaveStream(receiver, TIMING, false, () -> {}, 0);
                assertThat(take(slave, 0)).isEqualTo(report(0));
                slave.receive(theirs, 0, cut, 0);
                slave.receive(theirs, cut, theirs.length - cut, 0);
                assertThat(slave.ended()).as("cut at %d", cut).isNull();
                assertThat(take(slave, 0)).isEqualTo(report(record.length));
                receiver.close();
                assertThat(copy.log(0)).isEqualTo(record);
                assertThat(copy.read("T")).containsExactly("first");

                ApacheMasterStream master = new ApacheMasterStream(copy.storage, TIMING, acked::add, 0);
                give(master, 0, report(0));
                ByteBuffer sent = ByteBuffer.allocate(theirs.length);
                sent.put(take(master, 0)).put(take(master, HEARTBEAT)).put(take(master, 2 * HEARTBEAT));
                assertHex(sent.array(), theirs);
            }
        }
    }

    @Test
    void aMasterTakesWhatRocketMqsSlaveReports() {
        try (TestStore store = new TestStore()) {
            LogReceiver receiver = store.storage.follow();
            byte[] theirs = golden("apache-4.9.7-master.hex");
            give(new ApacheSlaveStream(receiver, TIMING, false, () -> {}, 0), 0, theirs);
            receiver.close();
            byte[] reports = golden("apache-4.9.7-slave.hex");
            ApacheMasterStream master = new ApacheMasterStream(store.storage, TIMING, acked::add, 0);
            assertThat(take(master, HEARTBEAT)).as("before the first report").isEmpty();
            master.receive(reports, 0, 8, 0);
            assertThat(take(master, 1)).hasSize(12 + 106);
            assertThat(take(master, HEARTBEAT)).as("not idle for long enough").isEmpty();
            master.receive(reports, 8, 8, 1);
            assertThat(master.ended()).isNull();
            assertThat(acked).containsExactly(0L, 106L);
        }
    }

    @Test
    void aMasterWithNothingToSendAnswersTheFirstReportAtOnce() {
        try (TestStore store = new TestStore()) {
            ApacheMasterStream master = new ApacheMasterStream(store.storage, TIMING, acked::add, 0);
            assertThat(take(master, 1)).as("before the first report").isEmpty();
            give(master, 2, report(0));
            assertThat(take(master, 2)).isEqualTo(frame(0, new byte[0]));
            assertThat(take(master, 1 + HEARTBEAT)).as("once").isEmpty();
            assertThat(take(master, 2 + HEARTBEAT)).isEqualTo(frame(0, new byte[0]));
        }
    }

    @Test
    void theRateIsThatOfTheLastSecond() {
        try (TestStore store = new TestStore()) {
            store.fill(10_000);
            ApacheMasterStream master = new ApacheMasterStream(store.storage, TIMING, acked::add, 0);
            give(master, 0, report(0));
            long sent = take(master, 0).length;
            assertThat(master.bytesPerSecond(0)).as("no second has passed").isZero();
            store.fill(10_000);
            sent += take(master, 2_000).length;
            assertThat(master.bytesPerSecond(2_000)).isEqualTo(sent / 2);
            assertThat(master.bytesPerSecond(4_000)).isEqualTo(sent / 2);
            assertThat(master.bytesPerSecond(4_001)).as("long ago").isZero();
        }
    }

    @Test
    void aSlaveThatHasNothingGetsTheLastSegment() {
        try (TestStore master = new TestStore()) {
            master.fill(2 * SEGMENT + 1000);
            ApacheMasterStream stream = new ApacheMasterStream(master.storage, TIMING, acked::add, 0);
            give(stream, 0, report(0));
            byte[] sent = take(stream, 0);
            assertThat(ByteBuffer.wrap(sent).getLong()).isEqualTo(2 * SEGMENT);
            assertThat(stream.sentLogOffset()).isEqualTo(master.storage.maxLogOffset());
            assertThat(stream.ackedLogOffset()).isZero();
            give(stream, 0, report(0));
            assertThat(stream.ended())
                    .as("it may say so again before it has got anything")
                    .isNull();
        }
    }

    @Test
    void aSlaveThatHasNothingAsksForTheFirstByteByTheSecond() {
        try (TestStore master = new TestStore();
                TestStore copy = new TestStore()) {
            master.fill(2 * SEGMENT + 1000);
            LogReceiver receiver = copy.storage.follow();
            ApacheMasterStream from = new ApacheMasterStream(master.storage, TIMING, acked::add, 0);
            ApacheSlaveStream to = new ApacheSlaveStream(receiver, TIMING, false, () -> {}, 0);
            give(from, 0, take(to, 0));
            give(to, 0, take(from, 0));
            assertThat(to.ended()).isNotNull();
            assertThat(to.beginsLater()).isTrue();

            from = new ApacheMasterStream(master.storage, TIMING, acked::add, 0);
            to = new ApacheSlaveStream(receiver, TIMING, true, () -> {}, 0);
            byte[] asked = take(to, 0);
            assertThat(asked).isEqualTo(report(1));
            give(from, 0, asked);
            give(to, 0, take(from, 0));
            assertThat(to.ended()).isNull();
            receiver.close();
            assertThat(copy.log(0)).isEqualTo(master.log(0));
        }
    }

    @Test
    void aSlaveThatHasSomethingGoesOnExactlyThereInFramesThatSegmentsCut() {
        try (TestStore master = new TestStore()) {
            master.fill(SEGMENT + 5000);
            long from = 777;
            ApacheMasterStream stream = new ApacheMasterStream(master.storage, TIMING, acked::add, 0);
            give(stream, 0, report(from));
            ByteBuffer sent = ByteBuffer.wrap(take(stream, 0));
            ByteBuffer log = ByteBuffer.allocate((int) (master.storage.maxLogOffset() - from));
            while (sent.hasRemaining()) {
                long logOffset = sent.getLong();
                int count = sent.getInt();
                assertThat(logOffset).isEqualTo(from + log.position());
                assertThat(count).isBetween(1, 32768);
                assertThat(logOffset / SEGMENT).as("one segment").isEqualTo((logOffset + count - 1) / SEGMENT);
                byte[] part = new byte[count];
                sent.get(part);
                log.put(part);
            }
            assertThat(log.array()).isEqualTo(master.log(from));
        }
    }

    @Test
    void aSlowSlaveIsGivenNoMoreThanTheBufferHolds() {
        try (TestStore master = new TestStore()) {
            master.fill(SEGMENT);
            ApacheMasterStream stream = new ApacheMasterStream(master.storage, TIMING, acked::add, 0);
            give(stream, 0, report(1));
            assertThat(take(stream, 0, 2 * (12 + 32768))).hasSize(2 * (12 + 32768));
            assertThat(stream.sentLogOffset()).isEqualTo(1 + 2 * 32768);
        }
    }

    /** In virtual time: as the connection asks for it, and no earlier. */
    @Test
    void aSlaveGetsNoMoreThanTheRate() {
        try (TestStore master = new TestStore()) {
            master.fill(3 * SEGMENT);
            long end = master.storage.maxLogOffset();
            long rate = 100_000;
            StreamTiming limited = TIMING.withMaxBytesPerSecond(rate);
            ApacheMasterStream stream = new ApacheMasterStream(master.storage, limited, acked::add, 0);
            give(stream, 0, report(1));
            long now = 0;
            int turns = 0;
            while (stream.sentLogOffset() < end) {
                take(stream, now);
                assertThat(stream.sentLogOffset() - 1).isLessThanOrEqualTo(32_768 + rate * now / 1_000);
                stream.receive(report(stream.sentLogOffset()), 0, 8, now);
                turns++;
                now = Math.max(now + 1, stream.nextMillis());
            }
            assertThat(now).isBetween((end - 40_000) * 1_000 / rate, (end + 40_000) * 1_000 / rate);
            assertThat(turns).as("it is not asked for crumbs").isLessThan((int) (end / 10_000));
        }
    }

    @Test
    void reportsAreAcknowledgementsHoweverTheyAreCut() {
        try (TestStore master = new TestStore()) {
            master.fill(3000);
            ApacheMasterStream stream = new ApacheMasterStream(master.storage, TIMING, acked::add, 0);
            give(stream, 0, report(100));
            assertThat(stream.ackedLogOffset()).isEqualTo(100);
            take(stream, 0);
            byte[] two = ByteBuffer.allocate(16).putLong(1000).putLong(2000).array();
            stream.receive(two, 0, 11, 0);
            assertThat(stream.ackedLogOffset()).isEqualTo(1000);
            stream.receive(two, 11, 5, 0);
            assertThat(stream.ackedLogOffset()).isEqualTo(2000);
            assertThat(acked).containsExactly(100L, 1000L, 2000L);
            assertThat(stream.ended()).isNull();
        }
    }

    @Test
    void aSlaveWhoseLogIsNoCopyOfThisOneIsTurnedAway() {
        try (TestStore master = new TestStore()) {
            master.fill(3000);
            long end = master.storage.maxLogOffset();
            assertThat(ended(master, end + 1)).contains("its log ends at " + (end + 1) + " and this one at " + end);
            assertThat(ended(master, -1)).contains("its log ends at -1");
            assertThat(ended(master, 2000, 1999)).contains("not a copy");
            assertThat(ended(master, 2000, end + 1)).contains("not a copy");
            assertThat(ended(master, 2000, end)).isNull();
        }
        try (TestStore late = TestStore.beginningAt(SEGMENT)) {
            late.append("T", "first");
            assertThat(ended(late, SEGMENT - 1))
                    .contains("this one begins at " + SEGMENT)
                    .contains("was deleted");
            assertThat(ended(late, SEGMENT)).isNull();
        }
    }

    private @Nullable String ended(TestStore master, long... reports) {
        ApacheMasterStream stream = new ApacheMasterStream(master.storage, TIMING, acked::add, 0);
        for (long each : reports) {
            give(stream, 0, report(each));
            take(stream, 0);
        }
        return stream.ended();
    }

    @Test
    void whoeverIsSilentForTooLongIsLeft() {
        try (TestStore store = new TestStore()) {
            ApacheMasterStream master = new ApacheMasterStream(store.storage, TIMING, acked::add, 0);
            assertThat(master.nextMillis()).isEqualTo(SILENCE);
            give(master, 10, report(0));
            assertThat(master.nextMillis()).isEqualTo(HEARTBEAT);
            take(master, SILENCE + 9);
            assertThat(master.ended()).isNull();
            take(master, SILENCE + 10);
            assertThat(master.ended()).contains("silent");
            try (LogReceiver receiver = store.storage.follow()) {
                ApacheSlaveStream slave = new ApacheSlaveStream(receiver, TIMING, false, () -> {}, 0);
                take(slave, SILENCE - 1);
                assertThat(slave.ended()).isNull();
                take(slave, SILENCE);
                assertThat(slave.ended()).contains("silent");
            }
        }
    }

    @Test
    void aSlaveReportsAtFirstAfterEachFrameAndWhenIdle() {
        try (TestStore master = new TestStore();
                TestStore copy = new TestStore();
                LogReceiver receiver = copy.storage.follow()) {
            master.append("T", "first");
            master.append("T", "second");
            byte[] log = master.log(0);
            int[] followed = new int[1];
            ApacheSlaveStream slave = new ApacheSlaveStream(receiver, TIMING, false, () -> followed[0]++, 0);
            assertThat(slave.nextMillis()).isZero();
            assertThat(take(slave, 0)).isEqualTo(report(0));
            assertThat(take(slave, HEARTBEAT - 1)).isEmpty();
            assertThat(take(slave, HEARTBEAT)).isEqualTo(report(0));
            byte[] frame = frame(0, log);
            slave.receive(frame, 0, frame.length - 1, HEARTBEAT);
            assertThat(take(slave, HEARTBEAT)).as("in the middle of a frame").isEmpty();
            assertThat(copy.read("T")).containsExactly("first");
            slave.receive(frame, frame.length - 1, 1, HEARTBEAT);
            assertThat(take(slave, HEARTBEAT)).isEqualTo(report(log.length));
            give(slave, HEARTBEAT, frame(log.length, new byte[0]));
            assertThat(slave.ended()).as("after a heartbeat").isNull();
            assertThat(followed[0]).isEqualTo(1);
            assertThat(copy.read("T")).containsExactly("first", "second");
        }
    }

    @Test
    void aSlaveLeavesAMasterThatSendsSomethingElse() {
        try (TestStore copy = new TestStore();
                LogReceiver receiver = copy.storage.follow()) {
            assertThat(left(receiver, frame(16, new byte[4])))
                    .contains("log offset 16")
                    .contains("ends at 0");
            assertThat(left(receiver, frame(16, new byte[0]))).contains("log offset 16");
            assertThat(left(receiver, ByteBuffer.allocate(12).putInt(8, -1).array()))
                    .contains("-1 bytes");
            assertThat(left(
                            receiver,
                            ByteBuffer.allocate(12).putInt(8, (4 << 20) + 1).array()))
                    .contains("4194305 bytes");
            assertThatThrownBy(() -> left(receiver, frame(0, new byte[] {0, 0, 0, 99, 1, 2, 3, 4})))
                    .isInstanceOf(BrokenLogException.class);
            assertThat(receiver.end()).isZero();
        }
    }

    private static @Nullable String left(LogReceiver receiver, byte[] bytes) {
        ApacheSlaveStream slave = new ApacheSlaveStream(receiver, TIMING, false, () -> {}, 0);
        give(slave, 0, bytes);
        return slave.ended();
    }

    @Test
    void aCopyIsEqualHoweverBytesAreCutAndConnectionsBreak() {
        Seeds.forEach(30, random -> {
            try (TestStore master = new TestStore();
                    TestStore copy = new TestStore()) {
                LogReceiver receiver = copy.storage.follow();
                master.fill(random.nextInt(3000));
                for (int connection = 0; connection < 8; connection++) {
                    ApacheMasterStream from = new ApacheMasterStream(master.storage, TIMING, acked::add, 0);
                    ApacheSlaveStream to = new ApacheSlaveStream(receiver, TIMING, false, () -> {}, 0);
                    for (int round = random.nextInt(20); round >= 0; round--) {
                        master.fill(random.nextInt(20_000));
                        give(from, 0, take(to, HEARTBEAT));
                        byte[] sent = take(from, 0);
                        int last = round == 0 ? random.nextInt(sent.length + 1) : sent.length;
                        for (int at = 0; at < last; ) {
                            int part = Math.min(last - at, 1 + random.nextInt(random.nextBoolean() ? 30 : 50_000));
                            to.receive(sent, at, part, 0);
                            at += part;
                        }
                        assertThat(from.ended()).isNull();
                        assertThat(to.ended()).isNull();
                    }
                }
                ApacheMasterStream from = new ApacheMasterStream(master.storage, TIMING, acked::add, 0);
                ApacheSlaveStream to = new ApacheSlaveStream(receiver, TIMING, false, () -> {}, 0);
                while (copy.storage.maxLogOffset() < master.storage.maxLogOffset()) {
                    give(from, 0, take(to, HEARTBEAT));
                    give(to, 0, take(from, 0));
                }
                receiver.close();
                assertThat(copy.log(0)).isEqualTo(master.log(0));
                assertThat(copy.read("T")).isEqualTo(master.read("T"));
            }
        });
    }
}
