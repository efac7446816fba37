package org.merlinmq.broker.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.merlinmq.protocol.frame.Frame;

/** A client in memory: keeps what it is sent and answers as it is told. */
public final class FakeChannel implements Channel {
    /** What was sent one-way. */
    public final List<Frame> sent = new ArrayList<>();
    /** How questions are answered. */
    public Function<Frame, CompletableFuture<Frame>> answer = question -> new CompletableFuture<>();
    /** Whether the connection is there. */
    public boolean open = true;

    private final String address;

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
    public void send(Frame oneway) {
        sent.add(oneway);
    }

    @Override
    public CompletableFuture<Frame> call(Frame request, Duration timeout) {
        return answer.apply(request);
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
