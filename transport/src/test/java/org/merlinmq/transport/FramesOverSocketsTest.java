package org.merlinmq.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameLimits;

class FramesOverSocketsTest {
    @Test
    void aFrameMayBeSplitAtAnyByte() throws Exception {
        try (TestServer server = new TestServer();
                RawPeer peer = server.peer()) {
            byte[] two = new byte[0];
            for (int split = 1; split < RawPeer.request(1, 100, "hello").length; split++) {
                two = RawPeer.request(1, 100 + split, "hello");
                int before = server.reads.get();
                peer.send(two, 0, split);
                Await.until("the first part is read", () -> server.reads.get() > before);
                peer.send(two, split, two.length - split);
                Frame answer = peer.receive();
                assertThat(answer.requestId()).isEqualTo(100 + split);
                assertThat(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo("hello");
            }
        }
    }

    @Test
    void aFrameMayArriveByteByByte() throws Exception {
        try (TestServer server = new TestServer();
                RawPeer peer = server.peer()) {
            byte[] request = RawPeer.request(1, 7, "drip");
            for (int i = 0; i < request.length; i++) {
                peer.send(request, i, 1);
            }
            assertThat(peer.receive().requestId()).isEqualTo(7);
        }
    }

    @Test
    void allFramesOfOneReadAreAnsweredWithOneWrite() throws Exception {
        try (TestServer server = new TestServer();
                RawPeer peer = server.peer()) {
            int frames = 200;
            ByteArrayOutputStream many = new ByteArrayOutputStream();
            for (int i = 0; i < frames; i++) {
                many.writeBytes(RawPeer.request(1, i, "x"));
            }
            peer.send(many.toByteArray());
            for (int i = 0; i < frames; i++) {
                assertThat(peer.receive().requestId()).isEqualTo(i);
            }
            // Many answers are written before their turn ends.
            Connection connection = server.onlyConnection();
            Await.until("the turn has ended", () -> server.reads.get() >= connection.writes());
            assertThat(connection.writes()).isEqualTo(server.reads.get()).isLessThan(5);
        }
    }

    @Test
    void framesOfAllSocketsThatAreReadyAreCommittedTogether() throws Exception {
        int hold = 2;
        CountDownLatch sent = new CountDownLatch(1);
        try (TestServer server = new TestServer(
                        (connection, frame) -> {
                            if (frame.code() == hold) {
                                Await.until("all have sent", () -> sent.getCount() == 0);
                            }
                            TestServer.echo(connection, frame);
                        },
                        config -> config,
                        new EventLoopsConfig(1, 1 << 20, "net"));
                RawPeer first = server.peer()) {
            List<RawPeer> others = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                RawPeer peer = server.peer().send(RawPeer.request(1, i, "connected"));
                assertThat(peer.receive().requestId()).isEqualTo(i);
                others.add(peer);
            }
            int before = server.reads.get();
            first.send(RawPeer.request(hold, 1, "the loop is busy"));
            for (RawPeer peer : others) {
                peer.send(RawPeer.request(1, 100, "ready meanwhile"));
            }
            sent.countDown();
            for (RawPeer peer : others) {
                assertThat(peer.receive().requestId()).isEqualTo(100);
                peer.close();
            }
            // The system may show a few of them later than the others, but not each alone.
            assertThat(server.reads.get() - before).isLessThan(others.size() / 2);
        }
    }

    @Test
    void tenThousandPipelinedRequestsAreAnsweredInOrder() throws Exception {
        try (TestServer server = new TestServer();
                RawPeer peer = server.peer()) {
            int frames = 10_000;
            ByteArrayOutputStream many = new ByteArrayOutputStream();
            for (int i = 0; i < frames; i++) {
                many.writeBytes(RawPeer.request(10, i, "b".repeat(i % 300)));
            }
            CompletableFuture<Void> sender = CompletableFuture.runAsync(() -> {
                try {
                    peer.send(many.toByteArray());
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            for (int i = 0; i < frames; i++) {
                Frame answer = peer.receive();
                assertThat(answer.requestId()).isEqualTo(i);
                assertThat(answer.body()).hasSize(i % 300);
            }
            sender.join();
            System.out.println("pipelined frames=" + frames + " reads=" + server.reads.get() + " writes="
                    + server.onlyConnection().writes());
            assertThat(server.onlyConnection().writes()).isLessThan(frames / 20);
        }
    }

    @Test
    void aFrameOfTheGreatestSizePassesAndKeepsNothingBehind() throws Exception {
        CompletableFuture<Frame> arrived = new CompletableFuture<>();
        try (TestServer server = new TestServer((connection, frame) -> {
                    if (!arrived.complete(frame.toFrame())) {
                        TestServer.echo(connection, frame);
                    }
                });
                RawPeer peer = server.peer()) {
            byte[] body = new byte[FrameLimits.MAX_FRAME_BYTES - RawPeer.request(1, 1, "").length];
            new java.util.Random(1).nextBytes(body);
            byte[] request = RawPeer.request(1, 1, 0, body);
            assertThat(request).hasSize(16_777_216);
            peer.send(request).send(RawPeer.request(1, 2, "after"));
            assertThat(peer.receive().requestId()).isEqualTo(2);
            assertThat(arrived.join().body()).isEqualTo(body);
            Await.until("nothing held", () -> server.loops.inFlight().bytes() == 0);
        }
    }

    @Test
    void nioReadsAndWritesTheSame() throws Exception {
        EventLoops nio = EventLoops.startNio(new EventLoopsConfig(1, 1 << 20, "nio"));
        try (TestServer server = new TestServer(TestServer::echo, config -> config, nio);
                RawPeer peer = server.peer()) {
            byte[] request = RawPeer.request(1, 5, "x".repeat(200_000));
            peer.send(request, 0, 3).send(request, 3, request.length - 3);
            assertThat(peer.receive().body()).hasSize(200_000);
            assertThat(server.loops.io()).isEqualTo("nio");
        }
    }

    @Test
    void epollIsUsedWhereTheNativeHalfIsThere() {
        boolean linux = System.getProperty("os.name").equals("Linux");
        try (EventLoops loops = EventLoops.start(new EventLoopsConfig(1, 1, "net"))) {
            assertThat(loops.io()).isEqualTo(linux ? "epoll" : "nio");
        }
    }

    @Test
    void aTaskFromElsewhereAnswersWithoutARead() throws Exception {
        CompletableFuture<Connection> first = new CompletableFuture<>();
        try (TestServer server = new TestServer((connection, frame) -> first.complete(connection));
                RawPeer peer = server.peer()) {
            peer.send(RawPeer.request(1, 3, "held"));
            Connection connection = first.join();
            for (int i = 0; i < 100; i++) {
                connection.send(RawPeer.request(0, i, 1, new byte[0]));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(peer.receive().requestId()).isEqualTo(i);
            }
        }
    }

    @Test
    void oneBatchOfTasksMakesOneWrite() throws Exception {
        try (TestServer server = new TestServer();
                RawPeer peer = server.peer()) {
            Connection connection = server.onlyConnection();
            CompletableFuture<Void> queued = new CompletableFuture<>();
            connection.loop().execute(() -> {
                // Queued from within one task, so they are there together when the next turn begins.
                for (int i = 0; i < 50; i++) {
                    int id = i;
                    connection.loop().execute(() -> connection.send(RawPeer.request(0, id, 1, new byte[0])));
                }
                queued.complete(null);
            });
            queued.join();
            for (int i = 0; i < 50; i++) {
                peer.receive();
            }
            assertThat(connection.writes()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void anotherConnectionsFrameMayFillOurOutput() throws Exception {
        AtomicInteger order = new AtomicInteger();
        java.util.List<Connection> waiting = new java.util.concurrent.CopyOnWriteArrayList<>();
        EventLoopsConfig oneLoop = new EventLoopsConfig(1, 1 << 20, "net");
        try (TestServer server = new TestServer(
                        (connection, frame) -> {
                            if (frame.code() == 11) {
                                waiting.add(connection);
                            } else {
                                TestServer.echo(connection, frame);
                                for (Connection parked : waiting) {
                                    parked.out().put(RawPeer.request(0, order.incrementAndGet(), 1, new byte[0]));
                                    parked.touch();
                                }
                            }
                        },
                        config -> config,
                        oneLoop);
                RawPeer consumer = server.peer();
                RawPeer producer = server.peer()) {
            consumer.send(RawPeer.request(11, 1, "pull"));
            Await.until("parked", () -> waiting.size() == 1);
            producer.send(RawPeer.request(10, 9, "send"));
            assertThat(consumer.receive().requestId()).isEqualTo(1);
            assertThat(producer.receive().requestId()).isEqualTo(9);
        }
    }
}
