package org.merlinmq.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameCodec;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.frame.MalformedFrameException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection, accepted or made: what arrives goes through its {@link FrameInput} to the service, what is sent gathers
 * in {@link #out()} and goes out through its {@link FrameOutput} with one write at the end of the turn, or earlier if it is
 * much.
 *
 * <p>Threading: {@link #send}, {@link #call}, {@link #close}, {@link #isOpen}, {@link #unsentBytes} and the addresses from
 * any thread; all else on the connection's {@link #loop()} only. Everything that happens to a connection happens there.
 */
public final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private final Channel channel;
    private final NetLoop loop;
    private final LoopService service;
    private final ConnectionLimits limits;
    private final InetSocketAddress remote;
    private final InetSocketAddress local;
    private final ReadPauses reads;
    private final FrameInput input;
    private final FrameOutput output;
    private final OutstandingCalls calls;

    private volatile @Nullable Object attachment;
    private volatile boolean open = true;
    private long lastReadNanos;

    /** A connection that a peer made, for its requests. */
    static Connection accepted(Channel channel, NetLoop loop, LoopService service, ConnectionLimits limits) {
        return new Connection(channel, loop, service, limits, true);
    }

    /** A connection that this side made, for our requests. */
    static Connection dialled(Channel channel, NetLoop loop, LoopService service, ConnectionLimits limits) {
        return new Connection(channel, loop, service, limits, false);
    }

    private Connection(Channel channel, NetLoop loop, LoopService service, ConnectionLimits limits, boolean peerAsks) {
        this.channel = channel;
        this.loop = loop;
        this.service = service;
        this.limits = limits;
        this.remote = address(channel.remoteAddress());
        this.local = address(channel.localAddress());
        this.reads = new ReadPauses(channel, loop);
        this.input = new FrameInput(this, loop, reads, limits.maxFrameBytes());
        this.output = new FrameOutput(this, channel, loop, reads, limits, peerAsks);
        this.calls = new OutstandingCalls(this, loop, output, limits.maxCalls());
        this.lastReadNanos = loop.nanoTime();
    }

    /** A peer that is gone before it was looked at has no address any more. */
    private static InetSocketAddress address(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet : InetSocketAddress.createUnresolved("unknown", 0);
    }

    // ---- for services on the loop

    /**
     * Where to append whole frames. What is there at the end of the current turn (pass over the ready sockets, or batch of
     * tasks) is written then. Ask for it anew in each call: sinks are lent by the loop and go back with every write.
     *
     * @return the sink of this turn
     */
    public ByteWriter out() {
        assert loop.inLoop() : "out() belongs to the loop of " + this;
        return output.sink();
    }

    /**
     * Says that {@link #out()} got bytes outside a read of this connection. They go out at the end of the current turn.
     * {@code out()} does this by itself, so a caller that used it in this turn need not call this.
     */
    public void touch() {
        out();
    }

    /**
     * Whether the peer reads its answers: false if so much is unsent that nothing should be sent that it did not request.
     */
    public boolean writable() {
        return open && output.writable();
    }

    /** The attached state; null if there is none. */
    public @Nullable Object attachment() {
        return attachment;
    }

    /**
     * Attaches a service's state to this connection, in place of what was attached before.
     *
     * @param newAttachment anything, null for nothing
     */
    public void attach(@Nullable Object newAttachment) {
        attachment = newAttachment;
    }

    // ---- for anybody

    /**
     * Sends a whole frame as it is. On a closed connection it is dropped.
     *
     * @param frame the frame with its four length bytes; not to be changed afterwards
     */
    public void send(byte[] frame) {
        onLoop(() -> append(frame));
    }

    /**
     * Sends a frame as it is, its number included. On a closed connection it is dropped.
     *
     * @param frame a response or a request that is not answered
     */
    public void send(Frame frame) {
        onLoop(() -> append(frame));
    }

    /**
     * Sends a request and waits for its answer. The request's number is chosen here.
     *
     * <p>Threading: the future is completed on the connection's loop; its callbacks must not block.
     *
     * <p>Errors: the future fails with {@link CallFailedException}.
     *
     * @param request the request
     * @param timeout how long the answer may take; it fails up to 50 ms later than that
     * @return the answer, whatever its response code
     */
    public CompletableFuture<Frame> call(Frame request, Duration timeout) {
        return call(request, timeout, false);
    }

    /**
     * As {@link #call(Frame, Duration)}, and a choice of what becomes of a connection that does not answer.
     *
     * @param request the request
     * @param timeout how long the answer may take
     * @param closeWhenOverdue true closes the connection when the answer does not come in time
     * @return the answer, whatever its response code
     */
    public CompletableFuture<Frame> call(Frame request, Duration timeout, boolean closeWhenOverdue) {
        CompletableFuture<Frame> answer = new CompletableFuture<>();
        long deadlineNanos = loop.nanoTime() + timeout.toNanos();
        if (!onLoop(() -> calls.start(request, deadlineNanos, closeWhenOverdue, answer))) {
            answer.completeExceptionally(OutstandingCalls.closedBefore(request, this));
        }
        return answer;
    }

    /**
     * Closes the connection after what was appended so far has been sent.
     *
     * @param reason a few words for the log
     */
    public void close(String reason) {
        onLoop(() -> end(reason));
    }

    /**
     * Runs a task when the connection has closed, whoever closed it; at once if it has closed already.
     *
     * <p>Threading: the task runs on the connection's loop; it must not block.
     *
     * @param task run once
     */
    @SuppressWarnings("FutureReturnValueIgnored") // addListener hands back its own receiver
    public void whenClosed(Runnable task) {
        channel.closeFuture().addListener(closed -> task.run());
    }

    /** Whether the connection is open; false once it is closing or closed. */
    public boolean isOpen() {
        return open;
    }

    /**
     * Bytes that were written to the connection and not taken by the operating system yet; may be a moment old.
     */
    public long unsentBytes() {
        return output.unsentBytes();
    }

    /** The peer's address. */
    public InetSocketAddress remote() {
        return remote;
    }

    /** The address at which the peer reaches this side. */
    public InetSocketAddress local() {
        return local;
    }

    /** The loop that runs everything of this connection. */
    public Loop loop() {
        return loop;
    }

    @Override
    public String toString() {
        return "connection " + local + " <-> " + remote;
    }

    /** Runs at once on the loop, later from elsewhere; false if the loop is no more. */
    private boolean onLoop(Runnable task) {
        if (loop.inLoop()) {
            task.run();
            return true;
        }
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException closed) {
            LOG.debug("connection-task-dropped peer={} cause=loops-closed", remote);
            return false;
        }
    }

    private void append(byte[] frame) {
        if (open) {
            out().put(frame);
            output.flushIfMuch();
        }
    }

    private void append(Frame frame) {
        if (open) {
            FrameCodec.encode(frame, out());
            output.flushIfMuch();
        }
    }

    // ---- from the handler and the loop

    void read(ByteBuf in) {
        lastReadNanos = loop.nanoTime();
        loop.beginTurn();
        try {
            input.read(in);
        } catch (MalformedFrameException malformed) {
            refuse(malformed.getMessage());
        }
    }

    /** A read has ended, or what was held back was handled. */
    void readDone() {
        output.flushAnswers();
        loop.wasRead(this);
    }

    LoopService service() {
        return service;
    }

    void resumeInput() {
        if (reads.any()) {
            return;
        }
        loop.beginTurn();
        try {
            input.resume();
        } catch (MalformedFrameException malformed) {
            refuse(malformed.getMessage());
        } finally {
            readDone();
        }
    }

    void handle(byte[] array, int at, int frameBytes) {
        FrameScan scan = loop.scan();
        scan.scan(array, at, frameBytes);
        if (scan.isResponse()) {
            calls.answered(scan);
        } else {
            service.frame(this, scan);
        }
        output.flushIfMuch();
    }

    /** Ends the connection for what the peer sent. */
    void refuse(@Nullable String cause) {
        LOG.info("connection-refused peer={} cause=\"{}\"", remote, cause);
        end("refused");
    }

    void resumeCrowded() {
        reads.remove(ReadPauses.Reason.CROWDED);
    }

    /** Fails the calls whose deadline has passed; returns the nanoseconds to the next deadline. */
    long endOverdueCalls(long nowNanos) {
        return calls.endOverdue(nowNanos);
    }

    /** Writes what has gathered, as one write. */
    void flush() {
        output.flush();
    }

    /** The operating system has taken all: an end that waited for it comes now. */
    void allSent() {
        if (reads.has(ReadPauses.Reason.ENDING)) {
            closeChannel();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the end is heard of in closed()
    private void closeChannel() {
        channel.close();
    }

    /** How many writes were made; for tests of how answers gather. */
    long writes() {
        return output.writes();
    }

    // ---- the end

    void end(String reason) {
        if (open) {
            open = false;
            LOG.debug("connection-ending peer={} reason=\"{}\"", remote, reason);
            reads.add(ReadPauses.Reason.ENDING);
            out();
        }
    }

    /** Ends the connection at once, unsent output and all. */
    void abort() {
        open = false;
        reads.add(ReadPauses.Reason.ENDING);
        closeChannel();
    }

    /** From any thread: reads no more, while answers still go out. */
    void stopReading() {
        onLoop(() -> reads.add(ReadPauses.Reason.STOPPED));
    }

    /** From any thread: ends the connection at once. */
    void abortSoon() {
        onLoop(this::abort);
    }

    void endIfSilent(long nowNanos) {
        long silentNanos = Math.min(nowNanos - lastReadNanos, nowNanos - output.lastTakenNanos());
        if (silentNanos > limits.idle().toNanos()) {
            LOG.debug("connection-closed peer={} cause=\"silent for {}\"", remote, limits.idle());
            abort();
        } else if (!reads.has(ReadPauses.Reason.SLOW_READER)
                && input.overdue(nowNanos, limits.frameArrival().toNanos())) {
            LOG.info(
                    "connection-closed peer={} cause=\"a frame has been arriving for more than {}{}\"",
                    remote,
                    limits.frameArrival(),
                    reads.has(ReadPauses.Reason.CROWDED)
                            ? ", and all connections together hold as much as they may"
                            : "");
            abort();
        }
    }

    void opened() {
        loop.register(this, limits.scanMillis());
        service.opened(this);
    }

    void closed() {
        open = false;
        reads.add(ReadPauses.Reason.ENDING);
        loop.unregister(this);
        input.release();
        output.discard();
        calls.failAll();
        service.closed(this);
    }
}
