package org.merlinmq.transport;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.frame.FrameScan;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one event loop owns: the array its reads land in, the scan of a frame, spare output sinks, and its connections.
 *
 * <p>Threading: {@link #execute}, {@link #schedule} and {@link #inLoop} from any thread, all else on the loop itself.
 *
 * <p>A turn is one pass over the sockets that have something to read, or one batch of tasks. What all frames of a pass staged
 * is committed together at its end. Connections that got output during a turn gather in {@code touched} and are then written
 * once each. So many connections of few frames are served as few of many are.
 */
final class NetLoop implements Loop {
    /** The size of one read and of the array that takes it. */
    static final int READ_BYTES = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(NetLoop.class);
    /** What all spare sinks hold together; one that a big answer has blown up beyond that is not kept. */
    private static final int SPARE_SINK_BYTES = 1024 * 1024;

    private static final int TASKS_PER_TURN = 4096;
    private static final long CALL_SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long CROWDED_RETRY_MILLIS = 50;

    private final EventLoop eventLoop;
    private final int index;
    private final InFlightBytes inFlight;
    private final LongSupplier nanoClock;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean drainScheduled = new AtomicBoolean();

    private final ReadBuffer socketReads = new ReadBuffer(EventLoops.READS_PER_TURN);
    private final byte[] readBuffer = new byte[READ_BYTES];
    private final FrameScan scan = new FrameScan();
    private final ArrayDeque<ByteWriter> spareSinks = new ArrayDeque<>();
    private int spareSinkBytes;
    private final List<Connection> touched = new ArrayList<>();
    /** Those read since the last turn; while there are any its end is scheduled. */
    private final List<Connection> read = new ArrayList<>();

    private final Runnable endOfPass = this::endPass;
    private boolean inTurn;
    private boolean flushScheduled;

    private final Set<Connection> connections = new HashSet<>();
    private long scanMillis = Long.MAX_VALUE;
    private @Nullable ScheduledFuture<?> scanner;

    private final Set<Connection> calling = new HashSet<>();
    private long nextCallSweepNanos;
    private @Nullable ScheduledFuture<?> callSweep;

    /** Paused in the middle of a frame because all connections together hold too much; oldest first. */
    private final Set<Connection> crowded = new LinkedHashSet<>();

    /** The one connection that may finish its frame all the same, so that the rest gets its turn. */
    private @Nullable Connection favoured;

    private boolean crowdedRetryScheduled;

    NetLoop(EventLoop eventLoop, int index, InFlightBytes inFlight, LongSupplier nanoClock) {
        this.eventLoop = eventLoop;
        this.index = index;
        this.inFlight = inFlight;
        this.nanoClock = nanoClock;
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    long nanoTime() {
        return nanoClock.getAsLong();
    }

    FrameScan scan() {
        return scan;
    }

    /** What the sockets of this loop are read into. */
    ReadBuffer socketReads() {
        return socketReads;
    }

    /** The array for the bytes of one read; its content is valid until the next read. */
    byte[] readBuffer(int bytes) {
        return bytes <= readBuffer.length ? readBuffer : new byte[bytes];
    }

    // ---- tasks

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (!drainScheduled.get() && drainScheduled.compareAndSet(false, true)) {
            try {
                eventLoop.execute(this::drain);
            } catch (RejectedExecutionException closed) {
                // The next task must fail too, and not wait for a turn that never comes.
                drainScheduled.set(false);
                throw closed;
            }
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the tasks of the loop are never cancelled one by one
    public void schedule(Runnable task, long delayMillis) {
        eventLoop.schedule(() -> execute(task), delayMillis, TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean inLoop() {
        return eventLoop.inEventLoop();
    }

    @Override
    public int index() {
        return index;
    }

    private void drain() {
        // Cleared before the first poll: a task that is added after the last one schedules the next turn.
        drainScheduled.set(false);
        beginTurn();
        int ran = 0;
        for (Runnable task; ran < TASKS_PER_TURN && (task = tasks.poll()) != null; ran++) {
            run(task);
        }
        endTurn();
        if (!tasks.isEmpty() && drainScheduled.compareAndSet(false, true)) {
            eventLoop.execute(this::drain);
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error bug) { // the loop's thread is run here, and serves others too
            LOG.error("loop-task-failed task={}", task.getClass().getName(), bug);
        }
    }

    // ---- output

    ByteWriter borrowSink() {
        ByteWriter sink = spareSinks.pollLast();
        if (sink == null) {
            return new ByteWriter(1024);
        }
        spareSinkBytes -= sink.array().length;
        return sink;
    }

    void giveBack(ByteWriter sink) {
        int bytes = sink.array().length;
        if (spareSinkBytes + bytes <= SPARE_SINK_BYTES) {
            spareSinkBytes += bytes;
            sink.clear();
            spareSinks.addLast(sink);
        }
    }

    void touched(Connection connection) {
        touched.add(connection);
        if (!inTurn && !flushScheduled) {
            flushScheduled = true;
            eventLoop.execute(this::flushOutsideTurn);
        }
    }

    private void flushOutsideTurn() {
        flushScheduled = false;
        endTurn();
    }

    void beginTurn() {
        inTurn = true;
    }

    /** A connection was read: its service commits, and the turn ends, when all other sockets that are ready were read too. */
    void wasRead(Connection connection) {
        if (read.isEmpty()) {
            // Tasks run when the pass over the sockets is over.
            eventLoop.execute(endOfPass);
        }
        read.add(connection);
    }

    private void endPass() {
        // A batch of tasks may have come in between, and ended the turn.
        beginTurn();
        try {
            LoopService committed = null;
            for (Connection each : read) {
                if (!each.service().equals(committed)) {
                    committed = each.service();
                    commit(committed);
                }
            }
        } finally {
            read.clear();
            endTurn();
        }
    }

    private void commit(LoopService service) {
        try {
            service.readsDone();
        } catch (RuntimeException | Error bug) { // the loop's thread is run here, and serves others too
            LOG.error("commit-failed connections={}", read.size(), bug);
            for (Connection each : read) {
                if (each.service().equals(service)) {
                    each.abort();
                }
            }
        }
    }

    /** Writes everything that this turn appended, one write per connection. */
    void endTurn() {
        inTurn = true;
        // By index: ending one connection may append a notice to others, which then join the list.
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).flush();
        }
        touched.clear();
        inTurn = false;
    }

    // ---- silent connections and slow frames

    void register(Connection connection, long wantedScanMillis) {
        connections.add(connection);
        if (scanner == null || wantedScanMillis < scanMillis) {
            scanMillis = Math.min(scanMillis, wantedScanMillis);
            if (scanner != null) {
                scanner.cancel(false);
            }
            scanner = eventLoop.scheduleWithFixedDelay(
                    this::scanConnections, scanMillis, scanMillis, TimeUnit.MILLISECONDS);
        }
    }

    void unregister(Connection connection) {
        connections.remove(connection);
        calling.remove(connection);
        crowded.remove(connection);
        if (favoured == connection) {
            favoured = null;
            retryCrowded();
        }
        if (connections.isEmpty() && scanner != null) {
            // An idle loop sleeps: the next connection starts the scan again.
            scanner.cancel(false);
            scanner = null;
            scanMillis = Long.MAX_VALUE;
        }
    }

    Set<Connection> connections() {
        return connections;
    }

    private void scanConnections() {
        long now = nanoTime();
        for (Connection connection : List.copyOf(connections)) {
            connection.endIfSilent(now);
        }
    }

    // ---- deadlines of our own calls

    void watchCalls(Connection connection, long deadlineNanos) {
        calling.add(connection);
        if (callSweep == null || deadlineNanos - nextCallSweepNanos < 0) {
            sweepCallsAt(deadlineNanos);
        }
    }

    void unwatchCalls(Connection connection) {
        calling.remove(connection);
    }

    private void sweepCallsAt(long deadlineNanos) {
        if (callSweep != null) {
            callSweep.cancel(false);
        }
        long wait = Math.max(deadlineNanos - nanoTime(), CALL_SWEEP_NANOS);
        nextCallSweepNanos = nanoTime() + wait;
        callSweep = eventLoop.schedule(this::sweepCalls, wait, TimeUnit.NANOSECONDS);
    }

    private void sweepCalls() {
        callSweep = null;
        long now = nanoTime();
        long nearest = Long.MAX_VALUE;
        for (Connection connection : List.copyOf(calling)) {
            nearest = Math.min(nearest, connection.endOverdueCalls(now));
        }
        if (nearest != Long.MAX_VALUE && callSweep == null) {
            sweepCallsAt(now + nearest);
        }
    }

    // ---- the bytes all connections may hold together

    void holds(long moreBytes) {
        inFlight.add(index, moreBytes);
        if (moreBytes < 0 && !crowded.isEmpty()) {
            retryCrowdedSoon();
        }
    }

    /** True while all connections together hold as much as they may. */
    boolean full() {
        return inFlight.full();
    }

    /** May a connection go on with a frame that has not arrived wholly? If not, it is resumed when there is room. */
    boolean mayHoldMore(Connection connection) {
        if (favoured == connection || !inFlight.full()) {
            return true;
        }
        if (favoured == null) {
            favoured = connection;
            return true;
        }
        crowded.add(connection);
        retryCrowdedSoon();
        return false;
    }

    void holdsNoFrame(Connection connection) {
        if (favoured == connection) {
            favoured = null;
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // runs once and schedules itself again
    private void retryCrowdedSoon() {
        if (!crowdedRetryScheduled) {
            // Polled, and only while connections wait: what frees the room may happen on another loop.
            crowdedRetryScheduled = true;
            eventLoop.schedule(
                    () -> {
                        crowdedRetryScheduled = false;
                        retryCrowded();
                    },
                    CROWDED_RETRY_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
    }

    private void retryCrowded() {
        for (Connection connection : List.copyOf(crowded)) {
            if (inFlight.full() && favoured != null) {
                break;
            }
            if (inFlight.full()) {
                favoured = connection;
            }
            crowded.remove(connection);
            connection.resumeCrowded();
        }
        if (!crowded.isEmpty()) {
            retryCrowdedSoon();
        }
    }
}
