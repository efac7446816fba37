package org.merlinmq.broker.transaction;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.frame.ReplyWriter;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.request.EndTransactionRequest;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.AckLevel;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendListener;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.RecordReader;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.storage.transaction.OpenHalves;
import org.merlinmq.transport.Connection;
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
    private final OpenHalves index;
    private final TransactionRecords records;
    private final LateDecisions late;
    private final LoopReplies replies;
    private final Executor loop;
    private final TransactionCounters counters;
    private final ThroughputStats throughput;
    private final RecordReader reader;
    private final DecisionFields fields = new DecisionFields();
    private final RecordView half = new RecordView();
    private final HalfScan scan = new HalfScan();
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
        this.reader = storage.newRecordReader();
        this.records = records;
        this.late = late;
        this.replies = replies;
        this.loop = loop;
        this.counters = counters;
        this.throughput = parts.throughput();
    }

    @Override
    public void frame(Connection connection, FrameScan frame) {
        fields.read(frame);
        switch (fields.decision) {
            case EndTransactionRequest.UNKNOWN -> {
                if (fields.fromCheck) {
                    index.asked(fields.logOffset, 0);
                }
                if (!frame.isOneway()) {
                    ok(connection, LoopReplies.token(frame));
                }
            }
            case EndTransactionRequest.COMMIT, EndTransactionRequest.ROLLBACK -> decide(connection, frame);
            default ->
                replies.refuse(
                        connection,
                        frame,
                        new Refusal(
                                ResponseCode.SYSTEM_ERROR,
                                "commitOrRollback is " + fields.decision
                                        + "; it is 8 (commit), 12 (roll back) or 0 (unknown)"));
        }
    }

    private void ok(Connection connection, long token) {
        ReplyWriter writer = replies.begin(connection, token, ResponseCode.SUCCESS);
        writer.endHeader();
        writer.end();
    }

    private void decide(Connection connection, FrameScan frame) {
        OpenHalf open = index.claim(fields.logOffset);
        if (open == null) {
            decideLate(connection, frame);
            return;
        }
        boolean taken = false;
        try {
            Refusal refusal = stage(open);
            taken = refusal == null;
            if (refusal == null) {
                staged().add(open, connection, frame);
            } else {
                replies.refuse(connection, frame, refusal);
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

    /** The frame is gone when the answer comes. */
    private void decideLate(Connection connection, FrameScan frame) {
        int code = frame.code();
        HeaderForm form = frame.form();
        int requestId = frame.requestId();
        boolean oneway = frame.isOneway();
        late.decide(EndTransactionRequest.read(frame), answer -> {
            try {
                connection.loop().runOrExecute(() -> {
                    if (oneway) {
                        replies.countOneway(connection, code, answer.code(), answer.remark());
                    } else if (connection.isOpen()) {
                        replies.answer(connection, form, requestId, answer);
                    }
                });
            } catch (RejectedExecutionException closed) {
                LOG.debug("transaction-answer-dropped peer={} cause=loops-closed", connection.remote());
            }
        });
    }

    private @Nullable Refusal stage(OpenHalf open) {
        if (!reader.find(open.logOffset(), half)) {
            return new Refusal(
                    ResponseCode.SYSTEM_ERROR,
                    "Find prepared transaction message failed: the record at log offset " + open.logOffset()
                            + " cannot be read");
        }
        ByteSlice group = scan.on(half).group;
        ByteSlice asked = fields.group;
        if (group.length() != asked.length()
                || !Bytes.equals(group.array(), group.at(), asked.array(), asked.at(), asked.length())) {
            return LateDecisions.wrongGroup(fields.logOffset, asked.text());
        }
        if (fields.queueOffset != open.firstQueueOffset() && fields.queueOffset != open.queueOffset()) {
            return new Refusal(
                    ResponseCode.SYSTEM_ERROR,
                    "The transaction state table offset wrong: the half message at log offset " + fields.logOffset
                            + " has queue offset " + open.firstQueueOffset() + ", not " + fields.queueOffset);
        }
        return fields.decision == EndTransactionRequest.ROLLBACK ? null : records.commit(staged().batch, half, scan);
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

    /** Decisions that one append carries, and who waits for them. */
    private final class StagedDecisions implements AppendListener {
        final AppendBatch batch = storage.newBatch(this);
        final List<OpenHalf> halves = new ArrayList<>();
        private final List<Connection> connections = new ArrayList<>();
        private final long[] tokens = new long[EARLY_APPEND_DECISIONS];
        private final boolean[] oneway = new boolean[EARLY_APPEND_DECISIONS];
        private final Runnable answer = this::answer;
        private int code;
        private int commits;
        private boolean anyWaits;

        void add(OpenHalf half, Connection connection, FrameScan frame) {
            int i = halves.size();
            halves.add(half);
            connections.add(connection);
            tokens[i] = LoopReplies.token(frame);
            oneway[i] = frame.isOneway();
            code = frame.code();
            commits += fields.decision == EndTransactionRequest.COMMIT ? 1 : 0;
            anyWaits |= !oneway[i];
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
            loop.execute(answer);
        }

        private void answer() {
            if (batch.status() == AppendStatus.REFUSED) {
                refuse();
            } else {
                counters.committed.add(commits);
                counters.rolledBack.add(halves.size() - commits);
                throughput.produced().add(commits, batch.bytes().length());
                for (int i = 0; i < halves.size(); i++) {
                    if (!oneway[i] && connections.get(i).isOpen()) {
                        ok(connections.get(i), tokens[i]);
                    }
                }
            }
            halves.clear();
            connections.clear();
            commits = 0;
            anyWaits = false;
            batch.clear();
            spare.push(this);
        }

        private void refuse() {
            halves.forEach(each -> index.release(each.logOffset()));
            for (int i = 0; i < halves.size(); i++) {
                Connection connection = connections.get(i);
                if (oneway[i]) {
                    replies.countOneway(connection, code, ResponseCode.SERVICE_NOT_AVAILABLE, batch.reason());
                } else if (connection.isOpen()) {
                    ReplyWriter writer = replies.begin(connection, tokens[i], ResponseCode.SERVICE_NOT_AVAILABLE);
                    writer.remark(batch.reason());
                    writer.endHeader();
                    writer.end();
                }
            }
        }
    }
}
