package org.merlinmq.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;

/**
 * One connection of a load generator: requests go out as copies of templates, answers are scanned in place.
 *
 * <p>Threading: any thread; the lock orders what a sender notes about a request before what a reader finds of its answer.
 *
 * <p>Errors: {@link UncheckedIOException} once the connection is gone.
 */
final class LoadSocket {
    private static final int FIRST_BYTES = 1 << 18;
    private static final long CALL_NANOS = 30_000_000_000L;
    private static final long LOOK_NANOS = 50_000;

    private final SocketChannel channel;
    private final FrameScan scan = new FrameScan();
    private final ByteBuffer out = ByteBuffer.allocate(FIRST_BYTES);
    private ByteBuffer in = ByteBuffer.allocate(FIRST_BYTES);

    LoadSocket(String address) {
        int colon = address.lastIndexOf(':');
        try {
            channel = SocketChannel.open(
                    new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
        } catch (IOException refused) {
            throw new UncheckedIOException("no connection to " + address, refused);
        }
    }

    SocketChannel channel() {
        return channel;
    }

    /** Copies a request; {@link #flush} or the end of {@link #read} sends it. */
    void put(RequestTemplate request) {
        put(request.bytes());
    }

    /** Copies a frame; {@link #flush} or the end of {@link #read} sends it. */
    synchronized void put(byte[] frame) {
        if (out.remaining() < frame.length) {
            flush();
        }
        out.put(frame);
    }

    /** Sends what was put. What is in flight fits the kernel's buffers, so this ends. */
    @SuppressWarnings("ThreadPriorityCheck") // the server may need this core
    synchronized void flush() {
        out.flip();
        try {
            while (out.hasRemaining()) {
                if (channel.write(out) == 0) {
                    Thread.yield();
                }
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        out.clear();
    }

    /** Hands over each frame that is there, valid during that call, and sends what was put meanwhile. */
    synchronized void read(Consumer<FrameScan> frames) {
        try {
            if (channel.read(in) < 0) {
                throw new IOException("the server closed the connection");
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        byte[] bytes = in.array();
        int end = in.position();
        int at = 0;
        while (end - at >= 4 && 4 + Bytes.getInt(bytes, at) <= end - at) {
            int size = 4 + Bytes.getInt(bytes, at);
            scan.scan(bytes, at, size);
            frames.accept(scan);
            at += size;
        }
        in.limit(end).position(at);
        in.compact();
        if (!in.hasRemaining()) {
            in = ByteBuffer.allocate(2 * in.capacity()).put(in.flip());
        }
        flush();
    }

    /** Sends a request and waits for its answer, which must be a success; before anything else is in flight. */
    Frame call(Frame request) {
        Frame answer = ask(request);
        if (!answer.isOk()) {
            throw new IllegalStateException(request + " was answered " + answer);
        }
        return answer;
    }

    /** Sends a request and waits for its answer, whatever it is; before anything else is in flight. */
    Frame ask(Frame request) {
        Frame[] answer = new Frame[1];
        long until = System.nanoTime() + CALL_NANOS;
        put(request.withRequestId(1).toBytes());
        flush();
        while (answer[0] == null && System.nanoTime() < until) {
            read(frame -> {
                if (frame.isResponse()) {
                    answer[0] = frame.toFrame();
                }
            });
            LockSupport.parkNanos(LOOK_NANOS);
        }
        if (answer[0] == null) {
            throw new IllegalStateException(request + " was not answered");
        }
        return answer[0];
    }
}
