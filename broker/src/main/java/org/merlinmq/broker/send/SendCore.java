package org.merlinmq.broker.send;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.topic.CopyRules;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Takes messages in: checks a send, finds its topic and queue, and encodes its records straight into the loop's batch. It
 * knows no frame and no connection; a shell fills the request and writes the answers.
 *
 * <p>All sends that are handed in before {@link #commit} share one append. Nothing is copied but the message itself, from
 * the read buffer into the batch; nothing is allocated for a message.
 *
 * <p>Threading: one per event loop; every method on that loop.
 *
 * <p>Source: requests 10, 310 and 320; the order of the checks is RocketMQ's.
 *
 * @param <C> the shell's kind of client
 */
public final class SendCore<C> {
    /** A batch larger than this goes to the log before the read is done, so that its buffer stays small. */
    private static final int EARLY_APPEND_BYTES = 512 * 1024;

    private final SendChecks checks;
    private final TopicResolver topics;
    private final RecordStager stager;
    private final StagedSends.Making<C> making;
    private final SendReplies<C> replies;
    private final HeldSends<C> held;
    private final DuplicateSends<C> duplicates;
    private final SendCounters counters;
    private final Consumer<StagedSends<C>> answered = this::answered;
    private final ArrayDeque<StagedSends<C>> spare = new ArrayDeque<>();
    private @Nullable StagedSends<C> staged;

    /**
     * The core of one loop.
     *
     * @param checks whether a send may be taken
     * @param topics finds where it goes
     * @param stager encodes its records; of this loop alone
     * @param making makes a batch that answers its senders
     * @param replies how senders are answered that were refused after they had waited
     * @param held where sends wait that come too fast; of this loop alone
     * @param duplicates finds sends that were stored before; of this loop alone
     * @param counters what this loop counts
     */
    public SendCore(
            SendChecks checks,
            TopicResolver topics,
            RecordStager stager,
            StagedSends.Making<C> making,
            SendReplies<C> replies,
            HeldSends<C> held,
            DuplicateSends<C> duplicates,
            SendCounters counters) {
        this.checks = checks;
        this.topics = topics;
        this.stager = stager;
        this.making = making;
        this.replies = replies;
        this.held = held;
        this.duplicates = duplicates;
        this.counters = counters;
        held.onTurn(this::takeHeld, this::commit);
        duplicates.onWake(this::takeHeld, this::commit);
    }

    /**
     * Takes a send in. Its answer comes by the shell's {@link SendReplies} once the log has stored it, which may be during
     * this call.
     *
     * @param request the send
     * @param client who waits for the answer; null for nobody
     * @param token handed back with the answer
     * @return why the send is not taken; null if it is
     */
    @Nullable Refusal send(SendRequest request, @Nullable C client, long token) {
        Refusal refusal = stage(request, client, token);
        if (refusal != null) {
            counters.refused();
        } else if (staged != null && staged.batch().bytes().length() >= EARLY_APPEND_BYTES) {
            commit();
        }
        return refusal;
    }

    /** Appends what was staged. */
    void commit() {
        StagedSends<C> sends = staged;
        if (sends != null && sends.batch().count() > 0) {
            staged = null;
            sends.append();
        }
    }

    /** A send that has waited for its turn: what is refused now has to be answered here. */
    private void takeHeld(SendRequest request, @Nullable C client, long token) {
        Refusal refusal = send(request, client, token);
        if (refusal != null && client != null) {
            replies.refused(client, token, refusal);
        }
    }

    private @Nullable Refusal stage(SendRequest request, @Nullable C client, long token) {
        Refusal refusal = checks.broker();
        if (refusal != null) {
            return refusal;
        }
        Topic topic = null;
        Queue queue = topics.findOpen(request);
        if (queue == null) {
            refusal = topics.resolve(request);
            topic = request.destination;
        }
        if (refusal == null) {
            refusal = checks.message(request, topic);
        }
        if (refusal != null) {
            return refusal;
        }
        if (held.limits(topic) && !request.admitted) {
            HeldSends.Admission admission = held.admit(request, topic, client, token);
            if (admission != HeldSends.Admission.AT_ONCE) {
                return admission == HeldSends.Admission.HELD ? null : request.refusal;
            }
        }
        if (topic != null) {
            if (request.queueId < 0) {
                request.queueId = topics.anyQueue(topic);
            }
            try {
                queue = topic.queue(request.queueId);
            } catch (DiskException e) {
                return SendChecks.noQueue(topic, e);
            }
        }
        if (queue == null) {
            throw new IllegalStateException("a send to " + request.topic.text() + " that goes nowhere");
        }
        StagedSends<C> sends = staged();
        AppendBatch batch = sends.batch();
        int before = batch.count();
        int bytesBefore = batch.bytes().length();
        refusal = stager.stage(request, topic, queue, batch);
        if (refusal == null && topic != null && topic.dedupMillis() > 0 && stager.keyed()) {
            // Staged before it is asked: by then its key's hash is known, and nearly every send is a first one.
            DuplicateSends.Outcome outcome = duplicates.check(request, topic, stager, sends, before, client, token);
            if (outcome != DuplicateSends.Outcome.TO_STORE) {
                batch.truncate(before, bytesBefore);
                return outcome == DuplicateSends.Outcome.REFUSED ? request.refusal : null;
            }
        }
        if (refusal == null) {
            sends.add(client, token, batch.count() - before, request.queueId, stager);
            if (stager.waits()) {
                sends.waitFor(topic == null ? CopyRules.AS_CONFIGURED : topic.copies());
            }
        }
        return refusal;
    }

    private StagedSends<C> staged() {
        StagedSends<C> sends = staged;
        if (sends == null) {
            sends = spare.poll();
            if (sends == null) {
                sends = making.make(answered);
            }
            staged = sends;
        }
        return sends;
    }

    private void answered(StagedSends<C> sends) {
        spare.push(sends);
    }
}
