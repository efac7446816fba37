package org.merlinmq.broker.send;

import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dedup.DedupTable;
import org.merlinmq.broker.dedup.DedupTables;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Finds the sends of one loop that repeat one which was stored before, in topics with a window, and answers them with what
 * the first was answered. A send whose first is still under way, on this loop or another, waits for what becomes of it, as a
 * copy; if that was refused it is stored itself.
 *
 * <p>Threading: its loop only, but that {@link DedupTable} wakes it from any thread.
 *
 * <p>Limits: copies count as those of {@link HeldSends} do; a send beyond is refused.
 *
 * @param <C> the shell's kind of client
 */
public final class DuplicateSends<C> {
    private final DedupTables tables;
    private final FirstSends firsts;
    private final SendReplies<C> replies;
    private final SendCounters counters;
    private final HeldSends<C> held;
    private HeldSends.@Nullable Taker<C> taker;
    private Runnable allTaken = () -> {};

    /** What becomes of a send. */
    enum Outcome {
        /** It is the first with its key, as far as is known. */
        TO_STORE,
        /** It was answered. */
        ANSWERED,
        /** It was copied and comes again. */
        HELD,
        REFUSED
    }

    /**
     * The duplicates of one loop.
     *
     * @param tables knows the keys
     * @param firsts reads what was stored first; of this loop alone
     * @param replies answers duplicates
     * @param counters counts them
     * @param held has the room for sends that wait
     */
    public DuplicateSends(
            DedupTables tables, FirstSends firsts, SendReplies<C> replies, SendCounters counters, HeldSends<C> held) {
        this.tables = tables;
        this.firsts = firsts;
        this.replies = replies;
        this.counters = counters;
        this.held = held;
    }

    /** Says who takes a send whose first has ended, and what is to be done then. */
    void onWake(HeldSends.Taker<C> takes, Runnable then) {
        taker = takes;
        allTaken = then;
    }

    /**
     * Decides on a send whose records are the last of a batch.
     *
     * @param entry its first record there
     */
    Outcome check(
            SendRequest request,
            Topic topic,
            RecordStager stager,
            StagedSends<C> sends,
            int entry,
            @Nullable C client,
            long token) {
        DedupTable table = topic.dedup(tables.memory());
        if (table == null) {
            return Outcome.TO_STORE;
        }
        long hash = stager.dedupHash(sends.batch());
        long now = sends.nowMillis(tables, entry);
        long oldest = now - table.windowMillis();
        boolean claimed = false;
        try {
            long place = table.claim(hash, now, DedupTable.NO_PLACE);
            while (place >= 0) {
                if (firsts.find(place, sends.batch(), entry, oldest, stager)) {
                    return answer(topic, client, token);
                }
                place = table.claim(hash, now, place);
            }
            if (place == DedupTable.UNDER_WAY) {
                return hold(table, hash, request, client, token);
            }
            claimed = true;
            if (findStored(table, hash, now, sends.batch(), entry, stager)) {
                return answer(topic, client, token);
            }
        } catch (DiskException e) {
            if (claimed) {
                table.release(hash);
            }
            request.refusal = new Refusal(
                    ResponseCode.SYSTEM_BUSY,
                    "whether a delayed message with the same unique key was cancelled is not known while an index is made"
                            + " anew (" + e.getMessage() + "): send again");
            return Outcome.REFUSED;
        }
        sends.claimed(table, hash, entry);
        return Outcome.TO_STORE;
    }

    /** Whether the send repeats one that was stored before the broker started. */
    private boolean findStored(
            DedupTable table, long hash, long now, AppendBatch batch, int entry, RecordStager stager) {
        long oldest = now - table.windowMillis();
        for (int number = 0; ; number++) {
            long before = tables.storedBefore(stager.uniqueKeyHash(), number, now);
            if (before == DedupTables.NONE) {
                return false;
            }
            if (firsts.find(before, batch, entry, oldest, stager)) {
                table.settle(hash, before, now);
                return true;
            }
        }
    }

    private Outcome answer(Topic topic, @Nullable C client, long token) {
        counters.duplicate();
        if (client != null) {
            replies.stored(client, token, firsts.found(topic.copies()));
        }
        return Outcome.ANSWERED;
    }

    private Outcome hold(DedupTable table, long hash, SendRequest request, @Nullable C client, long token) {
        int bytes = request.body.length() + request.properties.length() + request.topic.length();
        if (!held.takeRoom(bytes)) {
            request.refusal = new Refusal(
                    ResponseCode.SYSTEM_BUSY,
                    "a send with the same unique key is under way, and sends that wait fill limit.max-held: send again");
            return Outcome.REFUSED;
        }
        SendRequest copy = request.copy();
        Runnable again = () -> held.onLoop(() -> takeUp(copy, client, token, bytes));
        if (!table.await(hash, again)) {
            again.run();
        }
        return Outcome.HELD;
    }

    private void takeUp(SendRequest copy, @Nullable C client, long token, int bytes) {
        held.giveRoom(bytes);
        HeldSends.Taker<C> takes = taker;
        if (takes != null) {
            takes.take(copy, client, token);
        }
        allTaken.run();
    }
}
