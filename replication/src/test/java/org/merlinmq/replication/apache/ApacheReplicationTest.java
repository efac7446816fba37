package org.merlinmq.replication.apache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.merlinmq.testkit.SimDisk;

/** Masters and slaves over sockets: of ours with one another, and with bare sockets on the other side. */
final class ApacheReplicationTest {
    private static final StreamTiming QUICK = new StreamTiming(
            Duration.ofMillis(50),
            Duration.ofSeconds(20),
            Duration.ofSeconds(5),
            Duration.ofMillis(5),
            Duration.ofMillis(20),
            Long.MAX_VALUE);

    private final TestStore master = new TestStore();
    private TestStore copy = new TestStore();
    private final AtomicReference<@Nullable String> address = new AtomicReference<>();
    /** How slaves and masters end, the last one first. */
    private final Deque<Runnable> opened = new ArrayDeque<>();

    private final Queue<String> reports = new ConcurrentLinkedQueue<>();
    private final SlaveListener heard = new SlaveListener() {
        @Override
        public void reported(SocketAddress from, long logOffset) {
            reports.add("has " + logOffset);
        }

        @Override
        public void gone(SocketAddress from) {
            reports.add("gone");
        }
    };

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private ApacheMaster serve(StreamTiming timing) throws IOException {
        ApacheMaster started = ApacheMaster.serve(ApacheMaster.bind(loopback(0)), master.storage, timing, heard);
        opened.push(started::close);
        address.set("127.0.0.1:" + started.port());
        return started;
    }

    private ApacheSlave follow() {
        ApacheSlave started = ApacheSlave.start(copy.storage, address::get, QUICK);
        opened.push(started::close);
        return started;
    }

    @AfterEach
    void closeAll() {
        opened.forEach(Runnable::run);
        copy.close();
        master.close();
    }

    private void awaitEqual() {
        TestStore.await("the copy has all", () -> copy.storage.maxLogOffset() == master.storage.maxLogOffset());
        long begin = copy.storage.minLogOffset();
        assertThat(copy.log(begin)).isEqualTo(master.log(begin));
    }

    @Test
    void aCopyFollowsTheLogAsItGrows() throws IOException {
        serve(QUICK);
        master.fill(1000);
        ApacheSlave following = follow();
        for (int i = 0; i < 20; i++) {
            master.fill(i * 1000L);
            awaitEqual();
        }
        assertThat(copy.read("T")).isEqualTo(master.read("T"));
        assertThat(following.connected()).isTrue();
    }

    @Test
    void theMasterKnowsWhatEachSlaveHas() throws IOException {
        ApacheMaster served = serve(QUICK);
        master.fill(1000);
        ApacheSlave following = follow();
        awaitEqual();
        long end = master.storage.maxLogOffset();
        TestStore.await(
                "the acknowledgement",
                () -> served.slaves().stream()
                        .anyMatch(each -> each.ackedLogOffset() == end && each.sentLogOffset() == end));
        assertThat(served.slaves()).hasSize(1);
        following.close();
        TestStore.await("its end", () -> served.slaves().isEmpty() && reports.contains("gone"));
        assertThat(reports).contains("has " + end);
    }

    @Test
    void aSlaveResumesWhenItsMasterReturns() throws IOException {
        ApacheMaster first = serve(QUICK);
        master.fill(40_000);
        ApacheSlave following = follow();
        awaitEqual();
        first.close();
        TestStore.await("the end of the connection", () -> !following.connected());
        master.fill(300_000);
        serve(QUICK);
        following.masterChanged();
        awaitEqual();
    }

    @Test
    void aSlaveThatWasKilledResumes() throws IOException {
        serve(QUICK);
        master.fill(10_000);
        ApacheSlave killed = follow();
        awaitEqual();
        SimDisk left = copy.disk.killProcess();
        killed.close();
        copy.close();
        master.fill(200_000);
        copy = new TestStore(left);
        follow();
        awaitEqual();
    }

    @Test
    void aNewSlaveBeginsWithTheMastersLastSegment() throws IOException {
        ApacheMaster served = serve(QUICK);
        master.fill(2L * TestStore.SEGMENT + 10_000);
        long begin = ApacheSlave.beginning("127.0.0.1:" + served.port(), QUICK);
        assertThat(begin).isEqualTo(2L * TestStore.SEGMENT);
        copy.close();
        copy = TestStore.beginningAt(begin);
        follow();
        awaitEqual();
        master.fill(TestStore.SEGMENT);
        awaitEqual();
        assertThat(copy.storage.minLogOffset()).isEqualTo(begin);
    }

    /** A RocketMQ master answers a slave that has nothing from its last segment on. */
    @Test
    void anEmptySlaveGetsAllThatItsMasterHas() throws IOException {
        serve(QUICK);
        master.fill(3L * TestStore.SEGMENT + 10_000);
        follow();
        awaitEqual();
        assertThat(copy.storage.minLogOffset()).isZero();
        assertThat(copy.log(0)).isEqualTo(master.log(0));
    }

    @Test
    void aMasterWithoutAnyRecordSaysWhereItBeginsByAHeartbeat() throws IOException {
        ApacheMaster served = serve(QUICK);
        assertThat(ApacheSlave.beginning("127.0.0.1:" + served.port(), QUICK)).isZero();
    }

    @Test
    void aSlaveWaitsForAMasterThatIsNotKnownYet() throws IOException {
        ApacheSlave following = follow();
        master.fill(1000);
        serve(QUICK);
        following.masterChanged();
        awaitEqual();
    }

    /** What a slave of RocketMQ's does, byte by byte. */
    @Test
    void aBareSlaveIsServed() throws IOException {
        ApacheMaster served = serve(QUICK);
        master.append("T", "first");
        try (Socket socket = new Socket()) {
            socket.connect(loopback(served.port()));
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            out.writeLong(0);
            assertThat(frame(in, 0)).isEqualTo(master.log(0));
            long end = master.storage.maxLogOffset();
            assertThat(frame(in, end)).as("a heartbeat").isEmpty();
            out.writeLong(end);
            TestStore.await(
                    "the acknowledgement", () -> served.slaves().getFirst().ackedLogOffset() == end);
            master.append("T", "second");
            byte[] next = frame(in, end);
            while (next.length == 0) {
                next = frame(in, end);
            }
            assertThat(next).isEqualTo(master.log(end));
        }
    }

    private static byte[] frame(DataInputStream in, long logOffset) throws IOException {
        assertThat(in.readLong()).isEqualTo(logOffset);
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }

    @Test
    void aSlaveWithForeignBytesIsTurnedAway() throws IOException {
        ApacheMaster served = serve(QUICK);
        master.append("T", "first");
        try (Socket socket = new Socket()) {
            socket.connect(loopback(served.port()));
            new DataOutputStream(socket.getOutputStream()).writeLong(1_000_000);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertThatThrownBy(in::readLong).isInstanceOf(EOFException.class);
        }
    }

    /** What a master of RocketMQ's does, byte by byte. */
    @Test
    void aBareMasterIsFollowedAndTheNextOneResumed() throws IOException {
        master.fill(3000);
        byte[] log = master.log(0);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address.set("127.0.0.1:" + server.getLocalPort());
            follow();
            try (Socket first = server.accept()) {
                DataInputStream in = new DataInputStream(first.getInputStream());
                assertThat(in.readLong()).isZero();
                DataOutputStream out = new DataOutputStream(first.getOutputStream());
                out.writeLong(0);
                out.writeInt(log.length);
                out.write(log, 0, 1000);
                out.flush();
                // In the middle of a frame it reports each heartbeat.
                long reported = in.readLong();
                while (reported < 1000) {
                    reported = in.readLong();
                }
            }
            try (Socket second = server.accept()) {
                DataInputStream in = new DataInputStream(second.getInputStream());
                assertThat(in.readLong()).as("all that came was kept").isEqualTo(1000);
                DataOutputStream out = new DataOutputStream(second.getOutputStream());
                out.writeLong(1000);
                out.writeInt(log.length - 1000);
                out.write(log, 1000, log.length - 1000);
                awaitEqual();
                long all = in.readLong();
                while (all < log.length) {
                    all = in.readLong();
                }
                assertThat(all).isEqualTo(log.length);
            }
        }
    }

    @Test
    void aPortThatIsTakenIsRefused() throws IOException {
        ApacheMaster served = serve(QUICK);
        assertThatThrownBy(() -> ApacheMaster.bind(loopback(served.port()))).isInstanceOf(IOException.class);
    }
}
