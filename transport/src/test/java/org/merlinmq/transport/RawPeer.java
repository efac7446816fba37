package org.merlinmq.transport;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameCodec;

/** A client made of a plain blocking socket, so that a test decides which bytes go out when. */
final class RawPeer implements AutoCloseable {
    final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;

    RawPeer(InetSocketAddress address) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(30_000);
        out = socket.getOutputStream();
        in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), 1 << 16));
    }

    /** A whole request with its length bytes, with a JSON header written by hand. */
    static byte[] request(int code, int requestId, int flag, byte[] body) {
        byte[] header = ("{\"code\":" + code + ",\"language\":\"JAVA\",\"version\":479,\"opaque\":" + requestId
                        + ",\"flag\":" + flag + ",\"serializeTypeCurrentRPC\":\"JSON\"}")
                .getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + header.length + body.length)
                .putInt(4 + header.length + body.length)
                .putInt(header.length)
                .put(header)
                .put(body)
                .array();
    }

    static byte[] request(int code, int requestId, String body) {
        return request(code, requestId, 0, body.getBytes(StandardCharsets.UTF_8));
    }

    RawPeer send(byte[] bytes) throws IOException {
        return send(bytes, 0, bytes.length);
    }

    RawPeer send(byte[] bytes, int at, int n) throws IOException {
        out.write(bytes, at, n);
        out.flush();
        return this;
    }

    RawPeer send(Frame frame) throws IOException {
        ByteWriter sink = new ByteWriter();
        FrameCodec.encode(frame, sink);
        return send(sink.array(), 0, sink.length());
    }

    Frame receive() throws IOException {
        int length = in.readInt();
        byte[] frame = new byte[length + 4];
        ByteBuffer.wrap(frame).putInt(length);
        in.readFully(frame, 4, length);
        return FrameCodec.decode(frame, 0, frame.length);
    }

    /** True if the server closes without sending anything more. */
    boolean endsWithoutAnswer() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketException reset) {
            return String.valueOf(reset.getMessage()).contains("reset");
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
