package org.merlinmq.broker.send;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dedup.DedupTable;
import org.merlinmq.broker.dedup.DedupTables;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.topic.CopyRules;
import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.AckLevel;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendListener;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * The sends that one append carries, and who waits for them: each is answered once the log has decided, in the order in
 * which they were added.
 *
 * <p>Threading: filled and answered on the loop that owns it; {@link #appended} on any thread.
 *
 * @param <C> the shell's kind of client
 */
public final class StagedSends<C> implements AppendListener {
    private static final int FIRST_CAPACITY = 64;

    private final Storage storage;
    private final byte[] storeHost;
    private final int storePort;
    private final Executor loop;
    private final SendReplies<C> replies;
    private final SendCounters counters;
    private final Consumer<StagedSends<C>> answered;
    private final Runnable answer = this::answer;
    private final AppendBatch batch;
    private final ByteWriter uniqueKeys = new ByteWriter(0);
    private final StoredSend stored = new StoredSend();

    private final List<@Nullable C> clients = new ArrayList<>(FIRST_CAPACITY);
    private long[] tokens = new long[FIRST_CAPACITY];
    private int[] entryCounts = new int[FIRST_CAPACITY];
    private int[] queueIds = new int[FIRST_CAPACITY];
    private int[] uniqueKeyBytes = new int[FIRST_CAPACITY];
    private long sinceNanos;
    private boolean anyWaits;

    /** The most slaves that one of the sends waits for; {@link CopyRules#AS_CONFIGURED} also before any does. */
    private int copies = CopyRules.AS_CONFIGURED;

    // The few sends whose messages can be taken back: which they are, and where their handles end.
    private final ByteWriter handles = new ByteWriter(0);
    private int handleCount;
    private int[] handleOf = new int[4];
    private int[] handleEnd = new int[4];

    // The sends to topics with a window: the keys they hold until it is known what becomes of them.
    private int claimCount;

    /** 0 before a send has asked. */
    private long nowMillis;

    private DedupTable[] claimedIn = new DedupTable[4];
    private long[] claimedHash = new long[4];
    private int[] claimedEntry = new int[4];

    /**
     * Makes a batch.
     *
     * @param <C> the shell's kind of client
     */
    @FunctionalInterface
    public interface Making<C> {
        /**
         * Makes a batch.
         *
         * @param answered is given it back when its sends are answered
         * @return an empty batch
         */
        StagedSends<C> make(Consumer<StagedSends<C>> answered);
    }

    /**
     * An empty batch.
     *
     * @param storage takes the records
     * @param identity stands in message ids
     * @param loop runs a task on the loop that owns this, at once if called there
     * @param replies how senders are answered
     * @param counters what the loop counts
     * @param answered is given this when all are answered and it can be used again
     */
    public StagedSends(
            Storage storage,
            BrokerIdentity identity,
            Executor loop,
            SendReplies<C> replies,
            SendCounters counters,
            Consumer<StagedSends<C>> answered) {
        this.storage = storage;
        this.storeHost = identity.host().getAddress();
        this.storePort = identity.port();
        this.loop = loop;
        this.replies = replies;
        this.counters = counters;
        this.answered = answered;
        batch = storage.newBatch(this);
    }

    AppendBatch batch() {
        return batch;
    }

    /**
     * Notes a send whose records are the last of the batch.
     *
     * @param client who waits for the answer; null for nobody
     * @param token handed back with it
     * @param entries how many records it has
     * @param queueId the queue that was chosen
     * @param staged encoded them last
     */
    void add(@Nullable C client, long token, int entries, int queueId, RecordStager staged) {
        int count = clients.size();
        if (count == 0) {
            sinceNanos = System.nanoTime();
        }
        if (count == tokens.length) {
            grow(count * 2);
        }
        clients.add(client);
        tokens[count] = token;
        entryCounts[count] = entries;
        queueIds[count] = queueId;
        ByteSlice key = staged.uniqueKey();
        uniqueKeys.put(key.array(), key.at(), key.length());
        uniqueKeyBytes[count] = key.length();
        ByteWriter handle = staged.recallHandle();
        if (handle.length() > 0) {
            addHandle(count, handle);
        }
    }

    /**
     * Notes that the sender of the last send waits until it is safe. All of one append wait for as many slaves as one of them.
     *
     * @param slaves for how many; {@link CopyRules#AS_CONFIGURED} for as many as the settings say
     */
    void waitFor(int slaves) {
        if (slaves != CopyRules.AS_CONFIGURED || copies != CopyRules.AS_CONFIGURED) {
            int usual = storage.copies().required();
            int before = copies != CopyRules.AS_CONFIGURED ? copies : anyWaits ? usual : 0;
            copies = Math.max(before, slaves == CopyRules.AS_CONFIGURED ? usual : slaves);
        }
        anyWaits = true;
    }

    /**
     * Notes that a send holds its unique key, which is settled when the log has decided.
     *
     * @param table where
     * @param hash of the key
     * @param entry the send's first record
     */
    void claimed(DedupTable table, long hash, int entry) {
        if (claimCount == claimedHash.length) {
            claimedIn = Arrays.copyOf(claimedIn, claimCount * 2);
            claimedHash = Arrays.copyOf(claimedHash, claimCount * 2);
            claimedEntry = Arrays.copyOf(claimedEntry, claimCount * 2);
        }
        // Not stored again if it is the same, for the reason in ByteSlice.
        if (claimedIn[claimCount] != table) {
            claimedIn[claimCount] = table;
        }
        claimedHash[claimCount] = hash;
        claimedEntry[claimCount++] = entry;
    }

    /**
     * The time of its first send that asks, for all of it: it is gathered in one pass over the sockets.
     *
     * @param entry the first record of the send that asks; at 0 nothing is left of an earlier pass but a time
     */
    long nowMillis(DedupTables tables, int entry) {
        if (nowMillis == 0 || entry == 0) {
            nowMillis = tables.nowMillis();
        }
        return nowMillis;
    }

    private void settleClaims(boolean stored) {
        for (int i = 0; i < claimCount; i++) {
            if (stored) {
                claimedIn[i].settle(claimedHash[i], batch.logOffset(claimedEntry[i]), batch.storeMillis());
            } else {
                claimedIn[i].release(claimedHash[i]);
            }
        }
        claimCount = 0;
    }

    private void addHandle(int send, ByteWriter handle) {
        if (handleCount == handleOf.length) {
            handleOf = Arrays.copyOf(handleOf, handleCount * 2);
            handleEnd = Arrays.copyOf(handleEnd, handleCount * 2);
        }
        handles.put(handle.array(), 0, handle.length());
        handleOf[handleCount] = send;
        handleEnd[handleCount++] = handles.length();
    }

    private void grow(int capacity) {
        tokens = Arrays.copyOf(tokens, capacity);
        entryCounts = Arrays.copyOf(entryCounts, capacity);
        queueIds = Arrays.copyOf(queueIds, capacity);
        uniqueKeyBytes = Arrays.copyOf(uniqueKeyBytes, capacity);
    }

    /** Hands the records to the log; without waiting for the disk if no sender wants that. */
    void append() {
        if (!anyWaits) {
            batch.ackLevel(AckLevel.WRITTEN);
        } else if (copies != CopyRules.AS_CONFIGURED) {
            batch.copies(copies);
        }
        storage.append(batch);
    }

    @Override
    public void appended(AppendBatch done) {
        loop.execute(answer);
    }

    private void answer() {
        int requests = clients.size();
        boolean stored = batch.status() != AppendStatus.REFUSED;
        if (claimCount > 0) {
            settleClaims(stored);
        }
        if (!stored) {
            refuse(requests);
        } else {
            int bytes = batch.bytes().length();
            answerStored(requests);
            counters.stored(batch.count(), bytes, requests, System.nanoTime() - sinceNanos);
        }
        clear();
        answered.accept(this);
    }

    private void refuse(int requests) {
        Refusal refusal = new Refusal(ResponseCode.SERVICE_NOT_AVAILABLE, batch.reason());
        for (int i = 0; i < requests; i++) {
            C client = clients.get(i);
            if (client != null) {
                replies.refused(client, tokens[i], refusal);
            }
        }
        counters.failed(requests);
    }

    private void answerStored(int requests) {
        stored.code = StoredSend.code(batch.status());
        int entry = 0;
        int keyAt = 0;
        int handle = 0;
        for (int i = 0; i < requests; i++) {
            boolean recallable = handle < handleCount && handleOf[handle] == i;
            C client = clients.get(i);
            if (client != null) {
                stored.messageIds.clear();
                for (int n = entry; n < entry + entryCounts[i]; n++) {
                    if (n > entry) {
                        stored.messageIds.putByte(',');
                    }
                    MessageId.encode(stored.messageIds, storeHost, storePort, batch.logOffset(n));
                }
                stored.queueId = queueIds[i];
                stored.queueOffset = batch.queueOffset(entry);
                stored.uniqueKey.set(uniqueKeys.array(), keyAt, uniqueKeyBytes[i]);
                if (recallable) {
                    int begin = handle == 0 ? 0 : handleEnd[handle - 1];
                    stored.recallHandle.set(handles.array(), begin, handleEnd[handle] - begin);
                }
                replies.stored(client, tokens[i], stored);
                if (recallable) {
                    stored.recallHandle.set(handles.array(), 0, 0);
                }
            }
            handle += recallable ? 1 : 0;
            entry += entryCounts[i];
            keyAt += uniqueKeyBytes[i];
        }
    }

    private void clear() {
        clients.clear();
        anyWaits = false;
        copies = CopyRules.AS_CONFIGURED;
        nowMillis = 0;
        uniqueKeys.clear();
        handles.clear();
        handleCount = 0;
        batch.clear();
    }
}
