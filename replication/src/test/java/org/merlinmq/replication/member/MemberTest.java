package org.merlinmq.replication.member;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.testkit.SimDisk;

/** Members of a group over sockets, each with a store of its own. */
final class MemberTest {
    private static final Path STORE = Path.of("/store");

    private final Map<Integer, String> addresses = new ConcurrentHashMap<>();

    /** How members end, the last one first. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    @TempDir
    private Path folder;

    private TestMember.Group group(int size, int copies, boolean flushed) {
        return new TestMember.Group(size, copies, flushed, true, addresses);
    }

    private TestMember start(TestMember.Group group, int number, SimDisk disk) throws IOException {
        return start(group, number, disk, TestMember.BOOT);
    }

    private TestMember start(TestMember.Group group, int number, SimDisk disk, UUID boot) throws IOException {
        TestMember started = new TestMember(group, number, disk, STORE, boot);
        opened.push(started);
        return started;
    }

    /** Ends a member as a kill does; returns the disk that the next one finds. */
    private SimDisk kill(TestMember member) {
        opened.remove(member);
        addresses.remove(member.number);
        member.kill();
        SimDisk left = ((SimDisk) member.disk).killProcess();
        member.storage().close();
        return left;
    }

    private void stop(TestMember member) {
        opened.remove(member);
        addresses.remove(member.number);
        member.close();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void aSlaveOnRealFoldersFollowsWhileItsMasterTakesSends() throws IOException {
        TestMember.Group group = group(2, 1, true);
        TestMember master = new TestMember(group, 0, new RealDisk(), folder.resolve("0"), MemberFile.currentBoot());
        opened.push(master);
        TestMember slave = new TestMember(group, 1, new RealDisk(), folder.resolve("1"), MemberFile.currentBoot());
        opened.push(slave);
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
        TestMember.Group group = group(2, 0, false);
        TestMember master = start(group, 0, new SimDisk());
        master.awaitLead();
        master.fill(0, 300);
        Random random = new Random(7);
        try (CuttingProxy proxy = new CuttingProxy(master.acceptor.port(), () -> {
            synchronized (random) {
                return 1L + random.nextInt(60_000);
            }
        })) {
            addresses.put(0, proxy.address());
            TestMember slave = start(group, 1, new SimDisk());
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
        TestMember.Group group = group(3, 1, false);
        TestMember master = start(group, 0, new SimDisk());
        TestMember slave = start(group, 1, new SimDisk());
        TestMember other = start(group, 2, new SimDisk());
        master.awaitLead();
        for (int i = 0; i < 5; i++) {
            master.fill(i * 100, 100);
            slave = start(group, 1, kill(slave));
        }
        slave.awaitCopyOf(master);
        other.awaitCopyOf(master);
        TestMember.await("it is confirmed", () -> master.confirmed == master.end());
    }

    @Test
    void aPromotedSlaveHasWhatWasConfirmedAndTheOldMasterCutsOffTheRest() throws IOException {
        TestMember.Group group = group(2, 1, false);
        TestMember old = start(group, 0, new SimDisk());
        TestMember slave = start(group, 1, new SimDisk());
        old.awaitLead();
        old.fill(0, 200);
        TestMember.await("it is confirmed", () -> old.confirmed == old.end());
        long confirmed = old.confirmed;
        slave.member.close();
        old.fill(200, 50);
        slave.acceptor.close();
        SimDisk left = kill(old);
        slave.storage().close();
        opened.remove(slave);
        addresses.clear();
        TestMember promoted = start(group, 1, (SimDisk) slave.disk);
        promoted.member.promote(false);
        promoted.awaitLead();
        assertThat(promoted.end()).isGreaterThanOrEqualTo(confirmed);
        assertThat(promoted.append(1000)).isTrue();
        TestMember returned = start(group, 0, left);
        returned.awaitCopyOf(promoted);
        TestMember.await("it is confirmed", () -> promoted.confirmed == promoted.end());
        assertThat(left.list(STORE.resolve("cut")))
                .as("what was cut off is kept")
                .hasSize(1);
        assertThat(returned.append(1001)).as("it takes no sends").isFalse();
    }

    @Test
    void aMasterThatHearsOfALaterEpochStopsTakingSendsBeforeItFollows() throws IOException {
        TestMember.Group group = group(2, 0, false);
        TestMember first = start(group, 0, new SimDisk());
        TestMember second = start(group, 1, new SimDisk());
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
        TestMember.Group group = group(2, 0, false);
        TestMember master = start(group, 0, new SimDisk());
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
        TestMember slave = start(group, 1, new SimDisk());
        slave.awaitCopyOf(master);
        assertThat(slave.storage().minLogOffset()).isEqualTo(master.storage().minLogOffset());
        master.fill(1501, 100);
        slave.awaitCopyOf(master);
    }

    @Test
    void aSlaveWhoseBytesAreOthersThanItsMastersIsReportedAndNotFed() throws IOException {
        TestMember.Group group = group(2, 0, false);
        TestMember master = start(group, 0, new SimDisk());
        TestMember slave = start(group, 1, new SimDisk());
        master.awaitLead();
        master.fill(0, 20);
        slave.awaitCopyOf(master);
        slave.storage().checkpoint();
        stop(slave);
        SimDisk disk = (SimDisk) slave.disk;
        disk.flip(STORE.resolve("commitlog").resolve("0".repeat(20)), (master.end() - 10) * 8);
        master.fill(20, 5);
        TestMember damaged = start(group, 1, disk);
        TestMember.await(
                "it is reported",
                () -> damaged.reports.stream().anyMatch(each -> each.contains("are others here than in the master's")));
        assertThat(damaged.end()).isLessThan(master.end());
    }

    @Test
    void aSlaveWithAFullDiskGoesOnWhenItHasSpace() throws IOException {
        TestMember.Group group = group(2, 0, false);
        TestMember master = start(group, 0, new SimDisk());
        SimDisk disk = new SimDisk();
        TestMember slave = start(group, 1, disk);
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
        TestMember.Group group = group(2, 1, false);
        TestMember master = start(group, 0, new SimDisk());
        TestMember slave = start(group, 1, new SimDisk());
        master.awaitLead();
        master.fill(0, 20);
        slave.awaitCopyOf(master);
        SimDisk masters = kill(master);
        TestMember alone = start(group, 1, kill(slave), new UUID(2, 2));
        TestMember.await("it doubts", () -> alone.member.view().doubtful());
        alone.member.promote(false);
        TestMember back = start(group, 0, masters);
        TestMember.await("one leads", () -> back.leads() || alone.leads());
        TestMember leader = alone.leads() ? alone : back;
        (leader == alone ? back : alone).awaitCopyOf(leader);
        TestMember.await("there is no doubt left", () -> !alone.member.view().doubtful());
    }

    @Test
    void aMemberWhoseSyncedBytesAreDamagedIsInDoubtUntilItIsLevel() throws IOException {
        TestMember.Group group = new TestMember.Group(2, 1, true, false, addresses);
        TestMember master = start(group, 0, new SimDisk());
        TestMember slave = start(group, 1, new SimDisk());
        master.awaitLead();
        master.fill(0, 20);
        TestMember.await("it is confirmed", () -> master.confirmed == master.end());
        long damagedAt = slave.logOffset(10);
        SimDisk masters = kill(master);
        SimDisk disk = kill(slave);
        disk.flip(STORE.resolve("commitlog").resolve("0".repeat(20)), damagedAt * 8 + 40);
        TestMember alone = start(group, 1, disk);
        TestMember.await("it doubts", () -> alone.member.view().doubtful());
        assertThat(alone.end()).isEqualTo(damagedAt);
        TestMember again = start(group, 1, kill(alone));
        TestMember.await("it still does", () -> again.member.view().doubtful());
        again.member.promote(false);
        TestMember back = start(group, 0, masters);
        TestMember.await("one leads", () -> back.leads() || again.leads());
        TestMember leader = again.leads() ? again : back;
        (leader == again ? back : again).awaitCopyOf(leader);
        assertThat(leader.messages()).hasSize(20);
        TestMember.await("there is no doubt left", () -> !again.member.view().doubtful());
    }
}
