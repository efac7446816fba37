package org.merlinmq.replication.member;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** Stands between two members, and cuts each connection after some bytes of what the second one sends. */
final class CuttingProxy implements Closeable {
    private final ServerSocket server;
    private final int port;
    private final LongSupplier cutAfter;
    private final AtomicInteger cuts = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    /** In front of a port; each connection gets as many bytes as the supplier gives, then it is closed both ways. */
    CuttingProxy(int port, LongSupplier cutAfter) throws IOException {
        this.port = port;
        this.cutAfter = cutAfter;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** How many connections were cut. */
    int cuts() {
        return cuts.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket from = server.accept();
                Socket to = new Socket(InetAddress.getLoopbackAddress(), port);
                long left = cutAfter.getAsLong();
                Thread.ofVirtual().start(() -> copy(from, to, Long.MAX_VALUE));
                Thread.ofVirtual().start(() -> copy(to, from, left));
            }
        } catch (IOException closed) {
            ended.incrementAndGet();
        }
    }

    private void copy(Socket from, Socket to, long most) {
        byte[] bytes = new byte[4096];
        long left = most;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            while (left > 0) {
                int count = in.read(bytes, 0, (int) Math.min(bytes.length, left));
                if (count < 0) {
                    return;
                }
                out.write(bytes, 0, count);
                left -= count;
            }
            cuts.incrementAndGet();
        } catch (IOException closed) {
            ended.incrementAndGet();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
