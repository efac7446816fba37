package org.merlinmq.verification.server;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameCodec;

/** A plain blocking socket that frames go over, one call at a time. Threading: one thread. */
public final class RawConnection implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;

    private final Socket socket;
    private final DataInputStream in;
    private final AtomicInteger lastRequest = new AtomicInteger();
    private final ByteWriter out = new ByteWriter();

    /** Connects. */
    public RawConnection(InetSocketAddress to, int answerMillis) throws IOException {
        socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(answerMillis);
        socket.connect(to, CONNECT_MILLIS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Sends a request and reads until its answer comes; requests from the server are passed over. */
    public Frame call(Frame request) throws IOException {
        Frame numbered = request.withRequestId(lastRequest.incrementAndGet());
        send(numbered);
        while (true) {
            Frame frame = read();
            if (frame.isResponse() && frame.requestId() == numbered.requestId()) {
                return frame;
            }
        }
    }

    /** Sends a frame as it is. */
    public void send(Frame frame) throws IOException {
        out.clear();
        FrameCodec.encode(frame, out);
        socket.getOutputStream().write(out.array(), 0, out.length());
    }

    /** Sends bytes, whatever they are. */
    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Reads one frame. */
    public Frame read() throws IOException {
        int length = in.readInt();
        byte[] bytes = new byte[4 + length];
        bytes[0] = (byte) (length >>> 24);
        bytes[1] = (byte) (length >>> 16);
        bytes[2] = (byte) (length >>> 8);
        bytes[3] = (byte) length;
        in.readFully(bytes, 4, length);
        return FrameCodec.decode(bytes, 0, bytes.length);
    }

    /** The next frame, {@code null} if none came in time; an {@link EOFException} says that the server closed. */
    public @Nullable Frame readIfAny() throws IOException {
        try {
            return read();
        } catch (SocketTimeoutException none) {
            return null;
        } catch (SocketException reset) {
            throw new EOFException(reset.getMessage());
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket did not close", e);
        }
    }
}
