package org.merlinmq.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.Sink;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameCodec;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.frame.MalformedFrameException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection, accepted or made.
 *
 * <p>Threading: {@link #send}, {@link #call}, {@link #close}, {@link #isOpen}, {@link #unsentBytes} and the addresses from
 * any thread; all else on the connection's {@link #loop()} only. Everything that happens to a connection happens there.
 *
 * <p>Output gathers in {@link #out()} and goes out with one write at the end of the turn, or earlier if it is much. When
 * more than {@code outputHighBytes} are unsent, nothing more is read from a peer that connected to us until it has taken
 * its answers. One that we connected to is read all the time: what it sends are answers to us, and it may be waiting until
 * we take them before it takes our next request.
 */
public final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    /** A big answer is written in pieces that the buffer pool can serve; still one system call or few. */
    private static final int WRITE_PART_BYTES = 512 * 1024;

    /** So much is worth a write of its own before the turn ends: what gathers in a turn stays small. */
    private static final int EARLY_WRITE_BYTES = 256 * 1024;

    private static final int PAUSED_OUTPUT = 1;
    private static final int PAUSED_CROWDED = 2;
    private static final int PAUSED_ENDING = 4;
    private static final int PAUSED_STOPPED = 8;

    private final Channel channel;
    private final NetLoop loop;
    private final LoopService service;
    private final ConnectionLimits limits;
    private final boolean dialled;
    private final InetSocketAddress remote;
    private final InetSocketAddress local;
    private final FrameInput input;

    private @Nullable Sink out;
    private @Nullable OutstandingCalls calls;
    private volatile @Nullable Object attachment;
    private volatile long pendingBytes;
    private volatile boolean open = true;
    private int pauses;
    private long lastActiveNanos;
    private long writes;

    /** A connection that a peer made, for what it wants to ask. */
    static Connection accepted(Channel channel, NetLoop loop, LoopService service, ConnectionLimits limits) {
        return new Connection(channel, loop, service, limits, false);
    }

    /** A connection that this side made, for what it wants to ask. */
    static Connection dialled(Channel channel, NetLoop loop, LoopService service, ConnectionLimits limits) {
        return new Connection(channel, loop, service, limits, true);
    }

    private Connection(Channel channel, NetLoop loop, LoopService service, ConnectionLimits limits, boolean dialled) {
        this.channel = channel;
        this.loop = loop;
        this.service = service;
        this.limits = limits;
        this.dialled = dialled;
        this.remote = address(channel.remoteAddress());
        this.local = address(channel.localAddress());
        this.input = new FrameInput(this, loop, limits.maxFrameBytes());
        this.lastActiveNanos = loop.nanoTime();
    }

    /** A peer that is gone before it was looked at has no address any more. */
    private static InetSocketAddress address(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet : InetSocketAddress.createUnresolved("unknown", 0);
    }

    // ---- for services on the loop

    /**
     * Where to append whole frames. What is there at the end of the current turn (socket read or batch of tasks) is
     * written then. Ask for it anew in each call: sinks are lent by the loop and go back with every write.
     *
     * @return the sink of this turn
     */
    public Sink out() {
        assert loop.inLoop() : "out() belongs to the loop of " + this;
        Sink sink = out;
        if (sink == null) {
            sink = loop.borrowSink();
            out = sink;
            loop.touched(this);
        }
        return sink;
    }

    /**
     * Says that {@link #out()} got bytes outside a read of this connection. They go out at the end of the current turn.
     * Calling {@code out()} says as much by itself; a caller that took the sink in this turn need not call this.
     */
    public void touch() {
        out();
    }

    /**
     * Tells whether the peer takes what it is sent.
     *
     * @return false when so much is unsent that one should not send more of one's own accord
     */
    public boolean writable() {
        Sink sink = out;
        long unsent = pendingBytes + (sink == null ? 0 : sink.length());
        return open && unsent <= limits.outputHighBytes() && (pendingBytes == 0 || !loop.full());
    }

    /**
     * What was attached last.
     *
     * @return the attachment, or null if there is none
     */
    public @Nullable Object attachment() {
        return attachment;
    }

    /**
     * Attaches what a service wants to remember about this connection, in the place of what was attached before.
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
     * <p>Threading: the future is completed on the connection's loop; what hangs on it must not block.
     *
     * <p>Errors: the future fails with {@link CallFailedException}.
     *
     * @param request what to ask
     * @param timeout how long the answer may take; it fails up to 50 ms later than that
     * @return the answer, whatever its response code
     */
    public CompletableFuture<Frame> call(Frame request, Duration timeout) {
        return call(request, timeout, false);
    }

    /**
     * As {@link #call(Frame, Duration)}, and a choice of what becomes of a connection that does not answer.
     *
     * @param request what to ask
     * @param timeout how long the answer may take
     * @param closeWhenOverdue true closes the connection when the answer does not come in time
     * @return the answer, whatever its response code
     */
    public CompletableFuture<Frame> call(Frame request, Duration timeout, boolean closeWhenOverdue) {
        CompletableFuture<Frame> answer = new CompletableFuture<>();
        long deadlineNanos = loop.nanoTime() + timeout.toNanos();
        if (!onLoop(() -> startCall(request, deadlineNanos, closeWhenOverdue, answer))) {
            answer.completeExceptionally(closedBefore(request));
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
     * Tells whether the connection is there. It may end at any moment.
     *
     * @return false once it is closing or closed
     */
    public boolean isOpen() {
        return open;
    }

    /**
     * How much was handed to the connection and not taken by the operating system yet.
     *
     * @return a number of bytes that may be a moment old
     */
    public long unsentBytes() {
        return pendingBytes;
    }

    /**
     * The peer's address.
     *
     * @return where the other end is
     */
    public InetSocketAddress remote() {
        return remote;
    }

    /**
     * The address at which the peer reaches this side.
     *
     * @return where this end is
     */
    public InetSocketAddress local() {
        return local;
    }

    /**
     * The loop that everything of this connection happens on.
     *
     * @return the loop
     */
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
            flushIfMuch();
        }
    }

    private void append(Frame frame) {
        if (open) {
            FrameCodec.encode(frame, out());
            flushIfMuch();
        }
    }

    // ---- calls

    private void startCall(
            Frame request, long deadlineNanos, boolean closeWhenOverdue, CompletableFuture<Frame> answer) {
        OutstandingCalls known = calls;
        if (known == null) {
            known = new OutstandingCalls();
            calls = known;
        }
        if (!open) {
            answer.completeExceptionally(closedBefore(request));
        } else if (known.size() >= limits.maxCalls()) {
            answer.completeExceptionally(new CallFailedException(
                    CallFailedException.Reason.REJECTED,
                    limits.maxCalls() + " calls to " + remote + " wait for their answers already (limit maxCalls)"));
        } else {
            int id = known.nextId();
            String refusal = appendWithinBound(request.withRequestId(id));
            if (refusal != null) {
                answer.completeExceptionally(new CallFailedException(CallFailedException.Reason.REJECTED, refusal));
                return;
            }
            known.add(id, answer, request.code(), deadlineNanos, closeWhenOverdue);
            loop.watchCalls(this, deadlineNanos);
            flushIfMuch();
        }
    }

    /** Appends a request unless too much is unsent with it; says why it was left out. */
    private @Nullable String appendWithinBound(Frame request) {
        Sink sink = out();
        int before = sink.length();
        try {
            FrameCodec.encode(request, sink);
        } catch (IllegalStateException tooBig) {
            return "request code " + request.code() + " was not sent to " + remote + ": " + tooBig.getMessage();
        }
        if (pendingBytes + sink.length() > limits.outputMaxBytes()) {
            sink.truncate(before);
            return "request code " + request.code() + " was not sent to " + remote + ": " + (pendingBytes + before)
                    + " bytes are unsent before it (limit outputMaxBytes=" + limits.outputMaxBytes()
                    + "): wait for answers before asking more";
        }
        return null;
    }

    private CallFailedException closedBefore(Frame request) {
        return new CallFailedException(
                CallFailedException.Reason.REJECTED,
                "request code " + request.code() + " was not sent: the connection to " + remote + " is closed");
    }

    private void answered(FrameScan response) {
        OutstandingCalls known = calls;
        CompletableFuture<Frame> answer = known == null ? null : known.remove(response);
        if (known == null || answer == null) {
            LOG.debug("response-without-call peer={} requestId={}", remote, response.requestId());
            return;
        }
        if (known.size() == 0) {
            loop.unwatchCalls(this);
        }
        answer.complete(response.toFrame());
    }

    /** Fails the calls whose deadline has passed; returns the nanoseconds to the next deadline. */
    long endOverdueCalls(long nowNanos) {
        OutstandingCalls known = calls;
        if (known == null) {
            return Long.MAX_VALUE;
        }
        if (known.endOverdue(nowNanos, remote.toString())) {
            end("a call was not answered in time");
        }
        if (known.size() == 0) {
            loop.unwatchCalls(this);
        }
        return known.nearestNanos(nowNanos);
    }

    // ---- input, from the handler

    void read(ByteBuf in) {
        lastActiveNanos = loop.nanoTime();
        loop.beginTurn();
        try {
            input.read(in);
        } catch (MalformedFrameException malformed) {
            refuse(malformed.getMessage());
        }
    }

    void readDone() {
        try {
            service.readDone(this);
        } finally {
            loop.endTurn();
        }
    }

    void resumeInput() {
        if (paused()) {
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
            answered(scan);
        } else {
            service.frame(this, scan);
        }
        flushIfMuch();
    }

    /** The answers to one read can be a thousand times its size: see at once whether the peer takes them. */
    private void flushIfMuch() {
        Sink sink = out;
        if (sink != null && sink.length() > Math.min(limits.outputHighBytes(), EARLY_WRITE_BYTES)) {
            flush();
        }
    }

    /** Ends the connection for what the peer sent. */
    void refuse(@Nullable String cause) {
        LOG.info("connection-refused peer={} cause=\"{}\"", remote, cause);
        end("refused");
    }

    boolean paused() {
        return pauses != 0;
    }

    void pauseCrowded() {
        pause(PAUSED_CROWDED);
    }

    void resumeCrowded() {
        unpause(PAUSED_CROWDED);
    }

    private void pause(int why) {
        pauses |= why;
        channel.config().setAutoRead(false);
    }

    private void unpause(int why) {
        if ((pauses & why) != 0) {
            pauses &= ~why;
            if (pauses == 0) {
                // First what was held, in a turn of its own, then the socket.
                loop.execute(() -> {
                    channel.pipeline().fireUserEventTriggered(ConnectionHandler.RESUME);
                    if (pauses == 0) {
                        channel.config().setAutoRead(true);
                    }
                });
            }
        }
    }

    // ---- output

    /** Writes what has gathered, as one write. */
    void flush() {
        Sink sink = out;
        if (sink != null) {
            out = null;
            if (sink.length() > 0 && channel.isActive()) {
                try {
                    write(sink.array(), sink.length());
                } catch (OutOfMemoryError noBuffer) {
                    // The buffer pool's bound, not the heap's: this connection goes, the others go on.
                    LOG.warn(
                            "connection-closed peer={} cause=\"no buffer for {} bytes: {}\"",
                            remote,
                            sink.length(),
                            noBuffer.getMessage());
                    abort();
                }
            }
            loop.giveBack(sink);
        }
        if ((pauses & PAUSED_ENDING) != 0 && pendingBytes == 0) {
            closeChannel();
        }
    }

    private void write(byte[] bytes, int length) {
        writes++;
        if (length <= WRITE_PART_BYTES) {
            ChannelFuture written = channel.writeAndFlush(part(bytes, 0, length));
            account(written, length);
        } else {
            List<ChannelFuture> parts = new ArrayList<>();
            for (int at = 0; at < length; at += WRITE_PART_BYTES) {
                parts.add(channel.write(part(bytes, at, Math.min(WRITE_PART_BYTES, length - at))));
            }
            channel.flush();
            for (int i = 0; i < parts.size(); i++) {
                account(parts.get(i), Math.min(WRITE_PART_BYTES, length - i * WRITE_PART_BYTES));
            }
        }
        afterWrite();
    }

    private ByteBuf part(byte[] bytes, int at, int length) {
        return channel.alloc().directBuffer(length, length).writeBytes(bytes, at, length);
    }

    private void account(ChannelFuture written, int bytes) {
        if (written.isDone()) {
            lastActiveNanos = loop.nanoTime();
        } else {
            unsent(bytes);
            whenDone(written, bytes);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // addListener hands back its own receiver
    private void whenDone(ChannelFuture written, int bytes) {
        written.addListener(done -> taken(bytes));
    }

    private void taken(int bytes) {
        lastActiveNanos = loop.nanoTime();
        unsent(-bytes);
        if (pendingBytes < limits.outputLowBytes() || pendingBytes == 0) {
            unpause(PAUSED_OUTPUT);
        }
        if ((pauses & PAUSED_ENDING) != 0 && pendingBytes == 0) {
            closeChannel();
        }
    }

    // Volatile for readers on other threads; only the loop writes.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void unsent(int bytes) {
        pendingBytes += bytes;
        loop.holds(bytes);
    }

    private void afterWrite() {
        if (pendingBytes > limits.outputMaxBytes()) {
            LOG.info(
                    "connection-closed peer={} cause=\"{} bytes unsent, more than outputMaxBytes={}: the peer does not"
                            + " take what it is sent\"",
                    remote,
                    pendingBytes,
                    limits.outputMaxBytes());
            abort();
        } else if (!dialled && (pendingBytes > limits.outputHighBytes() || (pendingBytes > 0 && loop.full()))) {
            // When all connections together hold too much, none that is slow is served any further.
            pause(PAUSED_OUTPUT);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the end is heard of in closed()
    private void closeChannel() {
        channel.close();
    }

    /** How many writes were made; for tests of how answers gather. */
    long writes() {
        return writes;
    }

    // ---- the end

    void end(String reason) {
        if (open) {
            open = false;
            LOG.debug("connection-ending peer={} reason=\"{}\"", remote, reason);
            pause(PAUSED_ENDING);
            out();
        }
    }

    /** Ends the connection at once, unsent output and all. */
    void abort() {
        open = false;
        pauses |= PAUSED_ENDING;
        closeChannel();
    }

    /** From any thread: reads no more, while answers still go out. */
    void stopReading() {
        onLoop(() -> pause(PAUSED_STOPPED));
    }

    /** From any thread: ends the connection at once. */
    void abortSoon() {
        onLoop(this::abort);
    }

    void endIfSilent(long nowNanos) {
        if (nowNanos - lastActiveNanos > limits.idle().toNanos()) {
            LOG.debug("connection-closed peer={} cause=\"silent for {}\"", remote, limits.idle());
            abort();
        } else if ((pauses & PAUSED_OUTPUT) == 0
                && input.overdue(nowNanos, limits.frameArrival().toNanos())) {
            LOG.info(
                    "connection-closed peer={} cause=\"a frame has been arriving for more than {}{}\"",
                    remote,
                    limits.frameArrival(),
                    (pauses & PAUSED_CROWDED) == 0 ? "" : ", and all connections together hold as much as they may");
            abort();
        }
    }

    void opened() {
        loop.register(this, limits.scanMillis());
        service.opened(this);
    }

    void closed() {
        open = false;
        pauses |= PAUSED_ENDING;
        loop.unregister(this);
        input.release();
        Sink sink = out;
        if (sink != null) {
            sink.clear();
        }
        OutstandingCalls known = calls;
        if (known != null) {
            known.failAll(
                    CallFailedException.Reason.CLOSED,
                    "the connection to " + remote + " was closed before the answer came");
        }
        service.closed(this);
    }
}
