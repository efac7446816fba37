package org.merlinmq.broker.send;

import java.util.Map;
import java.util.Objects;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.schedule.Cancellations;
import org.merlinmq.broker.schedule.DelayLevels;
import org.merlinmq.broker.topic.CopyRules;
import org.merlinmq.broker.transaction.HalfMessages;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecallHandle;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.FlushMode;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.transaction.OpenHalves.Standing;

/**
 * Reads what a send has stored that another one repeats, and makes the first one's answer of it.
 *
 * <p>Threading: one per event loop, on that loop. Reads the log there, as pulls do.
 */
public final class FirstSends {
    private final Storage storage;
    private final Cancellations cancellations;
    private final byte[] storeHost;
    private final int storePort;
    private final String brokerName;
    private final RecordView first = new RecordView();
    private final RecordView second = new RecordView();
    private final EntrySlice one = new EntrySlice(1);
    private final StoredSend found = new StoredSend();

    /** The log offset behind its records. */
    private long foundEnd;

    /**
     * Nothing is found yet.
     *
     * @param storage holds the records
     * @param identity stands in message ids
     * @param levels the delay levels
     */
    public FirstSends(Storage storage, BrokerIdentity identity, DelayLevels levels) {
        this.storage = storage;
        cancellations = new Cancellations(storage, levels);
        storeHost = identity.host().getAddress();
        storePort = identity.port();
        brokerName = identity.brokerName();
    }

    /**
     * The answer to the send found last; valid until the next search.
     *
     * @param slaves for how many the sends to its topic wait; {@link CopyRules#AS_CONFIGURED} for as many as the settings say
     */
    StoredSend found(int slaves) {
        found.code = code(slaves == CopyRules.AS_CONFIGURED ? storage.copies().required() : slaves);
        return found;
    }

    /**
     * Compares what was staged with what may be its first send: as many records, one behind the other, of the same topic
     * with the same unique keys, that are still in their queue. A half message counts only while it is open, a delayed message
     * unless it was cancelled: one that was taken back may be sent again. What a transaction has committed, or the schedule
     * has delivered, is no send.
     *
     * @param logOffset where the first's record may begin
     * @param batch has the second's records as its last ones
     * @param entry the second's first record there
     * @param fromMillis a record that was stored before is too old
     * @param staged encoded the second's records last
     * @return whether it is the same send; then {@link #found} has its answer
     * @throws DiskException if that is not known now: a damaged index is being made anew
     */
    boolean find(long logOffset, AppendBatch batch, int entry, long fromMillis, RecordStager staged) {
        int at = batch.bytes().length();
        for (int i = entry; i < batch.count(); i++) {
            at -= batch.recordBytes(i);
        }
        long next = logOffset;
        for (int i = entry; i < batch.count(); i++) {
            byte[] stored = storage.readRecord(next);
            if (stored == null
                    || !first.on(stored, 0, stored.length)
                    || !second.on(batch.bytes().array(), at, batch.recordBytes(i))
                    || first.storeMillis() < fromMillis
                    || !repeats(staged.deferred())
                    || !counts(next, staged.deferred())) {
                return false;
            }
            if (i == entry) {
                begin(staged);
            } else {
                found.messageIds.putByte(',');
            }
            MessageId.encode(found.messageIds, storeHost, storePort, next);
            next += stored.length;
            at += batch.recordBytes(i);
        }
        foundEnd = next;
        return true;
    }

    private boolean repeats(boolean deferred) {
        if (first.topicBytes() != second.topicBytes()
                || !Bytes.equals(
                        first.bytes(), first.topicAt(), second.bytes(), second.topicAt(), second.topicBytes())) {
            return false;
        }
        // Only what waits is relocated: elsewhere a record that names another was not sent.
        if (!deferred && RecordLayout.named(first.preparedOffset()) != RecordLayout.NAMES_NONE) {
            return false;
        }
        Map<String, String> was = first.properties();
        Map<String, String> is = second.properties();
        return Objects.equals(was.get(PropertyName.UNIQ_KEY), is.get(PropertyName.UNIQ_KEY))
                && Objects.equals(was.get(PropertyName.REAL_TOPIC), is.get(PropertyName.REAL_TOPIC))
                && Objects.equals(was.get(PropertyName.TIMER_DEL_UNIQKEY), is.get(PropertyName.TIMER_DEL_UNIQKEY));
    }

    private boolean counts(long logOffset, boolean deferred) {
        Queue queue = storage.findQueue(first.topic(), first.queueId());
        if (queue == null || queue.readStored(first.queueOffset(), 1, one) == 0 || one.logOffset[0] != logOffset) {
            return false;
        }
        if (!deferred) {
            return true;
        }
        return first.topic().equals(HalfMessages.TOPIC)
                ? storage.transactions().standing(logOffset) == Standing.OPEN
                : !cancellations.isCancelled(first);
    }

    private void begin(RecordStager staged) {
        Map<String, String> properties = first.properties();
        // A batch is answered with the key around it, which is not stored.
        ByteSlice uniqueKey = staged.uniqueKey();
        // Of an ordinary message these are properties like any other.
        String queueId = staged.deferred() ? properties.get(PropertyName.REAL_QID) : null;
        String topic = properties.get(PropertyName.REAL_TOPIC);
        String dueMillis = properties.get(PropertyName.TIMER_OUT_MS);
        found.messageIds.clear();
        found.queueId = queueId == null ? first.queueId() : Integer.parseInt(queueId);
        found.queueOffset = first.queueOffset();
        found.uniqueKey.set(uniqueKey.array(), uniqueKey.at(), uniqueKey.length());
        found.recallHandle.set("");
        if (staged.recallHandle().length() > 0 && topic != null && dueMillis != null) {
            found.recallHandle.set(
                    new RecallHandle(topic, brokerName, Long.parseLong(dueMillis), uniqueKey.text()).toString());
        }
    }

    /** How safe the record is by now: the first may have been answered without waiting. */
    private ResponseCode code(int slaves) {
        if (storage.flushMode() == FlushMode.SYNC && storage.flushedLogOffset() < foundEnd) {
            return ResponseCode.FLUSH_DISK_TIMEOUT;
        }
        return storage.copies().isConfirmed(slaves, foundEnd) ? ResponseCode.SUCCESS : ResponseCode.FLUSH_SLAVE_TIMEOUT;
    }
}
