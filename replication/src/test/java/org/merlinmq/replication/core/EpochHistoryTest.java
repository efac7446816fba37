package org.merlinmq.replication.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.storage.log.EpochTable.Epoch;
import org.merlinmq.testkit.Seeds;

final class EpochHistoryTest {
    private static EpochHistory history(long end, long... numbersAndOffsets) {
        List<Epoch> epochs = new ArrayList<>();
        for (int i = 0; i < numbersAndOffsets.length; i += 2) {
            epochs.add(new Epoch((int) numbersAndOffsets[i], numbersAndOffsets[i + 1]));
        }
        return new EpochHistory(epochs, end);
    }

    @Test
    void logsOfOneEpochPartWhereTheShorterOneEnds() {
        assertThat(history(100, 0, 0).commonEnd(history(70, 0, 0))).isEqualTo(70);
    }

    @Test
    void aLogThatWentOnInItsOldEpochPartsWhereTheNewOneBegan() {
        EpochHistory former = history(130, 0, 0, 1, 50);
        EpochHistory now = history(400, 0, 0, 1, 50, 2, 100);
        assertThat(former.commonEnd(now)).isEqualTo(100);
        assertThat(now.commonEnd(former)).isEqualTo(100);
    }

    @Test
    void epochsThatOnlyOneOfThemHasDoNotCount() {
        EpochHistory one = history(300, 0, 0, 2, 100, 5, 200);
        EpochHistory other = history(300, 0, 0, 3, 120, 4, 150);
        assertThat(one.commonEnd(other)).isEqualTo(100);
    }

    @Test
    void logsWithoutACommonEpochHaveNothingInCommon() {
        assertThat(history(300, 1, 0).commonEnd(history(300, 2, 0))).isZero();
    }

    @Test
    void anEpochBeyondTheEndIsNone() {
        EpochHistory cut = history(90, 0, 0, 1, 90, 2, 91);
        assertThat(cut.last()).isEqualTo(new Epoch(1, 90));
        assertThat(cut.begin(2).last()).isEqualTo(new Epoch(2, 90));
        assertThatThrownBy(() -> cut.begin(1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLaterEpochIsAheadThoughItsLogIsShorter() {
        assertThat(history(90, 0, 0, 1, 90).isAheadOf(history(1000, 0, 0))).isTrue();
        assertThat(history(90, 0, 0).isAheadOf(history(90, 0, 0))).isFalse();
        assertThat(history(91, 0, 0).isAheadOf(history(90, 0, 0))).isTrue();
    }

    /** Logs that grow, are cut back and begin epochs by the rules, beside their bytes. */
    @Test
    void whatIsBelowTheCommonEndIsEqual() {
        Seeds.forEach(300, random -> {
            int logs = 4;
            EpochHistory[] histories = new EpochHistory[logs];
            Arrays.fill(histories, history(0, 0, 0));
            histories[0] = histories[0].begin(1);
            int[][] bytes = new int[logs][0];
            int epoch = 1;
            int leader = 0;
            for (int step = 0; step < 40; step++) {
                int one = random.nextInt(logs);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        leader = one;
                        histories[one] = histories[one].begin(++epoch);
                    }
                    case 1, 2 -> {
                        int more = random.nextInt(5);
                        int end = bytes[leader].length;
                        bytes[leader] = Arrays.copyOf(bytes[leader], end + more);
                        Arrays.fill(bytes[leader], end, end + more, step * 1000 + leader);
                        histories[leader] = histories[leader].withEnd(end + more);
                    }
                    default -> {
                        int from = (int) histories[one].commonEnd(histories[leader]);
                        int end = one == leader ? bytes[one].length : random.nextInt(from, bytes[leader].length + 1);
                        bytes[one] = Arrays.copyOf(bytes[leader], end);
                        histories[one] = new EpochHistory(histories[leader].epochs(), end);
                    }
                }
                int other = random.nextInt(logs);
                int common = (int) histories[one].commonEnd(histories[other]);
                assertThat(Arrays.copyOf(bytes[one], common)).isEqualTo(Arrays.copyOf(bytes[other], common));
            }
        });
    }
}
