package org.merlinmq.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ListenerTest {
    @Test
    void closingSendsWhatWasAnsweredFirst() throws Exception {
        int bytes = 8 << 20;
        TestServer server = new TestServer(
                (connection, frame) -> connection.out().put(RawPeer.request(0, frame.requestId(), 1, new byte[bytes])));
        try (RawPeer peer = server.peer()) {
            peer.send(RawPeer.request(1, 1, ""));
            Await.until("answered", () -> server.frames.get() == 1);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
            assertThat(peer.receive().body()).hasSize(bytes);
            assertThat(peer.endsWithoutAnswer()).isTrue();
            closing.join();
        }
    }

    @Test
    void whatIsInFlightMayBeAnsweredBetweenTheTwoStepsOfTheEnd() throws Exception {
        CompletableFuture<Connection> first = new CompletableFuture<>();
        try (TestServer server = new TestServer((connection, frame) -> first.complete(connection));
                RawPeer peer = server.peer()) {
            peer.send(RawPeer.request(1, 77, ""));
            Connection connection = first.join();
            server.listener.stopReading();
            assertThatThrownBy(server::peer).isInstanceOf(ConnectException.class);
            peer.send(RawPeer.request(1, 78, "not read any more"));
            connection.send(RawPeer.request(0, 77, 1, new byte[0]));
            assertThat(peer.receive().requestId()).isEqualTo(77);
            assertThat(server.frames.get()).isEqualTo(1);
        }
    }

    @Test
    void connectionsBeyondTheLimitAreClosedAndRoomIsReused() throws Exception {
        try (TestServer server = new TestServer(
                TestServer::echo, config -> config.withMaxConnections(3), new EventLoopsConfig(2, 1 << 20, "net"))) {
            List<RawPeer> peers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                RawPeer peer = server.peer().send(RawPeer.request(1, i, ""));
                assertThat(peer.receive().requestId()).isEqualTo(i);
                peers.add(peer);
            }
            try (RawPeer fourth = server.peer()) {
                assertThat(fourth.endsWithoutAnswer()).isTrue();
            }
            peers.get(0).close();
            Await.until("room again", () -> server.listener.connectionCount() == 2);
            try (RawPeer next = server.peer()) {
                assertThat(next.send(RawPeer.request(1, 9, "")).receive().requestId())
                        .isEqualTo(9);
            }
            for (RawPeer peer : peers) {
                peer.close();
            }
        }
    }

    @Test
    void aSecondAddressIsServedByTheSameServices() throws Exception {
        try (TestServer server = new TestServer()) {
            InetSocketAddress also =
                    server.listener.bindAlso(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (RawPeer peer = new RawPeer(also)) {
                assertThat(peer.send(RawPeer.request(1, 1, "")).receive().requestId())
                        .isEqualTo(1);
            }
            assertThat(server.frames.get()).isEqualTo(1);
        }
    }

    @Test
    void anAddressInUseIsNamed() {
        try (TestServer server = new TestServer()) {
            assertThatThrownBy(() -> server.listener.bindAlso(server.listener.address()))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(
                            String.valueOf(server.listener.address().getPort()))
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void twoThousandIdleConnectionsAreCheap() throws Exception {
        int connections = 2000;
        try (TestServer server = new TestServer()) {
            List<java.net.Socket> sockets = new ArrayList<>();
            byte[] request = RawPeer.request(1, 1, "x");
            long before = usedHeap();
            for (int i = 0; i < connections; i++) {
                java.net.Socket socket = new java.net.Socket(
                        InetAddress.getLoopbackAddress(),
                        server.listener.address().getPort());
                socket.getOutputStream().write(request);
                sockets.add(socket);
            }
            Await.until("all served", () -> server.frames.get() == connections);
            long heap = (usedHeap() - before) / connections;
            System.out.println("idle connections=" + connections + " heapBytesPerConnection=" + heap
                    + " (both ends) directBytes="
                    + server.loops.allocator().metric().usedDirectMemory());
            assertThat(heap).isLessThan(12_000);
            assertThat(server.loops.allocator().metric().usedDirectMemory()).isLessThan(8 << 20);
            for (java.net.Socket socket : sockets) {
                socket.close();
            }
            Await.until("all gone", () -> server.closed.get() == connections);
        }
    }

    private static long usedHeap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
