package org.merlinmq.broker.transaction;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.SysFlag;
import org.merlinmq.protocol.request.EndTransactionRequest;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.storage.transaction.OpenHalves;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decisions that name no open half message by its place: they come twice, too late, or with the offsets of another copy of it,
 * as the broker that wrote the store before may have handed out. The unique key finds the half message then, or tells how it
 * was decided.
 *
 * <p>Threading: any thread; the work is done on virtual threads, at most {@link #MAX_AT_ONCE} at a time, so that decisions
 * that name nothing hold nobody up.
 */
final class LateDecisions {
    static final int MAX_AT_ONCE = 64;

    private static final Logger LOG = LoggerFactory.getLogger(LateDecisions.class);
    private static final int MAX_COPIES = 32;

    private final Storage storage;
    private final OpenHalves index;
    private final Executor blocking;
    private final TransactionCounters counters;
    private final Supplier<TransactionRecords> records;
    private final Semaphore places = new Semaphore(MAX_AT_ONCE);

    /** The encoder that {@code records} makes is for one thread. */
    LateDecisions(
            Storage storage, Executor blocking, Supplier<TransactionRecords> records, TransactionCounters counters) {
        this.storage = storage;
        this.index = storage.transactions();
        this.blocking = blocking;
        this.records = records;
        this.counters = counters;
    }

    static Refusal wrongGroup(long logOffset, String group) {
        return new Refusal(
                ResponseCode.SYSTEM_ERROR,
                "The producer group wrong: the half message at log offset " + logOffset + " is of another group than "
                        + group);
    }

    private static boolean isOfGroup(RecordView half, String group) {
        byte[] b = half.bytes();
        int value = PropertyBytes.find(b, half.propertiesAt(), half.propertiesBytes(), HalfProperties.GROUP);
        int end = half.propertiesAt() + half.propertiesBytes();
        return value >= 0
                && Bytes.text(b, value, PropertyBytes.valueBytes(b, value, end)).equals(group);
    }

    /** Works on a decision; answers on any thread. */
    void decide(EndTransactionRequest request, Consumer<Answer> answer) {
        if (!places.tryAcquire()) {
            answer.accept(Answer.refuse(
                    ResponseCode.SYSTEM_BUSY,
                    "too many decisions at once that name no open half message; it is checked later"));
            return;
        }
        blocking.execute(() -> {
            Answer decided;
            try {
                decided = decideNow(request);
            } catch (DiskException e) {
                decided = Answer.refuse(ResponseCode.SERVICE_NOT_AVAILABLE, String.valueOf(e.getMessage()));
            } catch (RuntimeException bug) {
                // A thread begins here: nobody further up would answer.
                LOG.error("transaction-decision-failed logOffset={}", request.commitLogOffset(), bug);
                decided = Answer.refuse(
                        ResponseCode.SYSTEM_ERROR, bug.getClass().getSimpleName() + ": " + bug.getMessage());
            } finally {
                places.release();
            }
            answer.accept(decided);
        });
    }

    Answer decideNow(EndTransactionRequest request) {
        RecordView named = half(request.commitLogOffset());
        if (named != null && !isOfGroup(named, request.producerGroup())) {
            return Answer.refuse(wrongGroup(request.commitLogOffset(), request.producerGroup()));
        }
        String key = named != null ? named.properties().get(PropertyName.UNIQ_KEY) : keyOf(request);
        for (long copy : copies(named, key)) {
            RecordView half = half(copy);
            if (half != null && isOfGroup(half, request.producerGroup())) {
                named = named == null ? half : named;
                OpenHalf open = index.claim(copy);
                if (open != null) {
                    return decideByKey(request, open);
                }
                if (index.standing(copy) == OpenHalves.Standing.CLAIMED) {
                    return Answer.refuse(
                            ResponseCode.SYSTEM_ERROR,
                            "another decision on transaction " + key + " is being stored; this one is late");
                }
            }
        }
        return decided(request, named, key);
    }

    /** Where half messages of a transaction begin, as far as its key finds them. */
    private long[] copies(@Nullable RecordView named, @Nullable String key) {
        if (key != null && storage.findsByKey()) {
            return storage.findByKey(HalfMessages.TOPIC, key, MAX_COPIES, 0, Long.MAX_VALUE);
        }
        return named == null ? new long[0] : new long[] {named.logOffset()};
    }

    private static @Nullable String keyOf(EndTransactionRequest request) {
        String id = request.transactionId();
        String key = id == null || id.isEmpty() ? request.msgId() : id;
        return key == null || key.isEmpty() ? null : key;
    }

    private Answer decideByKey(EndTransactionRequest request, OpenHalf open) {
        boolean commit = request.commitOrRollback() == EndTransactionRequest.COMMIT;
        Refusal refusal = store(open, commit);
        if (refusal != null) {
            return Answer.refuse(refusal);
        }
        LOG.info(
                "transaction-decided-by-id transactionId={} group={} commit={} logOffset={} named={}",
                keyOf(request),
                request.producerGroup(),
                commit,
                open.logOffset(),
                request.commitLogOffset());
        return Answer.ok();
    }

    /**
     * Stores a decision on a claimed half message, and waits for it.
     *
     * @return why it was not stored; null if it was
     */
    @Nullable Refusal store(OpenHalf open, boolean commit) {
        CompletableFuture<AppendBatch> appended = new CompletableFuture<>();
        AppendBatch batch = storage.newBatch(appended::complete);
        boolean stored = false;
        try {
            RecordView half = half(open.logOffset());
            if (half == null) {
                return new Refusal(
                        ResponseCode.SYSTEM_ERROR,
                        "the half message at log offset " + open.logOffset() + " cannot be read");
            }
            TransactionRecords encoder = records.get();
            Refusal refusal = commit ? encoder.commit(batch, half, new HalfScan().on(half)) : null;
            if (refusal != null) {
                return refusal;
            }
            encoder.decided(batch, List.of(open));
            storage.append(batch);
            stored = appended.join().status() != AppendStatus.REFUSED;
        } finally {
            if (!stored) {
                index.release(open.logOffset());
            }
        }
        if (!stored) {
            return new Refusal(ResponseCode.SERVICE_NOT_AVAILABLE, batch.reason());
        }
        (commit ? counters.committed : counters.rolledBack).increment();
        return null;
    }

    /** What a decision comes to that was made before. */
    private Answer decided(EndTransactionRequest request, @Nullable RecordView half, @Nullable String key) {
        if (half == null) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR,
                    "Find prepared transaction message failed: no half message lies at log offset "
                            + request.commitLogOffset() + (key == null ? "" : " or has the id " + key));
        }
        if (key == null || !storage.findsByKey()) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR,
                    "the half message at log offset " + half.logOffset() + " was decided already; how is not known, "
                            + (key == null ? "since it has no UNIQ_KEY" : "since storage.key-index is off"));
        }
        String before = outcome(half, key);
        String now = request.commitOrRollback() == EndTransactionRequest.COMMIT ? "committed" : "rolled back";
        if (before.equals(now)) {
            LOG.debug("transaction-decided-twice transactionId={} outcome=\"{}\"", key, before);
            return Answer.ok();
        }
        LOG.warn(
                "transaction-decided-otherwise transactionId={} group={} peerDecision=\"{}\" outcome=\"{}\""
                        + " effect=\"the first decision holds\"",
                key,
                request.producerGroup(),
                now,
                before);
        return Answer.refuse(
                ResponseCode.SYSTEM_ERROR,
                "the transaction " + key + " was " + before + " already, and cannot be " + now
                        + (before.equals("given up") ? "; resume it (merlin transaction commit or rollback)" : ""));
    }

    private String outcome(RecordView half, String key) {
        String topic = half.properties().get(PropertyName.REAL_TOPIC);
        if (topic != null) {
            for (long found : storage.findByKey(topic, key, MAX_COPIES, 0, Long.MAX_VALUE)) {
                RecordView record = record(found);
                if (record != null && SysFlag.transaction(record.sysFlag()) == SysFlag.COMMIT) {
                    return "committed";
                }
            }
            if (storage.findByKey(RecordFacts.GIVEN_UP_TOPIC_NAME, key, 1, 0, Long.MAX_VALUE).length > 0) {
                return "given up";
            }
        }
        return "rolled back";
    }

    private @Nullable RecordView half(long logOffset) {
        RecordView record = record(logOffset);
        return record != null && record.topic().equals(HalfMessages.TOPIC) ? record : null;
    }

    private @Nullable RecordView record(long logOffset) {
        byte[] bytes = storage.readRecord(logOffset);
        RecordView view = new RecordView();
        return bytes != null && view.on(bytes, 0, bytes.length) ? view : null;
    }

    /** The open half message of a transaction's id, or of a place; null if none is open. */
    @Nullable OpenHalf find(String key, long logOffset) {
        for (long copy : storage.findByKey(HalfMessages.TOPIC, key, MAX_COPIES, 0, Long.MAX_VALUE)) {
            OpenHalf open = index.openAt(copy);
            if (open != null && key.equals(keyAt(open.logOffset()))) {
                return open;
            }
        }
        return logOffset < 0 ? null : index.openAt(logOffset);
    }

    private @Nullable String keyAt(long logOffset) {
        RecordView half = half(logOffset);
        return half == null
                ? null
                : Objects.requireNonNullElse(half.properties().get(PropertyName.UNIQ_KEY), "");
    }
}
