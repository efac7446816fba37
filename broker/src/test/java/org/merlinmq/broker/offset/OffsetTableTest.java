package org.merlinmq.broker.offset;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.group.FakeJournal;
import org.merlinmq.broker.state.Journal;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.state.StateChange;

class OffsetTableTest {
    private final FakeJournal journal = new FakeJournal();
    private final ThroughputStats throughput = new ThroughputStats(() -> 0, at -> {}, ZoneOffset.UTC);
    private final AtomicInteger asked = new AtomicInteger();
    private final OffsetTable table = table();

    private OffsetTable table() {
        return new OffsetTable(journal, throughput, asked::incrementAndGet);
    }

    private OffsetTable replayed(FakeJournal records) {
        OffsetTable again = table();
        records.replay(again::apply);
        return again;
    }

    @Test
    void manyCommitsBecomeOneRecordAndSurviveARestart() {
        for (int i = 1; i <= 1000; i++) {
            table.commit("G", "T", i % 4, i);
        }
        assertThat(journal.size()).isZero();
        assertThat(asked.get()).isEqualTo(1);
        table.flush();
        assertThat(journal.size()).isEqualTo(1);
        table.flush();
        assertThat(journal.size()).as("nothing changed").isEqualTo(1);
        OffsetTable again = replayed(journal);
        assertThat(again.committed("G", "T", 0)).isEqualTo(1000);
        assertThat(again.committed("G", "T", 3)).isEqualTo(999);
        assertThat(again.committed("G", "T", 4)).isEqualTo(ConsumeProgress.NONE);
        journal.clear();
        again.flush();
        assertThat(journal.size()).as("what was replayed is not written again").isZero();
    }

    @Test
    void anOffsetIsFoundByTheBytesOfItsNames() {
        table.commit("G", "T", 0, 7);
        byte[] names = "GT".getBytes(StandardCharsets.UTF_8);
        assertThat(requireNonNull(table.find(names, 0, 1, names, 1, 1)).committed(0))
                .isEqualTo(7);
        assertThat(table.find(names, 1, 1, names, 0, 1)).isNull();
    }

    @Test
    void lowerOffsetsAreTakenAndSenselessOnesAreNot() {
        assertThat(table.commit("G", "T", 0, 7)).isTrue();
        assertThat(table.commit("G", "T", 0, 3)).isTrue();
        assertThat(table.committed("G", "T", 0)).isEqualTo(3);
        assertThat(table.commit("G", "T", -1, 3)).isFalse();
        assertThat(table.commit("G", "T", ConsumeProgress.MAX_QUEUES, 3)).isFalse();
        assertThat(table.commit("G", "T", 0, -1)).isFalse();
    }

    @Test
    void aResetIsToldOnceAndCommitsAreIgnoredUntilThen() {
        table.commit("G", "T", 1, 50);
        table.reset("G", "T", 1, 10);
        ConsumeProgress of = requireNonNull(table.find("G", "T"));
        assertThat(of.committed(1)).isEqualTo(10);
        assertThat(of.commit(1, 51)).as("of the time before the reset").isFalse();

        ConsumeProgress afterCrash = requireNonNull(replayed(journal).find("G", "T"));
        assertThat(afterCrash.reset(1)).as("durable when reset returned").isEqualTo(10);

        assertThat(of.takeReset(1)).isEqualTo(10);
        assertThat(of.takeReset(1)).isEqualTo(ConsumeProgress.NONE);
        assertThat(of.commit(1, 11)).isTrue();
        table.flush();
        ConsumeProgress later = requireNonNull(replayed(journal).find("G", "T"));
        assertThat(later.reset(1)).isEqualTo(ConsumeProgress.NONE);
        assertThat(later.committed(1)).isEqualTo(11);
    }

    @Test
    void whoReadADeletedTopicBeginsItAnewHoweverOftenTheBrokerStarts() {
        table.commit("G", "T", 1, 3);
        table.removeTopic("T", new StateChange());
        OffsetTable deleted = replayed(journal);
        assertThat(deleted.find("G", "T")).isNull();
        assertThat(deleted.findOrAdd("G", "T").reset(1)).isZero();
        deleted.flush();

        OffsetTable begun = replayed(journal);
        ConsumeProgress of = requireNonNull(begun.find("G", "T"));
        assertThat(of.reset(1)).isZero();
        of.takeReset(1);
        of.commit(1, 1);
        begun.flush();

        OffsetTable later = replayed(journal);
        assertThat(requireNonNull(later.find("G", "T")).reset(1)).isEqualTo(ConsumeProgress.NONE);
        assertThat(later.removeGroup("G", new StateChange())).isPositive();
        assertThat(replayed(journal).findOrAdd("G", "T").reset(1))
                .as("it was told")
                .isEqualTo(ConsumeProgress.NONE);
    }

    @Test
    void ofThoseWhoReadDeletedTopicsTheOldestAreForgotten() {
        table.commit("G", "T", 0, 3);
        table.removeTopic("T", new StateChange());
        for (int i = 0; i < 10_000; i++) {
            table.commit("H" + i, "U", 0, 3);
        }
        table.removeTopic("U", new StateChange());
        for (OffsetTable each : List.of(replayed(journal), table)) {
            assertThat(each.findOrAdd("G", "T").reset(0)).isEqualTo(ConsumeProgress.NONE);
            assertThat(each.findOrAdd("H0", "U").reset(0)).isZero();
            assertThat(each.findOrAdd("H9999", "U").reset(0)).isZero();
        }
    }

    @Test
    void whatTheJournalDidNotTakeIsWrittenWhenItDoes() {
        AtomicBoolean full = new AtomicBoolean();
        OffsetTable onFullDisk = new OffsetTable(
                change -> {
                    if (full.get()) {
                        throw new DiskException("no space", true, null);
                    }
                    return journal.append(change);
                },
                throughput,
                asked::incrementAndGet);
        onFullDisk.reset("G", "T", 1, 10);
        requireNonNull(onFullDisk.find("G", "T")).takeReset(1);
        onFullDisk.commit("G", "T", 0, 7);
        full.set(true);
        int before = asked.get();
        assertThatThrownBy(onFullDisk::flush).isInstanceOf(DiskException.class);
        assertThatThrownBy(onFullDisk::flush).as("not forgotten").isInstanceOf(DiskException.class);
        assertThat(asked.get()).as("asks for another call each time").isEqualTo(before + 2);
        assertThat(onFullDisk.committed("G", "T", 0)).isEqualTo(7);
        full.set(false);
        onFullDisk.flush();
        ConsumeProgress again = requireNonNull(replayed(journal).find("G", "T"));
        assertThat(again.committed(0)).isEqualTo(7);
        assertThat(again.committed(1)).isEqualTo(10);
        assertThat(again.reset(1)).as("a reset that was taken").isEqualTo(ConsumeProgress.NONE);
    }

    @Test
    void removedGroupsAndTopicsStayRemoved() {
        table.commit("G", "T", 0, 1);
        table.commit("G", "U", 0, 2);
        table.commit("H", "T", 0, 3);
        table.flush();
        table.removeTopic("T", new StateChange());
        table.commit("H", "V", 0, 4);
        table.flush();
        table.removeGroup("H", new StateChange());
        for (OffsetTable one : List.of(table, replayed(journal))) {
            assertThat(one.committed("G", "T", 0)).isEqualTo(ConsumeProgress.NONE);
            assertThat(one.committed("G", "U", 0)).isEqualTo(2);
            assertThat(one.ofGroup("H")).isEmpty();
        }
    }

    @Test
    void whatIsRemovedWithAGroupOrATopicIsOneChange() {
        table.commit("G", "T", 9, 1);
        table.reset("G", "U", 0, 2);
        table.flush();
        journal.clear();
        byte[] key = {'G'};
        table.removeGroup("G", new StateChange().remove(StateTypes.GROUP, key));
        assertThat(journal.size()).isEqualTo(1);
        List<Integer> types = new ArrayList<>();
        journal.replay((type, name, value) -> {
            types.add(type);
            assertThat(value).isNull();
        });
        assertThat(types).contains(StateTypes.GROUP, StateTypes.OFFSETS, StateTypes.RESETS);
        table.removeGroup("nobody", new StateChange());
        assertThat(journal.size()).as("nothing to remove").isEqualTo(1);
    }

    @Test
    void manyQueuesAreWrittenInBlocksAndOnlyThoseThatChanged() {
        for (int queue = 0; queue < 100; queue++) {
            table.commit("G", "T", queue, queue + 1);
        }
        table.flush();
        journal.clear();
        table.commit("G", "T", 50, 77);
        table.flush();
        List<Integer> values = new ArrayList<>();
        journal.replay((type, key, value) -> values.add(value == null ? 0 : value.length));
        assertThat(values).containsExactly(8 * Long.BYTES);
    }

    @Test
    void moreChangesThanARecordTakesBecomeSeveral() {
        OffsetTable small = new OffsetTable(
                new Journal() {
                    @Override
                    public long append(StateChange change) {
                        assertThat(change.bytes()).isLessThan(2_000);
                        return journal.append(change);
                    }

                    @Override
                    public int maxBytes() {
                        return 1_000;
                    }
                },
                throughput,
                asked::incrementAndGet);
        for (int group = 0; group < 100; group++) {
            small.commit("G" + group, "T", 0, group);
        }
        small.flush();
        assertThat(journal.size()).isBetween(3, 20);
        assertThat(replayed(journal).committed("G99", "T", 0)).isEqualTo(99);
    }

    @Test
    void offsetsOfRocketMqAreReadWithBareAndQuotedQueueIds() {
        String text = "{\"dataVersion\":{\"counter\":1},\"offsetTable\":{\"T@G\":{0:4,1:5},\"%RETRY%G@G\":{\"0\":7}}}";
        assertThat(OffsetJson.read(text.getBytes(StandardCharsets.UTF_8), table))
                .isEqualTo(3);
        assertThat(table.committed("G", "T", 1)).isEqualTo(5);
        assertThat(table.committed("G", "%RETRY%G", 0)).isEqualTo(7);
        assertThat(new String(OffsetJson.write(table), StandardCharsets.UTF_8))
                .contains("\"offsetTable\":{\"%RETRY%G@G\":{\"0\":7},\"T@G\":{\"0\":4,\"1\":5}}");
    }

    private static OffsetJson.Entry of(int queueId, long queueOffset) {
        return new OffsetJson.Entry("G", "T", queueId, queueOffset);
    }

    /** What a leader's table writes reaches a follower's. */
    private void written(OffsetTable follower) {
        table.flush();
        journal.replay(follower::apply);
        journal.clear();
    }

    @Test
    void whatIsCommittedAtAFollowerStaysUntilTheJournalHasItOrGoesBack() {
        OffsetTable follower = table();
        table.commit("G", "T", 0, 10);
        table.commit("G", "T", 1, 5);
        written(follower);
        assertThat(follower.aheadOfJournal()).isEmpty();
        follower.commit("G", "T", 0, 15);
        follower.commit("G", "T", 2, 1);
        assertThat(follower.aheadOfJournal()).containsExactly(of(0, 15), of(2, 1));
        table.commit("G", "T", 1, 6);
        written(follower);
        assertThat(follower.committed("G", "T", 1)).isEqualTo(6);
        assertThat(follower.aheadOfJournal()).as("of the same block").containsExactly(of(0, 15), of(2, 1));
        table.commit("G", "T", 0, 12);
        written(follower);
        assertThat(follower.aheadOfJournal()).as("less than here").containsExactly(of(0, 15), of(2, 1));
        table.commit("G", "T", 0, 15);
        table.commit("G", "T", 2, 4);
        written(follower);
        assertThat(follower.aheadOfJournal()).isEmpty();
        assertThat(follower.committed("G", "T", 2)).isEqualTo(4);
        follower.commit("G", "T", 0, 20);
        table.commit("G", "T", 0, 11);
        written(follower);
        assertThat(follower.committed("G", "T", 0)).as("set back").isEqualTo(11);
        assertThat(follower.aheadOfJournal()).isEmpty();
    }

    @Test
    void aResetToTheCommittedOffsetIsWritten() {
        table.commit("G", "T", 0, 10);
        table.flush();
        table.reset("G", "T", 0, 10);
        assertThat(requireNonNull(replayed(journal).find("G", "T")).reset(0)).isEqualTo(10);
    }

    @Test
    void aResetCountsMoreThanWhatIsCommittedAtAFollower() {
        OffsetTable follower = table();
        table.commit("G", "T", 0, 10);
        written(follower);
        for (long reset : new long[] {10, 12}) {
            follower.commit("G", "T", 0, 15);
            table.reset("G", "T", 0, reset);
            written(follower);
            assertThat(follower.aheadOfJournal()).isEmpty();
            assertThat(follower.committed("G", "T", 0)).isEqualTo(reset);
            requireNonNull(table.find("G", "T")).takeReset(0);
            written(follower);
            assertThat(follower.aheadOfJournal()).isEmpty();
        }
    }

    @Test
    void aFollowerThatLeadsWritesWhatWasCommittedAtIt() {
        OffsetTable follower = table();
        table.commit("G", "T", 0, 10);
        table.commit("G", "T", 1, 10);
        written(follower);
        follower.commit("G", "T", 0, 15);
        follower.commit("G", "T", 1, 3);
        assertThat(follower.aheadOfJournal()).containsExactly(of(0, 15));
        follower.flush();
        OffsetTable after = replayed(journal);
        assertThat(after.committed("G", "T", 0)).isEqualTo(15);
        assertThat(after.committed("G", "T", 1)).isEqualTo(3);
    }
}
