package org.merlinmq.replication.member;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.replication.stream.Message.Bits256;
import org.merlinmq.replication.stream.MessageCodec;
import org.merlinmq.storage.log.EpochTable.Epoch;

/** The other end of a member's connection, played message by message. */
final class PlayedMember implements Closeable {
    private final Socket socket;
    private final DataInputStream in;

    PlayedMember(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(60_000);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Connects; its system holds few bytes that were not read, if their number is above 0. */
    static PlayedMember connect(int port, int receiveBytes) throws IOException {
        Socket socket = new Socket();
        if (receiveBytes > 0) {
            socket.setReceiveBufferSize(receiveBytes);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new PlayedMember(socket);
    }

    void send(ByteBuffer bytes) throws IOException {
        byte[] all = new byte[bytes.remaining()];
        bytes.get(all);
        socket.getOutputStream().write(all);
    }

    void send(Message message) throws IOException {
        send(MessageCodec.encode(message));
    }

    /** The next message; null at the stream's end. */
    @Nullable Message read() throws IOException {
        byte[] head = in.readNBytes(MessageCodec.HEAD_BYTES);
        if (head.length < MessageCodec.HEAD_BYTES) {
            return null;
        }
        byte[] body = in.readNBytes(MessageCodec.bodyBytes(ByteBuffer.wrap(head)));
        return MessageCodec.decode(ByteBuffer.allocate(head.length + body.length)
                .put(head)
                .put(body)
                .flip());
    }

    /** Begins to follow with an empty log, as a member of a group of two without copies; returns the leader's epoch. */
    int follow(int member) throws IOException {
        send(new Message.Opening(member, 0, false, List.of(0, 1), Bits256.NONE));
        assertThat(read()).isInstanceOf(Message.Opening.class);
        send(new Message.Hello(member, 0, 0, List.of(new Epoch(0, 0)), 0, 0, TestMember.SEGMENT, false));
        Message answer = read();
        assertThat(answer).isInstanceOf(Message.Welcome.class);
        int epoch = answer instanceof Message.Welcome welcome ? welcome.epoch() : 0;
        acknowledge(epoch, 0, 0);
        return epoch;
    }

    void acknowledge(int epoch, long end, long heartbeatMillis) throws IOException {
        send(new Message.Ack(epoch, end, end, end, heartbeatMillis));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
