package org.merlinmq.replication.member;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.testkit.SimDisk;

/** Members whose disk, network or other end is not as it should be. */
final class MemberFaultsTest {
    private static final UUID NEXT_BOOT = new UUID(2, 2);

    private final TestMembers members = new TestMembers();

    @AfterEach
    void closeAll() {
        members.close();
    }

    @Test
    void aFollowerThatAcknowledgesNothingGetsNoMoreThanAWindow() throws IOException {
        TestMember.Group group = members.group(2, 0, false);
        TestMember master = members.start(group, 0);
        master.awaitLead();
        master.fill(0, 1500);
        try (PlayedMember slow = PlayedMember.connect(master.acceptor.port(), 0)) {
            int epoch = slow.follow(1);
            long end = readUntilQuiet(slow);
            assertThat(end).isBetween(1L, 64L << 10);
            slow.acknowledge(epoch, end, 0);
            assertThat(readUntilQuiet(slow)).isBetween(1L, 64L << 10);
        }
    }

    /** Reads chunks until some heartbeats come without one between; returns how many bytes of the log came. */
    private static long readUntilQuiet(PlayedMember from) throws IOException {
        long bytes = 0;
        for (int heartbeats = 0; heartbeats < 3; ) {
            Message message = from.read();
            if (message instanceof Message.Chunk chunk) {
                bytes += chunk.bytes().length;
                heartbeats = 0;
            } else {
                assertThat(message).isInstanceOf(Message.Heartbeat.class);
                heartbeats++;
            }
        }
        return bytes;
    }

    @Test
    void aFollowerThatDoesNotReadGetsAllOfItLater() throws IOException {
        TestMember.Group group = members.group(2, 0, false).with(TestMember.Special.QUIET);
        TestMember master = members.start(group, 0);
        master.awaitLead();
        try (PlayedMember slow = PlayedMember.connect(master.acceptor.port(), 4 << 10)) {
            slow.follow(1);
            // More than the sockets of both ends hold.
            master.fillLarge(250);
            ByteArrayOutputStream log = new ByteArrayOutputStream();
            while (log.size() < master.end()) {
                if (slow.read() instanceof Message.Chunk chunk) {
                    assertThat(chunk.logOffset()).isEqualTo(log.size());
                    log.writeBytes(chunk.bytes());
                }
            }
            assertThat(log.toByteArray()).isEqualTo(master.log(0));
        }
    }

    @Test
    void aCopyThatIsCutWhileItsBeginningComesBeginsAnew() throws IOException {
        TestMember.Group group = members.group(2, 0, false);
        TestMember master = members.start(group, 0);
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
        int[] cutAfter = {100};
        try (CuttingProxy proxy = new CuttingProxy(master.acceptor.port(), () -> {
            synchronized (cutAfter) {
                cutAfter[0] += 1500;
                return cutAfter[0] > 60_000 ? Long.MAX_VALUE : cutAfter[0];
            }
        })) {
            members.addresses.put(0, proxy.address());
            TestMember slave = members.start(group, 1);
            slave.awaitCopyOf(master);
            assertThat(proxy.cuts()).isGreaterThan(5);
            assertThat(slave.storage().minLogOffset())
                    .isEqualTo(master.storage().minLogOffset());
        }
    }

    @Test
    void strangersThatSendNothingDoNotKeepMembersOutForEver() throws IOException {
        TestMember.Group group = members.group(2, 0, false).with(TestMember.Special.NONE.silent(500));
        TestMember master = members.start(group, 0);
        master.awaitLead();
        List<Socket> strangers = new ArrayList<>();
        try {
            for (int i = 0; i < 60; i++) {
                Socket stranger = new Socket(InetAddress.getLoopbackAddress(), master.acceptor.port());
                stranger.getOutputStream().write('M');
                strangers.add(stranger);
            }
            TestMember slave = members.start(group, 1);
            master.fill(0, 20);
            slave.awaitCopyOf(master);
            for (Socket stranger : strangers) {
                assertThat(stranger.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            for (Socket stranger : strangers) {
                stranger.close();
            }
        }
    }

    @Test
    void aSlaveThatLosesPowerUnderSyncFlushLeadsAtOnceWithAllThatWasConfirmed() throws IOException {
        Random random = new Random(11);
        for (int round = 0; round < 4; round++) {
            TestMember.Group group = members.group(2, 1, true);
            TestMember master = members.start(group, 0);
            TestMember slave = members.start(group, 1);
            master.awaitLead();
            master.fill(0, 40);
            TestMember.await("some is confirmed", () -> master.confirmed > 0);
            long confirmed = master.confirmed;
            SimDisk left = losePower(slave, random);
            members.kill(master);
            TestMember alone = members.start(group, 1, left, NEXT_BOOT);
            assertThat(alone.end()).isGreaterThanOrEqualTo(confirmed);
            alone.member.promote(false);
            alone.awaitLead();
            assertThat(alone.member.view().doubtful()).isFalse();
            members.kill(alone);
        }
    }

    @Test
    void aMasterThatLosesPowerWithoutSyncFlushLeadsOnlyWithWhatItsSlaveHas() throws IOException {
        Random random = new Random(5);
        for (int round = 0; round < 4; round++) {
            TestMember.Group group = members.group(2, 1, false);
            TestMember master = members.start(group, 0);
            TestMember slave = members.start(group, 1);
            master.awaitLead();
            master.fill(0, 40);
            TestMember.await("all is confirmed", () -> master.confirmed == master.end());
            long confirmed = master.confirmed;
            TestMember back = members.start(group, 0, losePower(master, random), NEXT_BOOT);
            back.awaitLead();
            assertThat(back.end()).isGreaterThanOrEqualTo(confirmed);
            slave.awaitCopyOf(back);
            assertThat(back.messages()).hasSize(40);
            members.kill(back);
            members.kill(slave);
        }
    }

    private SimDisk losePower(TestMember member, Random random) {
        members.forget(member);
        member.kill();
        SimDisk left = ((SimDisk) member.disk).losePower(random);
        member.storage().close();
        return left;
    }

    @Test
    void aMemberThatCannotKeepItsPromisesTakesNoPartUntilItCan() throws IOException {
        TestMember.Group group = members.group(2, 0, false);
        SimDisk disk = new SimDisk();
        TestMember master = members.start(group, 0);
        TestMember slave = members.start(group, 1, disk);
        master.awaitLead();
        master.fill(0, 20);
        slave.awaitCopyOf(master);
        disk.fault((operation, path, count) -> {
            if (path.toString().contains("/member")) {
                throw new DiskException("Writing " + path + " failed", false, null);
            }
        });
        slave.member.promote(false);
        TestMember.await(
                "it is reported",
                () -> slave.reports.stream().anyMatch(each -> each.contains("the disk failed under the replication")));
        assertThat(slave.leads()).isFalse();
        master.fill(20, 20);
        assertThat(master.leads()).isTrue();
        disk.fault((operation, path, count) -> {});
        slave.awaitCopyOf(master);
        slave.member.promote(false);
        slave.awaitLead();
        master.awaitCopyOf(slave);
    }
}
