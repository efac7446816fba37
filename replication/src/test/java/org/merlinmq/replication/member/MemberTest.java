package org.merlinmq.replication.member;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.testkit.SimDisk;

/** Members of a group over sockets, each with a store of its own. */
final class MemberTest {
    private final TestMembers members = new TestMembers();

    @TempDir
    private Path folder;

    @AfterEach
    void closeAll() {
        members.close();
    }

    @Test
    void aSlaveOnRealFoldersFollowsWhileItsMasterTakesSends() throws IOException {
        TestMember.Group group = members.group(2, 1, true);
        TestMember master = members.start(group, 0, new RealDisk(), folder.resolve("0"), MemberFile.currentBoot());
        TestMember slave = members.start(group, 1, new RealDisk(), folder.resolve("1"), MemberFile.currentBoot());
        master.awaitLead();
        master.fill(0, 500);
        TestMember.await("it is confirmed on two disks", () -> master.confirmed == master.end());
        assertThat(slave.storage().flushedLogOffset()).isGreaterThanOrEqualTo(master.confirmed);
        slave.awaitCopyOf(master);
        MemberView.FollowerView shown = master.member.view().followers().getFirst();
        assertThat(shown.member()).isEqualTo(1);
        assertThat(shown.flushed()).isEqualTo(master.end());
        assertThat(shown.lagBytes()).isZero();
        assertThat(master.inSync).isEqualTo(1);
    }

    @Test
    void aSlaveGoesOnAfterEachCutOfItsConnection() throws IOException {
        TestMember.Group group = members.group(2, 0, false);
        TestMember master = members.start(group, 0, new SimDisk());
        master.awaitLead();
        master.fill(0, 300);
        Random random = new Random(7);
        try (CuttingProxy proxy = new CuttingProxy(master.acceptor.port(), () -> {
            synchronized (random) {
                return 1L + random.nextInt(60_000);
            }
        })) {
            members.addresses.put(0, proxy.address());
            TestMember slave = members.start(group, 1, new SimDisk());
            int id = 300;
            while (proxy.cuts() < 30) {
                master.fill(id, 10);
                id += 10;
                int cuts = proxy.cuts();
                TestMember.await("a cut", () -> proxy.cuts() > cuts || slave.end() == master.end());
            }
            slave.awaitCopyOf(master);
        }
    }

    @Test
    void aKilledSlaveGoesOnWhereItsLogEnds() throws IOException {
        TestMember.Group group = members.group(3, 1, false);
        TestMember master = members.start(group, 0, new SimDisk());
        TestMember slave = members.start(group, 1, new SimDisk());
        TestMember other = members.start(group, 2, new SimDisk());
        master.awaitLead();
        for (int i = 0; i < 5; i++) {
            master.fill(i * 100, 100);
            slave = members.start(group, 1, members.kill(slave));
        }
        slave.awaitCopyOf(master);
        other.awaitCopyOf(master);
        TestMember.await("it is confirmed", () -> master.confirmed == master.end());
    }

    @Test
    void aPromotedSlaveHasWhatWasConfirmedAndTheOldMasterCutsOffTheRest() throws IOException {
        TestMember.Group group = members.group(2, 1, false);
        TestMember old = members.start(group, 0, new SimDisk());
        TestMember slave = members.start(group, 1, new SimDisk());
        old.awaitLead();
        old.fill(0, 200);
        TestMember.await("it is confirmed", () -> old.confirmed == old.end());
        long confirmed = old.confirmed;
        slave.member.close();
        old.fill(200, 50);
        slave.acceptor.close();
        SimDisk left = members.kill(old);
        slave.storage().close();
        members.forget(slave);
        members.addresses.clear();
        TestMember promoted = members.start(group, 1, (SimDisk) slave.disk);
        promoted.member.promote(false);
        promoted.awaitLead();
        assertThat(promoted.end()).isGreaterThanOrEqualTo(confirmed);
        assertThat(promoted.append(1000)).isTrue();
        TestMember returned = members.start(group, 0, left);
        returned.awaitCopyOf(promoted);
        TestMember.await("it is confirmed", () -> promoted.confirmed == promoted.end());
        assertThat(left.list(TestMembers.STORE.resolve("cut")))
                .as("what was cut off is kept")
                .hasSize(1);
        assertThat(returned.append(1001)).as("it takes no sends").isFalse();
    }

    @Test
    void aMasterThatHearsOfALaterEpochStopsTakingSendsBeforeItFollows() throws IOException {
        TestMember.Group group = members.group(2, 0, false);
        TestMember first = members.start(group, 0, new SimDisk());
        TestMember second = members.start(group, 1, new SimDisk());
        first.awaitLead();
        first.fill(0, 50);
        second.awaitCopyOf(first);
        Thread sends = Thread.ofVirtual().start(() -> {
            for (int id = 50; first.append(id); id++) {
                Thread.onSpinWait();
            }
        });
        second.member.promote(false);
        second.awaitLead();
        TestMember.await("the sends are refused", () -> !sends.isAlive());
        first.awaitCopyOf(second);
        second.fill(5000, 20);
        first.awaitCopyOf(second);
    }

    @Test
    void aNewSlaveOfAMasterWhoseFirstSegmentsAreDeletedBeginsWithACopy() throws IOException {
        TestMember.Group group = members.group(2, 0, false);
        TestMember master = members.start(group, 0, new SimDisk());
        master.awaitLead();
        master.fill(0, 1500);
        master.storage().checkpoint();
        master.clock.advance(Duration.ofDays(30));
        master.append(1500);
        TestMember.await("the first segments are deleted", () -> {
            master.storage().checkpoint();
            master.storage().deleteExpired().join();
            return master.storage().minLogOffset() > 0;
        });
        TestMember slave = members.start(group, 1, new SimDisk());
        slave.awaitCopyOf(master);
        assertThat(slave.storage().minLogOffset()).isEqualTo(master.storage().minLogOffset());
        master.fill(1501, 100);
        slave.awaitCopyOf(master);
    }

    /** Its slave was stopped, and has less than the first segment, which is deleted then. */
    private TestMember masterThatHasDeletedWhatItsSlaveNeeds(TestMember.Group group, List<String> had, SimDisk[] slaves)
            throws IOException {
        TestMember master = members.start(group, 0, new SimDisk());
        TestMember slave = members.start(group, 1, new SimDisk());
        master.awaitLead();
        master.fill(0, 200);
        TestMember.await("it is confirmed", () -> master.confirmed == master.end());
        had.addAll(slave.messages());
        long end = slave.end();
        slaves[0] = members.kill(slave);
        master.fill(200, 1500);
        master.storage().checkpoint();
        master.clock.advance(Duration.ofDays(30));
        master.append(1700);
        TestMember.await("the first segments are deleted", () -> {
            master.storage().checkpoint();
            master.storage().deleteExpired().join();
            return master.storage().minLogOffset() > end;
        });
        master.fill(1701, 1500);
        return master;
    }

    @Test
    void whatASlaveHadCountsUntilItsCopyIsLevel() throws IOException {
        TestMember.Group group = members.group(2, 1, false).with(TestMember.Special.SLOW);
        List<String> had = new ArrayList<>();
        SimDisk[] slaves = {new SimDisk()};
        TestMember master = masterThatHasDeletedWhatItsSlaveNeeds(group, had, slaves);
        long confirmed = master.confirmed;
        TestMember copying = members.start(group, 1, slaves[0]);
        TestMember.await(
                "a part of the copy", () -> copying.end() > master.storage().minLogOffset());
        TestMember again = members.start(group, 1, members.kill(copying));
        long begun = again.end();
        TestMember.await("it goes on after a kill", () -> again.end() > begun);
        assertThat(again.storage().setAside()).isNotNull();
        assertThat(master.confirmed)
                .as("a copy that is not level counts for nothing")
                .isEqualTo(confirmed);
        assertThat(again.member.view().doubtful()).isFalse();

        members.kill(master);
        again.member.promote(false);
        again.awaitLead();
        assertThat(again.messages()).isEqualTo(had);
        assertThat(again.storage().setAside()).isNull();
        assertThat(again.end()).isGreaterThanOrEqualTo(confirmed);
        TestMember empty = members.start(group, 0, new SimDisk());
        empty.awaitCopyOf(again);
        again.fill(5000, 10);
        TestMember.await("it is confirmed", () -> again.confirmed == again.end());
    }

    @Test
    void aCopyThatIsLevelCounts() throws IOException {
        TestMember.Group group = members.group(2, 1, true);
        SimDisk[] slaves = {new SimDisk()};
        TestMember master = masterThatHasDeletedWhatItsSlaveNeeds(group, new ArrayList<>(), slaves);
        TestMember slave = members.start(group, 1, slaves[0]);
        slave.awaitCopyOf(master);
        TestMember.await("it is confirmed", () -> master.confirmed == master.end());
        assertThat(slave.storage().setAside()).isNull();
        assertThat(slave.disk.isFolder(TestMembers.STORE.resolve("aside-1"))).isTrue();
        members.kill(master);
        slave.member.promote(false);
        slave.awaitLead();
    }

    /** Its beginning has several parts; a connection that ends between two of them brings nothing of the copy. */
    @Test
    void aCopyThatIsCutBetweenItsPartsBeginsAgain() throws IOException {
        TestMember.Group group = members.group(2, 0, false);
        TestMember master = members.start(group, 0, new SimDisk());
        master.awaitLead();
        byte[] value = new byte[60_000];
        for (int key = 0; key < 60; key++) {
            Arrays.fill(value, (byte) key);
            master.change(key, value);
        }
        master.fill(0, 1500);
        master.storage().checkpoint();
        master.clock.advance(Duration.ofDays(30));
        master.append(1500);
        TestMember.await("the first segments are deleted", () -> {
            master.storage().checkpoint();
            master.storage().deleteExpired().join();
            return master.storage().minLogOffset() > 0;
        });
        assertThat(new StoredLog(master).copyParts(1)).hasSizeGreaterThan(3);
        // In the first part, behind it, in the third; then no more.
        long[] cuts = {500_000, 1_200_000, 2_500_000};
        AtomicInteger connections = new AtomicInteger();
        try (CuttingProxy proxy = new CuttingProxy(master.acceptor.port(), () -> {
            int number = connections.getAndIncrement();
            return number < cuts.length ? cuts[number] : Long.MAX_VALUE;
        })) {
            members.addresses.put(0, proxy.address());
            TestMember slave = members.start(group, 1, new SimDisk());
            TestMember.await("the cuts", () -> proxy.cuts() >= cuts.length);
            slave.awaitCopyOf(master);
            assertThat(slave.storage().minLogOffset())
                    .isEqualTo(master.storage().minLogOffset());
        }
    }

    @Test
    void aSlaveWhoseBytesAreOthersThanItsMastersIsReportedAndNotFed() throws IOException {
        TestMember.Group group = members.group(2, 0, false);
        TestMember master = members.start(group, 0, new SimDisk());
        TestMember slave = members.start(group, 1, new SimDisk());
        master.awaitLead();
        master.fill(0, 20);
        slave.awaitCopyOf(master);
        slave.storage().checkpoint();
        members.stop(slave);
        SimDisk disk = (SimDisk) slave.disk;
        disk.flip(TestMembers.STORE.resolve("commitlog").resolve("0".repeat(20)), (master.end() - 10) * 8);
        master.fill(20, 5);
        TestMember damaged = members.start(group, 1, disk);
        TestMember.await(
                "it is reported",
                () -> damaged.reports.stream().anyMatch(each -> each.contains("are others here than in the master's")));
        assertThat(damaged.end()).isLessThan(master.end());
    }

    @Test
    void aSlaveWithAFullDiskGoesOnWhenItHasSpace() throws IOException {
        TestMember.Group group = members.group(2, 0, false);
        TestMember master = members.start(group, 0, new SimDisk());
        SimDisk disk = new SimDisk();
        TestMember slave = members.start(group, 1, disk);
        master.awaitLead();
        master.fill(0, 20);
        slave.awaitCopyOf(master);
        disk.capacityBytes(disk.usedBytes() + 1000);
        master.fill(20, 1500);
        TestMember.await("it is reported", () -> !slave.reports.isEmpty());
        disk.capacityBytes(1L << 40);
        slave.awaitCopyOf(master);
    }

    @Test
    void aMemberThatWasKilledUnderAnotherBootIsInDoubtUntilItIsLevel() throws IOException {
        TestMember.Group group = members.group(2, 1, false);
        TestMember master = members.start(group, 0, new SimDisk());
        TestMember slave = members.start(group, 1, new SimDisk());
        master.awaitLead();
        master.fill(0, 20);
        slave.awaitCopyOf(master);
        SimDisk masters = members.kill(master);
        TestMember alone = members.start(group, 1, members.kill(slave), new UUID(2, 2));
        TestMember.await("it doubts", () -> alone.member.view().doubtful());
        alone.member.promote(false);
        TestMember back = members.start(group, 0, masters);
        alone.awaitLead();
        back.awaitCopyOf(alone);
        TestMember.await("there is no doubt left", () -> !alone.member.view().doubtful());
    }

    @Test
    void aMemberWhoseSyncedBytesAreDamagedIsInDoubtUntilItIsLevel() throws IOException {
        TestMember.Group group = members.group(2, 1, true).with(TestMember.Special.NO_CHECKPOINTS);
        TestMember master = members.start(group, 0, new SimDisk());
        TestMember slave = members.start(group, 1, new SimDisk());
        master.awaitLead();
        master.fill(0, 20);
        TestMember.await("it is confirmed", () -> master.confirmed == master.end());
        long damagedAt = slave.logOffset(10);
        SimDisk masters = members.kill(master);
        SimDisk disk = members.kill(slave);
        disk.flip(TestMembers.STORE.resolve("commitlog").resolve("0".repeat(20)), damagedAt * 8 + 40);
        TestMember alone = members.start(group, 1, disk);
        TestMember.await("it doubts", () -> alone.member.view().doubtful());
        assertThat(alone.end()).isEqualTo(damagedAt);
        TestMember again = members.start(group, 1, members.kill(alone));
        TestMember.await("it still does", () -> again.member.view().doubtful());
        again.member.promote(false);
        TestMember back = members.start(group, 0, masters);
        again.awaitLead();
        back.awaitCopyOf(again);
        assertThat(again.messages()).hasSize(20);
        TestMember.await("there is no doubt left", () -> !again.member.view().doubtful());
    }

    /** What it may get grows with time alone: no acknowledgement is under way that would wake its leader. */
    @Test
    void aSlaveThatIsThrottledGetsMoreAsTimePasses() throws IOException {
        TestMember.Group group = members.group(2, 0, false).with(TestMember.Special.THROTTLED);
        TestMember master = members.start(group, 0);
        master.awaitLead();
        master.fill(0, 1500);
        TestMember slave = members.start(group, 1);
        slave.awaitCopyOf(master);
    }
}
