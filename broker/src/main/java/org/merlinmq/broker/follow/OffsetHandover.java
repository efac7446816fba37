package org.merlinmq.broker.follow;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.offset.OffsetJson;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.registry.RegistrationResult;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.QueryOffsetRequest;
import org.merlinmq.transport.CallFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the leader of a group what consumers commit at a follower while no leader is there: as commits, each only if it is ahead
 * of the leader's own.
 *
 * <p>An offset has arrived when the leader's log says so. Until then it is asked for and handed over again, each time that
 * {@link #look} is called: a leader that is deposed meanwhile takes nothing with it. What a leader refuses is not tried again.
 *
 * <p>Threading: {@link #look} on one thread, which does not wait for the leader; the threads it is given do, one at a time.
 */
public final class OffsetHandover implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OffsetHandover.class);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final OffsetTable offsets;
    private final BooleanSupplier follows;
    private final Calls calls;
    private final Runnable whereAgain;
    private final Executor threads;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile @Nullable String master;
    private volatile boolean closed;

    /** What the leader has refused. Written by the thread that hands over. */
    private volatile Set<OffsetJson.Entry> refused = Set.of();

    /** Why the last round ended early; null if it did not. Written by the thread that hands over. */
    private volatile @Nullable String reported;

    /** How the leader is asked. */
    @FunctionalInterface
    public interface Calls {
        /**
         * Asks and waits.
         *
         * @param address {@code host:port} of the leader's main port
         * @param request the request
         * @param timeout for the answer
         * @return the answer, whatever its code
         * @throws CallFailedException if there is none
         * @throws InterruptedException if the thread is interrupted while it waits
         */
        Frame ask(String address, Frame request, Duration timeout) throws InterruptedException;
    }

    /**
     * Hands over from a table.
     *
     * @param offsets what is committed here, and what the leader's log says
     * @param follows whether the log here is a copy of the leader's: else the offset may be beyond the end of its own
     * @param calls asks the leader
     * @param whereAgain has the nameservers say where the leader is, by {@link #accepted}; returns at once
     * @param threads run what waits for it
     */
    public OffsetHandover(
            OffsetTable offsets, BooleanSupplier follows, Calls calls, Runnable whereAgain, Executor threads) {
        this.offsets = offsets;
        this.follows = follows;
        this.calls = calls;
        this.whereAgain = whereAgain;
        this.threads = threads;
    }

    /**
     * Takes where the leader is out of a nameserver's answer. One that names none leaves it where it was.
     *
     * @param answer to a registration
     */
    public void accepted(RegistrationResult answer) {
        String named = answer.master();
        if (named != null) {
            master = named;
        }
    }

    /**
     * Begins to hand over what there is, if there is a leader.
     *
     * @return whether it is to be called again in a moment; without that, at the next commit
     */
    public boolean look() {
        Set<OffsetJson.Entry> left = new HashSet<>(offsets.aheadOfJournal());
        Set<OffsetJson.Entry> not = new HashSet<>(refused);
        not.retainAll(left);
        left.removeAll(not);
        if (left.isEmpty()) {
            return false;
        }
        String to = master;
        if (follows.getAsBoolean()) {
            // The leader may have come after the last registration, or moved.
            if (to == null || reported != null) {
                whereAgain.run();
            }
            if (to != null && busy.compareAndSet(false, true)) {
                threads.execute(() -> handOver(to, left, not));
            }
        }
        return true;
    }

    /** Adds to {@code not} what is refused. */
    private void handOver(String to, Set<OffsetJson.Entry> left, Set<OffsetJson.Entry> not) {
        String wrong = null;
        try {
            for (OffsetJson.Entry each : left) {
                if (closed) {
                    break;
                }
                if (!handOver(to, each)) {
                    not.add(each);
                }
            }
        } catch (CallFailedException e) {
            wrong = String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("offset-handover-fault master={}", to, e);
            wrong = e.toString();
        }
        if (wrong != null && !wrong.equals(reported)) {
            LOG.warn(
                    "offsets-not-handed-over master={} queues={} cause=\"{}\" effect=\"consumers that begin there get"
                            + " messages again\" action=\"tried again each second\"",
                    to,
                    left.size(),
                    wrong);
        }
        reported = wrong;
        refused = not;
        busy.set(false);
    }

    /** Returns false if the leader refuses it. */
    private boolean handOver(String to, OffsetJson.Entry offset) throws InterruptedException {
        QueryOffsetRequest question = new QueryOffsetRequest(offset.group(), offset.topic(), offset.queueId(), false);
        Frame theirs = calls.ask(to, Frame.request(RequestCode.QUERY_CONSUMER_OFFSET, question), ANSWER);
        boolean further = theirs.isOk() && theirs.requiredLong("offset") >= offset.queueOffset();
        return further || MasterOffsets.commit(request -> calls.ask(to, request, ANSWER), offset);
    }

    @Override
    public void close() {
        closed = true;
    }
}
