package org.merlinmq.broker.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.protocol.frame.Frame;

/** A client in memory: keeps what it is sent and answers as it is told. */
public final class FakeChannel implements Channel {
    /** What was sent one-way. */
    public final List<Frame> sent = new ArrayList<>();
    /** How questions are answered. */
    public Function<Frame, CompletableFuture<Frame>> answer = question -> new CompletableFuture<>();
    /** What is to be run later, by how many milliseconds. */
    public final SortedMap<Long, Runnable> later = new TreeMap<>();
    /** Whether the connection is there. */
    public boolean open = true;

    private final String address;
    private final Session session = new Session(new InetSocketAddress(InetAddress.getLoopbackAddress(), 5));

    /**
     * A connected client.
     *
     * @param address where it is
     */
    public FakeChannel(String address) {
        this.address = address;
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public Session session() {
        return session;
    }

    @Override
    public void send(Frame oneway) {
        sent.add(oneway);
    }

    @Override
    public CompletableFuture<Boolean> deliver(Frame oneway) {
        if (open) {
            sent.add(oneway);
        }
        return CompletableFuture.completedFuture(open);
    }

    @Override
    public CompletableFuture<Frame> call(Frame request, Duration timeout) {
        return answer.apply(request);
    }

    @Override
    public void runIn(long millis, Runnable task) {
        later.put(millis, task);
    }

    /**
     * Runs what was to be run so much later.
     *
     * @param millis how much
     */
    public void runLater(long millis) {
        Objects.requireNonNull(later.remove(millis), () -> "nothing is to be run in " + millis + " ms")
                .run();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close(String reason) {
        open = false;
    }
}
