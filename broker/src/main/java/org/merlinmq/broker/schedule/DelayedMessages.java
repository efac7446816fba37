package org.merlinmq.broker.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.DelayedMessage;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.SpaceRule;
import org.merlinmq.storage.timer.TimerIndex;

/**
 * The messages that wait for their time: found by id, listed in the order of their due times, cancelled.
 *
 * <p>A cancellation and the delivery of one message exclude each other: whoever claims its timer first wins, and what became
 * of it is a record of the log.
 *
 * <p>Limits: a page looks at {@link #MAX_LOOKED} records or {@link #MAX_BYTES} of them, whatever is asked for.
 *
 * <p>Threading: any thread that may wait for the disk.
 *
 * <p>Errors: {@link DiskException} where a damaged index is met; it is being made anew then.
 */
final class DelayedMessages {
    static final int MAX_LOOKED = 1_000;
    static final int MAX_BYTES = 16 << 20;

    /** How many messages may have one unique key: each attempt to send is one. */
    static final int MAX_SAME_KEY = 64;

    private final Storage storage;
    private final DelayedRecords records;
    private final LongSupplier nowMillis;
    private final AtomicLong cancelled = new AtomicLong();

    DelayedMessages(Storage storage, DelayLevels levels, LongSupplier nowMillis) {
        this.storage = storage;
        this.records = new DelayedRecords(levels, RocketMqDelayProgress.NOTHING);
        this.nowMillis = nowMillis;
    }

    /** How many were cancelled since the start. */
    long cancelled() {
        return cancelled.get();
    }

    long pending() {
        return storage.timers().count();
    }

    // ---- finding

    /** The records of delayed messages of a topic that have an id; settled ones too, as long as the log has them. */
    List<RecordView> find(String topic, String id) {
        List<RecordView> found = byUniqueKey(topic, id);
        if (found.isEmpty()) {
            RecordView record = byMessageId(topic, id);
            return record == null ? List.of() : List.of(record);
        }
        return found;
    }

    List<RecordView> byUniqueKey(String topic, String key) {
        List<RecordView> found = new ArrayList<>();
        for (String held : List.of(ScheduleTopics.TIMERS, ScheduleTopics.LEVELS)) {
            for (long logOffset : storage.findByKey(held, key, MAX_SAME_KEY, 0, Long.MAX_VALUE)) {
                RecordView record = delayed(logOffset, topic);
                if (record != null && key.equals(record.properties().get(PropertyName.UNIQ_KEY))) {
                    found.add(record);
                }
            }
        }
        return found;
    }

    private @Nullable RecordView byMessageId(String topic, String text) {
        try {
            MessageId id = MessageId.decode(text);
            RecordView record = delayed(id.logOffset(), topic);
            return record != null && text.equalsIgnoreCase(messageId(record)) ? record : null;
        } catch (FieldException noMessageId) {
            return null;
        }
    }

    /**
     * The pending messages of a topic that are due at a time and have a unique key: for a store without an index of keys.
     *
     * @return what was found among the first {@link #MAX_LOOKED} that are due then
     */
    List<RecordView> byDueTime(String topic, String key, long dueMillis) {
        List<RecordView> found = new ArrayList<>();
        int[] looked = {0};
        storage.timers().listFrom(dueMillis, 0, (due, logOffset) -> {
            RecordView record = due == dueMillis ? delayed(logOffset, topic) : null;
            if (record != null && key.equals(record.properties().get(PropertyName.UNIQ_KEY))) {
                found.add(record);
            }
            return due == dueMillis && ++looked[0] < MAX_LOOKED;
        });
        return found;
    }

    /** The record of a delayed message; null if there is none or it is of another topic. */
    private @Nullable RecordView delayed(long logOffset, @Nullable String topic) {
        byte[] bytes = storage.readRecord(logOffset);
        RecordView record = new RecordView();
        if (bytes == null
                || !record.on(bytes, 0, bytes.length)
                || records.dueMillis(record) == 0
                || DelayedRecords.asksToCancel(record)) {
            return null;
        }
        String own = record.properties().get(PropertyName.REAL_TOPIC);
        return own == null || (topic != null && !topic.equals(own)) ? null : record;
    }

    /** The id that names the place of a record. */
    static String messageId(RecordView record) {
        int at = record.storeHostAt();
        int bytes = record.storeHostBytes();
        return MessageId.encode(
                Arrays.copyOfRange(record.bytes(), at, at + bytes),
                Bytes.getInt(record.bytes(), at + bytes),
                record.logOffset());
    }

    /** When a record that was found is due. */
    long dueMillis(RecordView record) {
        return records.dueMillis(record);
    }

    /** Whether a record that was found waits still. */
    boolean isPending(RecordView record) {
        return storage.timers().isPending(records.dueMillis(record), record.logOffset());
    }

    // ---- listing

    /** Where a page ended: behind the timer of this due time and log offset. */
    record Cursor(long dueMillis, long logOffset) {
        static Cursor read(String text) {
            String[] numbers = text.split("-", -1);
            if (numbers.length != 2 || !numbers[0].matches("[0-9]{1,18}") || !numbers[1].matches("[0-9]{1,18}")) {
                throw FieldException.wrong("cursor", "that of an answer", text);
            }
            return new Cursor(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
        }

        @Override
        public String toString() {
            return dueMillis + "-" + logOffset;
        }
    }

    /** A page of the list; without a cursor it is the last one. */
    record Page(List<DelayedMessage> messages, @Nullable Cursor next) {}

    /** Lists pending messages that are due in a time, of one topic or of all. */
    Page list(@Nullable String topic, Cursor from, long toMillis, int max) {
        List<DelayedMessage> messages = new ArrayList<>();
        @Nullable Cursor[] next = new @Nullable Cursor[1];
        long[] looked = {0, 0};
        storage.timers().listFrom(from.dueMillis(), from.logOffset(), (due, logOffset) -> {
            if (due >= toMillis) {
                return false;
            }
            if (messages.size() == max || looked[0] == MAX_LOOKED || looked[1] > MAX_BYTES) {
                next[0] = new Cursor(due, logOffset);
                return false;
            }
            RecordView record = delayed(logOffset, topic);
            looked[0]++;
            if (record != null) {
                looked[1] += record.totalBytes();
                messages.add(shown(record, due));
            }
            return true;
        });
        return new Page(messages, next[0]);
    }

    private DelayedMessage shown(RecordView record, long due) {
        Map<String, String> properties = record.properties();
        String queueId = properties.getOrDefault(PropertyName.REAL_QID, "");
        return new DelayedMessage(
                record.bodyBytes(),
                due,
                CarriedRecord.isOfLevel(record) ? record.queueId() + 1 : 0,
                messageId(record),
                queueId.matches("[0-9]{1,9}") ? Integer.parseInt(queueId) : 0,
                record.storeMillis(),
                properties.getOrDefault(PropertyName.REAL_TOPIC, ""),
                properties.getOrDefault(PropertyName.UNIQ_KEY, ""));
    }

    /**
     * Counts what is pending by topic.
     *
     * @param most how many to look at
     * @return counts; null if more are pending
     */
    @Nullable Map<String, Long> countByTopic(int most) {
        if (pending() > most) {
            return null;
        }
        Map<String, Long> counts = new TreeMap<>();
        storage.timers().listFrom(0, 0, (due, logOffset) -> {
            RecordView record = delayed(logOffset, null);
            if (record != null) {
                counts.merge(record.properties().getOrDefault(PropertyName.REAL_TOPIC, ""), 1L, Long::sum);
            }
            return true;
        });
        return counts;
    }

    // ---- cancelling

    /** What became of an attempt to cancel. */
    enum Outcome {
        CANCELLED,
        /** At least one was being delivered, or moved within the log, at this moment; none was cancelled. */
        TAKEN,
        /** All were delivered or cancelled before. */
        ENDED,
        /** The log did not take the cancellation; all is as it was. */
        REFUSED
    }

    /** An outcome, with the log's reason for {@link Outcome#REFUSED}. */
    record Cancellation(Outcome outcome, String reason) {}

    private record Claimed(RecordView record, long dueMillis) {}

    /**
     * Cancels those of some delayed messages that are pending.
     *
     * @param found their records
     * @param by on whose behalf, for the log
     * @return completed by the append; callbacks must be short
     */
    CompletableFuture<Cancellation> cancel(List<RecordView> found, String by) {
        List<Claimed> claimed = new ArrayList<>();
        CompletableFuture<Cancellation> done = new CompletableFuture<>();
        boolean appended = false;
        try {
            boolean taken = claim(found, claimed);
            if (claimed.isEmpty()) {
                done.complete(new Cancellation(taken ? Outcome.TAKEN : Outcome.ENDED, ""));
                return done;
            }
            AppendBatch batch = storage.newBatch(stored -> done.complete(ended(stored, claimed)));
            batch.spaceRule(SpaceRule.MAKES_ROOM);
            CancelRecord writer = new CancelRecord(storage);
            long now = nowMillis.getAsLong();
            for (Claimed each : claimed) {
                writer.stage(batch, each.record(), each.dueMillis(), by, now);
            }
            appended = true;
            storage.append(batch);
            return done;
        } catch (DiskException e) {
            done.complete(new Cancellation(Outcome.REFUSED, String.valueOf(e.getMessage())));
            return done;
        } finally {
            if (!appended) {
                release(claimed);
            }
        }
    }

    /** Returns whether some are pending and were not to be had. */
    private boolean claim(List<RecordView> found, List<Claimed> claimed) {
        boolean taken = false;
        for (RecordView record : found) {
            long due = records.dueMillis(record);
            TimerIndex.Claim claim = storage.timers().claimPending(due, record.logOffset());
            if (claim == TimerIndex.Claim.CLAIMED) {
                claimed.add(new Claimed(record, due));
            }
            taken |= claim == TimerIndex.Claim.TAKEN;
        }
        return taken;
    }

    private Cancellation ended(AppendBatch batch, List<Claimed> claimed) {
        if (batch.status() == AppendStatus.REFUSED) {
            release(claimed);
            return new Cancellation(Outcome.REFUSED, batch.reason());
        }
        cancelled.addAndGet(claimed.size());
        return new Cancellation(Outcome.CANCELLED, "");
    }

    private void release(List<Claimed> claimed) {
        claimed.forEach(
                each -> storage.timers().release(each.dueMillis(), each.record().logOffset()));
    }
}
