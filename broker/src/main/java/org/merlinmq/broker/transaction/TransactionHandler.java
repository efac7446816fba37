package org.merlinmq.broker.transaction;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.request.EndTransactionRequest;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.AckLevel;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendListener;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.storage.transaction.TransactionIndex;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.LoopHandler;
import org.merlinmq.transport.dispatch.LoopReplies;
import org.merlinmq.transport.dispatch.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the decisions of producers: finds the half message by its place, claims it, and stages the committed message in the
 * loop's own batch. All decisions of one pass over the sockets share one append and one record that lists them.
 *
 * <p>What is not at hand, because it was decided before or is named by other offsets, goes to {@link LateDecisions}.
 *
 * <p>Threading: one per event loop; every method on that loop.
 *
 * <p>Source: request 37, which producers send one-way.
 */
public final class TransactionHandler implements LoopHandler {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionHandler.class);
    private static final int EARLY_APPEND_BYTES = 512 * 1024;
    private static final int EARLY_APPEND_DECISIONS = 512;

    private final Storage storage;
    private final TransactionIndex index;
    private final TransactionRecords records;
    private final LateDecisions late;
    private final LoopReplies replies;
    private final Executor loop;
    private final TransactionCounters counters;
    private final ThroughputStats throughput;
    private final RecordView half = new RecordView();
    private final ArrayDeque<StagedDecisions> spare = new ArrayDeque<>();
    private @Nullable StagedDecisions staged;

    TransactionHandler(
            Transactions.Parts parts,
            TransactionRecords records,
            LateDecisions late,
            LoopReplies replies,
            Executor loop,
            TransactionCounters counters) {
        this.storage = parts.storage();
        this.index = parts.storage().transactions();
        this.records = records;
        this.late = late;
        this.replies = replies;
        this.loop = loop;
        this.counters = counters;
        this.throughput = parts.throughput();
    }

    @Override
    public void frame(Connection connection, FrameScan frame) {
        EndTransactionRequest request = EndTransactionRequest.read(frame);
        Client client = new Client(connection, frame.code(), frame.form(), frame.requestId(), frame.isOneway());
        switch (request.commitOrRollback()) {
            case EndTransactionRequest.UNKNOWN -> {
                if (request.fromTransactionCheck()) {
                    index.asked(request.commitLogOffset(), 0);
                }
                client.answer(replies, Answer.ok());
            }
            case EndTransactionRequest.COMMIT, EndTransactionRequest.ROLLBACK -> decide(request, client);
            default ->
                client.answer(
                        replies,
                        Answer.refuse(
                                ResponseCode.SYSTEM_ERROR,
                                "commitOrRollback is " + request.commitOrRollback()
                                        + "; it is 8 (commit), 12 (roll back) or 0 (unknown)"));
        }
    }

    private void decide(EndTransactionRequest request, Client client) {
        OpenHalf open = index.claim(request.commitLogOffset());
        if (open == null) {
            late.decide(request, answer -> client.answerOnLoop(replies, answer));
            return;
        }
        boolean taken = false;
        try {
            Refusal refusal = stage(request, open);
            taken = refusal == null;
            if (refusal == null) {
                staged().add(open, request.commitOrRollback() == EndTransactionRequest.COMMIT, client);
            } else {
                client.answer(replies, Answer.refuse(refusal));
            }
        } finally {
            if (!taken) {
                index.release(open.logOffset());
            }
        }
        StagedDecisions decisions = staged();
        if (decisions.batch.bytes().length() >= EARLY_APPEND_BYTES
                || decisions.halves.size() >= EARLY_APPEND_DECISIONS) {
            readsDone();
        }
    }

    private @Nullable Refusal stage(EndTransactionRequest request, OpenHalf open) {
        byte[] bytes = storage.readRecord(open.logOffset());
        if (bytes == null || !half.on(bytes, 0, bytes.length)) {
            return new Refusal(
                    ResponseCode.SYSTEM_ERROR,
                    "Find prepared transaction message failed: the record at log offset " + open.logOffset()
                            + " cannot be read");
        }
        Refusal refusal = LateDecisions.check(request, half, open);
        if (refusal != null || request.commitOrRollback() == EndTransactionRequest.ROLLBACK) {
            return refusal;
        }
        return records.commit(staged().batch, half);
    }

    private StagedDecisions staged() {
        StagedDecisions decisions = staged;
        if (decisions == null) {
            decisions = spare.poll();
            decisions = decisions == null ? new StagedDecisions() : decisions;
            staged = decisions;
        }
        return decisions;
    }

    /** Appends what was staged. */
    @Override
    public void readsDone() {
        StagedDecisions decisions = staged;
        if (decisions != null && !decisions.halves.isEmpty()) {
            staged = null;
            decisions.append();
        }
    }

    /** Who decided, and how the answer goes back. */
    private record Client(Connection connection, int code, HeaderForm form, int requestId, boolean oneway) {
        void answer(LoopReplies replies, Answer answer) {
            if (oneway) {
                replies.countOneway(connection, code, answer.code(), answer.remark());
            } else if (connection.isOpen()) {
                replies.answer(connection, form, requestId, answer);
            }
        }

        void answerOnLoop(LoopReplies replies, Answer answer) {
            try {
                connection.loop().runOrExecute(() -> answer(replies, answer));
            } catch (RejectedExecutionException closed) {
                LOG.debug("transaction-answer-dropped peer={} cause=loops-closed", connection.remote());
            }
        }
    }

    /** Decisions that one append carries. */
    private final class StagedDecisions implements AppendListener {
        final AppendBatch batch = storage.newBatch(this);
        final List<OpenHalf> halves = new ArrayList<>();
        private final List<Client> clients = new ArrayList<>();
        private int commits;
        private boolean anyWaits;

        void add(OpenHalf half, boolean commit, Client client) {
            halves.add(half);
            clients.add(client);
            commits += commit ? 1 : 0;
            anyWaits |= !client.oneway;
        }

        void append() {
            records.decided(batch, halves);
            if (!anyWaits) {
                batch.ackLevel(AckLevel.WRITTEN);
            }
            storage.append(batch);
        }

        @Override
        public void appended(AppendBatch done) {
            loop.execute(this::answer);
        }

        private void answer() {
            Answer answer = Answer.ok();
            if (batch.status() == AppendStatus.REFUSED) {
                halves.forEach(each -> index.release(each.logOffset()));
                answer = Answer.refuse(ResponseCode.SERVICE_NOT_AVAILABLE, batch.reason());
            } else {
                counters.committed.add(commits);
                counters.rolledBack.add(halves.size() - commits);
                throughput.produced().add(commits, batch.bytes().length());
            }
            for (Client client : clients) {
                client.answer(replies, answer);
            }
            halves.clear();
            clients.clear();
            commits = 0;
            anyWaits = false;
            batch.clear();
            spare.push(this);
        }
    }
}
