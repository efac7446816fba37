package org.merlinmq.broker.send;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.limit.LimitConfig;
import org.merlinmq.broker.limit.LimitedGroups;
import org.merlinmq.broker.limit.RateLimit;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.message.BatchScan;
import org.merlinmq.transport.Loop;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * The sends of one loop that came faster than the limit of their topic or producer group: each waits for its turn, as a copy,
 * while others of its connection go on. Those of one limit go in the order in which they came.
 *
 * <p>Threading: its loop only.
 *
 * <p>Limits: {@link LimitConfig}. What cannot go in time, or has no room, is refused at once.
 *
 * @param <C> the shell's kind of client
 */
public final class HeldSends<C> {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Supplier<LimitConfig> config;
    private final LimitedGroups groups;
    private final Loop loop;
    private final LongSupplier nanoTime;
    private final AtomicLong heldBytes;
    private final PriorityQueue<Held<C>> held = new PriorityQueue<>();
    private final Map<RateLimit, Line> lines = new HashMap<>();
    private final BatchScan batch = new BatchScan();
    private long lastNumber;

    /** When the loop is to look at what waits, if it waits for that. */
    private long armedNanos = Long.MAX_VALUE;

    private @Nullable Taker<C> taker;
    private Runnable allTaken = () -> {};

    /** Takes a send whose turn has come. */
    interface Taker<C> {
        void take(SendRequest request, @Nullable C client, long token);
    }

    /** Those of one limit that wait. */
    private static final class Line {
        private int count;
        private long lastNanos;
    }

    private record Held<C>(
            long turnNanos,
            long number,
            SendRequest request,
            @Nullable C client,
            long token,
            RateLimit limit,
            int bytes)
            implements Comparable<Held<C>> {
        @Override
        public int compareTo(Held<C> other) {
            int order = Long.compare(turnNanos, other.turnNanos);
            return order != 0 ? order : Long.compare(number, other.number);
        }
    }

    /**
     * Nothing waits.
     *
     * @param config how long sends may wait, and how much, as it is now
     * @param groups the limits of groups
     * @param loop the loop
     * @param nanoTime a clock that does not go back
     * @param heldBytes what waits on all loops together
     */
    public HeldSends(
            Supplier<LimitConfig> config,
            LimitedGroups groups,
            Loop loop,
            LongSupplier nanoTime,
            AtomicLong heldBytes) {
        this.config = config;
        this.groups = groups;
        this.loop = loop;
        this.nanoTime = nanoTime;
        this.heldBytes = heldBytes;
    }

    /** Says who takes sends whose turn has come, and what is to be done when all of these were taken. */
    void onTurn(Taker<C> takes, Runnable then) {
        taker = takes;
        allTaken = then;
    }

    /** Whether a send may have to wait: if not, nothing else here is asked. */
    boolean limits(@Nullable Topic topic) {
        return (topic != null && topic.sendLimit() != null) || groups.limitSends();
    }

    /** What becomes of a send that may have to wait. */
    enum Admission {
        AT_ONCE,
        /** It was copied and comes again when it is its turn. */
        HELD,
        REFUSED
    }

    /**
     * Decides on a send.
     *
     * @param topic where it goes; null if that has no limit
     */
    Admission admit(SendRequest request, @Nullable Topic topic, @Nullable C client, long token) {
        RateLimit ofTopic = topic == null ? null : topic.sendLimit();
        ByteSlice name = request.group;
        RateLimit ofGroup = groups.limitSends() ? groups.sendLimit(name.array(), name.at(), name.length()) : null;
        if (ofTopic == null && ofGroup == null) {
            return Admission.AT_ONCE;
        }
        long now = nanoTime.getAsLong();
        long longest = config.get().maxWait().toNanos();
        int count = request.batch
                ? Math.max(1, batch.count(request.body.array(), request.body.at(), request.body.length()))
                : 1;
        int bytes = request.body.length() + request.properties.length();
        long wait = 0;
        if (ofTopic != null) {
            wait = ofTopic.reserve(now, count, bytes, longest);
            if (wait == RateLimit.TOO_LONG) {
                return refuse(request, ofTopic);
            }
        }
        if (ofGroup != null) {
            long second = ofGroup.reserve(now, count, bytes, longest);
            if (second == RateLimit.TOO_LONG) {
                refund(ofTopic, null, count, bytes);
                return refuse(request, ofGroup);
            }
            wait = Math.max(wait, second);
        }
        RateLimit first = Objects.requireNonNull(ofTopic != null ? ofTopic : ofGroup);
        if (wait == 0 && !lines.containsKey(first)) {
            return Admission.AT_ONCE;
        }
        int kept = bytes + request.topic.length() + request.defaultTopic.length();
        if (!takeRoom(kept)) {
            refund(ofTopic, ofGroup, count, bytes);
            return refuse(request, first);
        }
        hold(now + wait, request, client, token, first, kept);
        return Admission.HELD;
    }

    /** Takes room for a send that waits for something else than its turn. */
    boolean takeRoom(int bytes) {
        if (heldBytes.addAndGet(bytes) <= config.get().maxHeldBytes()) {
            return true;
        }
        heldBytes.addAndGet(-bytes);
        return false;
    }

    /** Gives it back. */
    void giveRoom(int bytes) {
        heldBytes.addAndGet(-bytes);
    }

    /** Runs a task on the loop; any thread may ask. */
    void onLoop(Runnable task) {
        loop.execute(task);
    }

    private static void refund(@Nullable RateLimit ofTopic, @Nullable RateLimit ofGroup, int count, int bytes) {
        if (ofTopic != null) {
            ofTopic.refund(count, bytes);
        }
        if (ofGroup != null) {
            ofGroup.refund(count, bytes);
        }
    }

    private Admission refuse(SendRequest request, RateLimit limit) {
        limit.refuses();
        request.refusal = new Refusal(
                ResponseCode.SYSTEM_BUSY,
                "the " + limit.kind().word() + " " + limit.name() + " takes " + limit.rates()
                        + ", and more waits already than goes within limit.max-wait="
                        + config.get().maxWait().toMillis() + "ms or fits limit.max-held="
                        + config.get().maxHeldBytes()
                        + ": send slower, or have the limit raised with 'merlin limit set'");
        return Admission.REFUSED;
    }

    private void hold(long turnNanos, SendRequest request, @Nullable C client, long token, RateLimit limit, int bytes) {
        Line line = lines.computeIfAbsent(limit, of -> new Line());
        long turn = line.count == 0 ? turnNanos : Math.max(turnNanos, line.lastNanos);
        line.count++;
        line.lastNanos = turn;
        held.add(new Held<>(turn, ++lastNumber, request.copy(), client, token, limit, bytes));
        limit.waits();
        arm();
    }

    private void arm() {
        Held<C> next = held.peek();
        if (next != null && next.turnNanos() < armedNanos) {
            armedNanos = next.turnNanos();
            long wait = Math.max(0, armedNanos - nanoTime.getAsLong());
            loop.schedule(this::turn, (wait + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
        }
    }

    private void turn() {
        armedNanos = Long.MAX_VALUE;
        Taker<C> takes = taker;
        long now = nanoTime.getAsLong();
        for (Held<C> next = held.peek(); takes != null && next != null && next.turnNanos() <= now; next = held.peek()) {
            held.poll();
            Line line = lines.get(next.limit());
            if (line != null && --line.count == 0) {
                lines.remove(next.limit());
            }
            giveRoom(next.bytes());
            next.limit().waitEnded();
            takes.take(next.request(), next.client(), next.token());
        }
        allTaken.run();
        arm();
    }
}
