package org.merlinmq.replication.member;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.merlinmq.replication.apache.ApacheMaster;

/** The replication port, which members and RocketMQ's slaves connect to. */
final class GroupAcceptorTest {
    private record Taken(String by, SocketChannel channel, String first) {}

    private final BlockingQueue<Taken> taken = new LinkedBlockingQueue<>();
    private final GroupAcceptor acceptor;

    GroupAcceptorTest() throws IOException {
        acceptor = GroupAcceptor.serve(
                ApacheMaster.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                (channel, first) -> taken.add(taken("member", channel, first)),
                (channel, first) -> taken.add(taken("slave", channel, first)));
    }

    private static Taken taken(String by, SocketChannel channel, ByteBuffer first) {
        return new Taken(by, channel, StandardCharsets.ISO_8859_1.decode(first).toString());
    }

    @AfterEach
    void close() {
        acceptor.close();
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), acceptor.port());
    }

    private Taken next() throws InterruptedException {
        return requireNonNull(taken.poll(60, TimeUnit.SECONDS));
    }

    @Test
    void eachConnectionGoesToThoseWhoSpeakItsLanguage() throws Exception {
        try (Socket silent = connect();
                Socket slave = connect();
                Socket member = connect()) {
            member.getOutputStream().write("MRPL".getBytes(StandardCharsets.US_ASCII));
            Taken first = next();
            slave.getOutputStream().write(new byte[8]);
            Taken second = next();
            assertThat(first.by).isEqualTo("member");
            assertThat("MRPL").startsWith(first.first);
            assertThat(second.by).isEqualTo("slave");
            assertThat(second.first).startsWith("\0");
            silent.getOutputStream().write(0);
            assertThat(next().by).isEqualTo("slave");
            for (Taken each : new Taken[] {first, second}) {
                each.channel.configureBlocking(true);
                assertThat(each.channel.write(ByteBuffer.wrap(new byte[] {5}))).isEqualTo(1);
                each.channel.close();
            }
            assertThat(member.getInputStream().read()).isEqualTo(5);
            assertThat(member.getInputStream().read()).as("the end").isEqualTo(-1);
            assertThat(slave.getInputStream().read()).isEqualTo(5);
        }
    }

    @Test
    void oneThatGoesWithoutAWordIsForgotten() throws Exception {
        for (int i = 0; i < 100; i++) {
            connect().close();
        }
        try (Socket member = connect()) {
            member.getOutputStream().write('M');
            assertThat(next().by).isEqualTo("member");
        }
    }
}
