package org.merlinmq.storage.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.storage.index.LogIndex.RecoveryPoint;
import org.merlinmq.storage.index.Points;
import org.merlinmq.testkit.SimDisk;

/** Single cases of the timer index; {@link TimerIndexModelTest} has the whole. */
class TimerIndexTest {

    private static final Path FOLDER = Path.of("/store/index");
    private static final int MAX_IN_MEMORY = 4;
    private static final long LATER = 50_000;

    private final SimDisk disk = new SimDisk();
    private final TimerIndex index = open(Points.NONE);

    private TimerIndex open(RecoveryPoint checkpoint) {
        TimerIndex opened = TimerIndex.open(disk, FOLDER, MAX_IN_MEMORY, damage -> {
            throw new AssertionError(damage);
        });
        opened.recover(checkpoint);
        opened.start();
        return opened;
    }

    private static List<Long> drain(TimerIndex from, long nowMillis) {
        List<Long> handedOut = new ArrayList<>();
        from.drainDue(nowMillis, (due, logOffset) -> handedOut.add(logOffset));
        return handedOut;
    }

    /** Adds a timer of log offset 1 and lets the horizon go beyond {@link #LATER}. */
    private void moveHorizon() {
        index.add(1, 1);
        assertThat(drain(index, 1)).containsExactly(1L);
        index.settle(1, 2);
    }

    @Test
    void cancelledTimersThatFillTheMemoryDoNotHoldUpThoseBehind() {
        moveHorizon();
        for (int i = 10; i < 10 + 2 * MAX_IN_MEMORY + 1; i++) {
            index.add(1000 + i, i);
        }
        assertThat(index.nearEntries()).as("the horizon was pulled in").isEqualTo(MAX_IN_MEMORY);
        for (int i = 10; i < 10 + MAX_IN_MEMORY; i++) {
            index.settle(i, 100 + i);
        }
        assertThat(drain(index, 2000)).containsExactly(14L, 15L, 16L, 17L, 18L);
    }

    @Test
    void timersSettledWhileTheyWaitForARetryTakeNoRoom() {
        for (int i = 1; i <= MAX_IN_MEMORY; i++) {
            index.add(1000, i);
        }
        drain(index, 1000).forEach(logOffset -> index.retry(1000, logOffset, 9_000_000));
        for (int i = 1; i <= MAX_IN_MEMORY; i++) {
            index.settle(i, 100 + i);
        }
        index.add(8_000_000, 200);
        assertThat(index.nextDueMillis()).isLessThanOrEqualTo(8_000_000);
        assertThat(drain(index, 8_000_000)).containsExactly(200L);
        assertThat(drain(index, 9_000_000)).isEmpty();
    }

    @Test
    void timersThatWaitForARetryDoNotPullTheHorizonIn() {
        int many = 3 * MAX_IN_MEMORY;
        for (int i = 1; i <= many; i++) {
            index.add(1000, i);
        }
        drain(index, 1000).forEach(logOffset -> index.retry(1000, logOffset, LATER));
        index.add(2000, 100);
        assertThat(index.nearEntries()).isEqualTo(many + 1);
    }

    @Test
    void aDamagedRunIsReportedAtTheStartAndDoesNotEndIt() {
        index.add(LATER, 10);
        index.flush(20);
        RecoveryPoint checkpoint = Points.of(index, 20);
        Path run = FOLDER.resolve(index.live().getFirst().name());
        byte[] one = new byte[1];
        try (DiskFile file = disk.open(run)) {
            file.read(70, one, 0, 1);
            one[0] ^= 0x10;
            file.write(70, one, 0, 1);
        }
        List<Damage> damages = new ArrayList<>();
        TimerIndex again = TimerIndex.open(disk, FOLDER, MAX_IN_MEMORY, damages::add);
        again.recover(checkpoint);
        assertThat(damages).hasSize(1);
        assertThat(again.damaged()).isEqualTo(index.live());
        try (TimerRebuild rebuild = again.rebuild(again.damaged().getFirst())) {
            rebuild.add(LATER, 10);
            rebuild.finish();
        }
        again.start();
        assertThat(again.count()).isEqualTo(1);
        again.close();
    }

    @Test
    void overdueTimerThatComesDuringAFlushOutlivesACrash() {
        moveHorizon();
        index.add(LATER, 10);
        assertThat(drain(index, 5000)).isEmpty();
        disk.fault((operation, path, count) -> {
            disk.fault((o, p, c) -> {});
            index.add(3000, 30);
        });
        index.flush(20);
        index.flush(40);
        RecoveryPoint checkpoint = Points.of(index, 40);
        assertThat(drain(open(checkpoint), 6000)).containsExactly(30L);
    }

    /** Turns a bit over in the first entry of a run. */
    private void damage(TimerIndex of, int run) {
        disk.flip(FOLDER.resolve(of.live().get(run).name()), 70 * 8);
    }

    private TimerIndex openDamaged(List<Damage> damages) {
        TimerIndex opened = TimerIndex.open(disk, FOLDER, MAX_IN_MEMORY, damages::add);
        opened.recover(Points.NONE);
        opened.start();
        return opened;
    }

    @Test
    void nothingIsFetchedPastADamagedRunUntilItIsRebuilt() {
        List<Damage> damages = new ArrayList<>();
        TimerIndex one = openDamaged(damages);
        one.add(LATER, 10);
        one.add(LATER + 1, 11);
        one.flush(20);
        one.add(LATER + 2, 30);
        damage(one, 0);
        assertThat(drain(one, 2 * LATER)).isEmpty();
        assertThat(damages).hasSize(1);
        assertThat(one.nextDueMillis()).as("no spinning").isEqualTo(Long.MAX_VALUE);
        boolean[] woken = {false};
        one.onEarlier(() -> woken[0] = true);
        try (TimerRebuild rebuild = one.rebuild(one.damaged().getFirst())) {
            rebuild.add(LATER, 10);
            rebuild.add(LATER + 1, 11);
            rebuild.finish();
        }
        assertThat(woken[0]).isTrue();
        assertThat(one.damaged()).isEmpty();
        assertThat(drain(one, 2 * LATER)).containsExactly(10L, 11L, 30L);
        assertThat(one.count()).isEqualTo(3);
    }

    @Test
    void theTombstonesOfADamagedRunAreFoundAgainInTheLog() {
        List<Damage> damages = new ArrayList<>();
        TimerIndex one = openDamaged(damages);
        one.add(LATER, 10);
        one.add(LATER + 1, 11);
        one.flush(20);
        one.settle(11, 30);
        one.flush(40);
        assertThat(one.live()).as("timers, and a tombstone").hasSize(2);
        damage(one, 1);
        assertThat(drain(one, 2 * LATER)).isEmpty();
        try (TimerRebuild rebuild = one.rebuild(one.damaged().getFirst())) {
            assertThat(rebuild.endsBelow()).isEqualTo(40);
            rebuild.settled(11, 30);
            rebuild.add(LATER + 1, 11);
            rebuild.finish();
        }
        one.flush(50);
        assertThat(drain(one, 2 * LATER)).containsExactly(10L);
        one.settle(10, 60);
        one.flush(70);
        one.retain(0);
        assertThat(one.live()).isEmpty();
    }

    @Test
    void overdueTimerOfADamagedRunIsNotTakenForASettledOne() {
        moveHorizon();
        index.flush(5);
        assertThat(drain(index, 5000)).isEmpty();
        index.flush(6);
        assertThat(ByteBuffer.wrap(index.progress()).getLong()).isEqualTo(5000);
        index.add(3000, 10);
        index.flush(20);
        RecoveryPoint checkpoint = Points.of(index, 20);
        damage(index, index.live().size() - 1);
        List<Damage> damages = new ArrayList<>();
        TimerIndex again = TimerIndex.open(disk, FOLDER, MAX_IN_MEMORY, damages::add);
        again.recover(checkpoint);
        assertThat(damages).hasSize(1);
        try (TimerRebuild rebuild = again.rebuild(again.damaged().getFirst())) {
            rebuild.add(3000, 10);
            rebuild.finish();
        }
        again.start();
        assertThat(drain(again, 6000)).containsExactly(10L);
    }

    @Test
    void whereTheLogBeginsToBeWaitedForIsKnownWithoutAWalk() {
        long stretch = 1 << 20;
        index.add(LATER, 5 * stretch + 10);
        index.add(LATER, 7 * stretch + 10);
        assertThat(index.firstLogOffset()).isEqualTo(5 * stretch);
        index.retain(6 * stretch);
        assertThat(index.firstLogOffset()).isEqualTo(7 * stretch);
        assertThat(index.count()).isEqualTo(1);
    }
}
