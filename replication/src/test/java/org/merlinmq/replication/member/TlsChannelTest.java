package org.merlinmq.replication.member;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.TestCertificates;
import org.merlinmq.transport.tls.TlsFiles;

/** Two ends of TLS over a socket of this machine, on one thread; and one end with another that speaks no TLS. */
final class TlsChannelTest {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int MAX_TURNS = 1_000_000;

    @TempDir
    private static Path made;

    private static @Nullable SSLContext context;

    private final ServerSocketChannel server = bind();
    private @Nullable SocketChannel client;
    private @Nullable SocketChannel accepted;

    private static ServerSocketChannel bind() {
        try {
            ServerSocketChannel bound = ServerSocketChannel.open();
            // So that a writer soon finds the socket full.
            bound.setOption(StandardSocketOptions.SO_RCVBUF, 8 << 10);
            return bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeAll
    static void make() throws Exception {
        TestCertificates certificates = new TestCertificates(made);
        certificates.make("one", List.of());
        Path own = certificates.certificate("one");
        context = new TlsFiles(own, certificates.key("one"), own).context(sentence -> {});
    }

    @BeforeEach
    void connect() throws IOException {
        client = SocketChannel.open();
        client.setOption(StandardSocketOptions.SO_SNDBUF, 8 << 10);
        client.connect(server.getLocalAddress());
        accepted = server.accept();
        client.configureBlocking(false);
        accepted.configureBlocking(false);
    }

    @AfterEach
    void close() throws IOException {
        disconnect();
        server.close();
    }

    private void disconnect() throws IOException {
        requireNonNull(client).close();
        requireNonNull(accepted).close();
    }

    private static TlsChannel over(@Nullable SocketChannel socket, boolean opener) throws IOException {
        return new TlsChannel(requireNonNull(socket), requireNonNull(context), opener, NOTHING.duplicate());
    }

    /** One end, and what it has sent and received. */
    private static final class End {
        final TlsChannel channel;
        final ByteBuffer unsent;
        final ByteBuffer received;

        End(TlsChannel channel, byte[] sent, int expected) {
            this.channel = channel;
            this.unsent = ByteBuffer.wrap(sent);
            this.received = ByteBuffer.allocate(expected);
        }

        /** Receives and sends some bytes. */
        void turn(RandomGenerator random) throws IOException {
            do {
                ByteBuffer some = received.slice();
                some.limit(Math.min(some.remaining(), 1 + random.nextInt(40_000)));
                if (!some.hasRemaining()) {
                    some = ByteBuffer.allocate(1);
                    assertThat(channel.read(some)).as("more than was sent").isZero();
                } else {
                    received.position(received.position() + Math.max(0, channel.read(some)));
                }
            } while (channel.hasMore());
            channel.flush();
            ByteBuffer some = unsent.slice();
            some.limit(Math.min(some.remaining(), random.nextInt(300_000)));
            unsent.position(unsent.position() + channel.write(some));
        }

        boolean isDone() {
            return !unsent.hasRemaining() && !channel.hasUnsent() && !received.hasRemaining();
        }
    }

    private static byte[] bytes(RandomGenerator random, int most) {
        byte[] bytes = new byte[random.nextInt(most)];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void whatOneEndWritesTheOtherReads() {
        Seeds.forEach(10, random -> {
            disconnect();
            connect();
            byte[] up = bytes(random, 1 << 20);
            byte[] down = bytes(random, 1 << 20);
            End opener = new End(over(client, true), up, down.length);
            End acceptor = new End(over(accepted, false), down, up.length);
            for (int turns = 0; !opener.isDone() || !acceptor.isDone(); turns++) {
                assertThat(turns).as("turns until all is there").isLessThan(MAX_TURNS);
                opener.turn(random);
                acceptor.turn(random);
            }
            assertThat(Arrays.equals(opener.received.array(), down)).isTrue();
            assertThat(Arrays.equals(acceptor.received.array(), up)).isTrue();
            opener.channel.close();
            TestMember.await("the end", () -> ends(acceptor.channel));
            acceptor.channel.close();
        });
    }

    private static boolean ends(TlsChannel channel) {
        try {
            return channel.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void nothingGoesOutBeforeTheOtherEndHasShownItsCertificate() throws IOException {
        try (TlsChannel opener = over(client, true)) {
            opener.flush();
            ByteBuffer message = StandardCharsets.US_ASCII.encode("secret");
            assertThat(opener.write(message)).isZero();
            assertThat(opener.hasUnsent()).as("the socket is not waited for").isFalse();
            ByteBuffer seen = ByteBuffer.allocate(1 << 16);
            TestMember.await("a greeting", () -> {
                try {
                    return requireNonNull(accepted).read(seen) > 0;
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(seen.get(0)).isEqualTo(TlsChannel.FIRST_BYTE);
            assertThat(new String(seen.array(), StandardCharsets.ISO_8859_1)).doesNotContain("secret");
        }
    }

    @Test
    void oneThatIsNotConnectedYetCanBeClosed() throws IOException {
        SocketChannel socket = SocketChannel.open();
        over(socket, true).close();
        assertThat(socket.isOpen()).isFalse();
    }

    @Test
    void oneThatSpeaksNoTlsIsNamed() throws IOException {
        try (TlsChannel opener = over(client, true)) {
            opener.flush();
            requireNonNull(accepted).write(StandardCharsets.US_ASCII.encode("MRPL"));
            assertThatThrownBy(() -> readUntilWrong(opener))
                    .isInstanceOf(SSLException.class)
                    .hasMessage("that one does not use it; set broker.members-certificate, broker.members-key and"
                            + " broker.members-trust for all members of the group, or for none");
        }
    }

    private static void readUntilWrong(TlsChannel channel) throws IOException {
        ByteBuffer to = ByteBuffer.allocate(1 << 16);
        while (channel.read(to) >= 0) {
            channel.flush();
        }
    }

    @Test
    void garbageIsRefused() {
        Seeds.forEach(50, random -> {
            disconnect();
            connect();
            byte[] garbage = bytes(random, 60_000);
            ByteBuffer first = ByteBuffer.allocate(garbage.length + 5)
                    .put(TlsChannel.FIRST_BYTE)
                    .put((byte) 3)
                    .put((byte) random.nextInt(5))
                    .putShort((short) random.nextInt(1 << 14))
                    .put(garbage)
                    .flip();
            Thread sender = Thread.ofVirtual().start(() -> sendAll(first));
            try (TlsChannel acceptor = over(accepted, false)) {
                readUntilWrong(acceptor);
            } catch (SSLException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            }
            sender.join();
        });
    }

    private void sendAll(ByteBuffer bytes) {
        try (SocketChannel socket = requireNonNull(client)) {
            socket.configureBlocking(true);
            while (bytes.hasRemaining()) {
                socket.write(bytes);
            }
        } catch (IOException refused) {
            bytes.position(bytes.limit());
        }
    }
}
