package org.merlinmq.transport;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is no frame ends its connection without an answer, with one line in the log, and no other connection. */
class MalformedFramesTest {
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Connection.class);

    @BeforeEach
    void listen() {
        log.list = new java.util.concurrent.CopyOnWriteArrayList<>();
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    private List<String> infos() {
        return log.list.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.INFO))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private void isRefused(byte[] bytes, String causeInLog) throws Exception {
        try (TestServer server = new TestServer();
                RawPeer bystander = server.peer();
                RawPeer peer = server.peer()) {
            peer.send(bytes);
            assertThat(peer.endsWithoutAnswer()).isTrue();
            Await.until("the log says so", () -> !infos().isEmpty());
            assertThat(infos()).singleElement().asString().contains(causeInLog, "peer=/127.0.0.1:");
            bystander.send(RawPeer.request(1, 1, "still there"));
            assertThat(bystander.receive().requestId()).isEqualTo(1);
            Await.until("closed once", () -> server.closed.get() == 1);
        }
    }

    private static byte[] frame(int length, int formAndHeader, String header) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length)
                .putInt(length)
                .putInt(formAndHeader)
                .put(text)
                .array();
    }

    @Test
    void lengthZero() throws Exception {
        isRefused(new byte[] {0, 0, 0, 0}, "found 0");
    }

    @Test
    void lengthNegative() throws Exception {
        isRefused(new byte[] {-1, -1, -1, -1}, "found -1");
    }

    @Test
    void lengthBelowFour() throws Exception {
        isRefused(new byte[] {0, 0, 0, 3, 0, 0, 0}, "found 3");
    }

    @Test
    void lengthAboveTheLimitIsRefusedBeforeAnyOfItArrives() throws Exception {
        isRefused(ByteBuffer.allocate(4).putInt(16_777_213).array(), "found 16777213");
    }

    @Test
    void headerThatIsNoJson() throws Exception {
        isRefused(frame(4 + 9, 9, "code = 10"), "");
    }

    @Test
    void headerLongerThanItsFrame() throws Exception {
        isRefused(frame(4 + 2, 100, "{}"), "");
    }

    @Test
    void headerFormThatIsUnknown() throws Exception {
        isRefused(frame(4 + 2, 2 | 7 << 24, "{}"), "");
    }

    @Test
    void binaryHeaderThatEndsTooEarly() throws Exception {
        isRefused(frame(4 + 5, 5 | 1 << 24, "abcde"), "");
    }

    @Test
    void httpOnThePort() throws Exception {
        isRefused(
                "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII), "'GET ': does the peer speak");
    }

    @Test
    void tlsOnThePort() throws Exception {
        isRefused(new byte[] {0x16, 3, 1, 2, 0, 1}, "a TLS handshake");
    }

    @Test
    void framesBeforeTheMalformedOneAreAnswered() throws Exception {
        try (TestServer server = new TestServer();
                RawPeer peer = server.peer()) {
            byte[] good = RawPeer.request(1, 5, "good");
            peer.send(ByteBuffer.allocate(good.length + 4).put(good).putInt(-5).array());
            assertThat(peer.receive().requestId()).isEqualTo(5);
            assertThat(peer.endsWithoutAnswer()).isTrue();
            assertThat(server.frames.get()).isEqualTo(1);
        }
    }

    @Test
    void aServiceThatThrowsEndsOnlyThatConnection() throws Exception {
        try (TestServer server = new TestServer((connection, frame) -> {
                    if (frame.code() == 666) {
                        throw new IllegalStateException("a bug on purpose");
                    }
                    TestServer.echo(connection, frame);
                });
                RawPeer bystander = server.peer();
                RawPeer peer = server.peer()) {
            peer.send(RawPeer.request(666, 1, ""));
            assertThat(peer.endsWithoutAnswer()).isTrue();
            bystander.send(RawPeer.request(1, 1, ""));
            assertThat(bystander.receive().requestId()).isEqualTo(1);
        }
    }
}
