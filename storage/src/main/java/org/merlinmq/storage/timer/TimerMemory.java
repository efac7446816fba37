package org.merlinmq.storage.timer;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.index.Wakeup;
import org.merlinmq.storage.run.PairSort;
import org.merlinmq.storage.run.PairSource;

/**
 * The timers before the horizon, and which of them are handed out or claimed; with the lock for all that is in memory.
 *
 * <p>Each pending timer before the horizon is in the heap, or in flight, or both if it waits for a retry.
 *
 * <p>Threading: any thread; all fields are guarded by the lock, and so is the tail.
 */
final class TimerMemory {
    private static final long LEAD_MILLIS = 1_000;
    private static final int MIN_ROOM = 256;

    /** How many times as much as an entry of the tail the end of a timer takes. */
    private static final long SETTLED_ENTRIES = 6;

    private final int maxInMemory;
    private final ReentrantLock lock = new ReentrantLock();
    private final TimerTail tail = new TimerTail();
    private final DueHeap near = new DueHeap();

    /** Timers that were handed out, with their due times; those to be handed out again are in the heap too. */
    private final Map<Long, Long> dueInFlight = new HashMap<>();

    /** Timers in the heap that wait for a retry, and stay there until then or a flush even if they are settled. */
    private final Set<Long> retried = new HashSet<>();

    /** Timers that are claimed, which are in flight too; with whether the heap has them still. */
    private final Map<Long, Boolean> claimed = new HashMap<>();

    private Place horizon = new Place(0, 0);

    /** The first timer known to be at the horizon or behind it; before that nothing has to be fetched. */
    private long nextBehindHorizon = Long.MAX_VALUE;

    private long announced = Long.MAX_VALUE;
    private PendingCounts pending = new PendingCounts();

    /** The latest time that timers were drained at. */
    private long drainedTo;

    /** Changes when what a fetch has read may be wrong: after a flush, and when the horizon is pulled in. */
    private long version;

    /** Whether a damaged run is being rebuilt: what is read of the others may be settled by what it had. */
    private boolean rebuilding;

    /** Whether the heap may hold timers that are settled: cancelled ones, and late successes of a retried delivery. */
    private boolean mayHoldSettled;

    private @Nullable Runnable earlier;
    private boolean wakeWanted;

    TimerMemory(int maxInMemory) {
        this.maxInMemory = maxInMemory;
    }

    void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    void onEarlier(Runnable wake) {
        locked(() -> earlier = wake);
    }

    // Timers come and go.

    void add(long dueMillis, long logOffset) {
        lock.lock();
        try {
            long due = tail.add(dueMillis, logOffset);
            pending.add(logOffset);
            if (horizon.isBehind(due, logOffset)) {
                near.add(due, due, logOffset);
                if (near.size() - retried.size() > 2L * maxInMemory) {
                    pullInHorizon();
                }
            } else {
                nextBehindHorizon = Math.min(nextBehindHorizon, due);
            }
            wakeFor(due);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Forgets the later half of the heap: it will be fetched again. Handed-out timers that wait for a retry stay, and
     * do not count: being overdue, they would draw the horizon into the past.
     */
    private void pullInHorizon() {
        long due = near.dueAt(maxInMemory, retried::contains);
        near.retain(d -> d < due, retried::contains);
        claimed.replaceAll((logOffset, inHeap) ->
                inHeap && (retried.contains(logOffset) || dueInFlight.getOrDefault(logOffset, due) < due));
        version++;
        horizon = new Place(due, 0);
        nextBehindHorizon = due;
    }

    /** Notes, under the lock, that whoever hands timers out has to come earlier than was announced. */
    private void wakeFor(long due) {
        if (due < announced && earlier != null) {
            announced = due;
            wakeWanted = true;
        }
    }

    /** Who has to come earlier now, in front of a chain. */
    @Nullable Wakeup takeWaiter(@Nullable Wakeup chain) {
        Runnable wake = takeWake();
        return wake == null ? chain : new Earlier(wake, chain);
    }

    private @Nullable Runnable takeWake() {
        lock.lock();
        try {
            Runnable wake = wakeWanted ? earlier : null;
            wakeWanted = false;
            return wake;
        } finally {
            lock.unlock();
        }
    }

    private void wakeNow() {
        Wakeup.wakeAll(takeWaiter(null));
    }

    private static final class Earlier extends Wakeup {
        private final Runnable wake;

        Earlier(Runnable wake, @Nullable Wakeup chain) {
            this.wake = wake;
            next = chain;
        }

        @Override
        protected void wake() {
            wake.run();
        }
    }

    void settle(long logOffset, long byLogOffset) {
        lock.lock();
        try {
            Long due = dueInFlight.remove(logOffset);
            if (due == null && !pending.mayHave(logOffset)) {
                // It names no timer, but a half message that it ends: it would have to be looked up.
                return;
            }
            if (due != null) {
                pending.remove(logOffset);
                boolean inHeap = Boolean.TRUE.equals(claimed.remove(logOffset));
                mayHoldSettled |= inHeap || retried.contains(logOffset);
            }
            tail.settled().putIfAbsent(logOffset, new Settled(due == null ? Settled.UNKNOWN : due, byLogOffset));
        } finally {
            lock.unlock();
        }
    }

    // Timers are claimed, to be relocated or cancelled.

    boolean claim(long dueMillis, long logOffset) {
        lock.lock();
        try {
            boolean waits = retried.contains(logOffset);
            boolean taken = claimed.containsKey(logOffset) || (dueInFlight.containsKey(logOffset) && !waits);
            if (taken || tail.settled().containsKey(logOffset)) {
                return false;
            }
            dueInFlight.put(logOffset, dueMillis);
            claimed.put(logOffset, waits || horizon.isBehind(dueMillis, logOffset));
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean isSettled(long logOffset) {
        lock.lock();
        try {
            return tail.settled().containsKey(logOffset);
        } finally {
            lock.unlock();
        }
    }

    /** Undoes the claim of what turned out to be no pending timer: unlike a release it enters nothing. */
    void unclaim(long logOffset) {
        locked(() -> {
            claimed.remove(logOffset);
            if (!retried.contains(logOffset)) {
                dueInFlight.remove(logOffset);
            }
        });
    }

    void release(long dueMillis, long logOffset) {
        lock.lock();
        try {
            Boolean inHeap = claimed.remove(logOffset);
            if (inHeap == null || retried.contains(logOffset)) {
                return;
            }
            dueInFlight.remove(logOffset);
            if (!horizon.isBehind(dueMillis, logOffset)) {
                nextBehindHorizon = Math.min(nextBehindHorizon, dueMillis);
            } else if (!inHeap) {
                near.add(dueMillis, dueMillis, logOffset);
            }
            wakeFor(dueMillis);
        } finally {
            lock.unlock();
        }
        wakeNow();
    }

    // Timers are handed out.

    /** Takes what is due from the heap; returns how many were entered in the arrays. */
    int pop(long nowMillis, long[] dues, long[] logOffsets) {
        lock.lock();
        try {
            int count = 0;
            drainedTo = Math.max(drainedTo, nowMillis);
            if (nextBehindHorizon == Long.MAX_VALUE && horizon.dueMillis() < nowMillis) {
                horizon = new Place(nowMillis, 0);
            }
            while (count < dues.length && near.size() > 0 && near.topWake() <= nowMillis) {
                long due = near.topDue();
                long logOffset = near.topLogOffset();
                near.removeTop();
                retried.remove(logOffset);
                if (claimed.containsKey(logOffset)) {
                    claimed.put(logOffset, false);
                } else if (!endIfSettled(due, logOffset)) {
                    dueInFlight.put(logOffset, due);
                    dues[count] = due;
                    logOffsets[count++] = logOffset;
                }
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. Settled before it was met: now its due time is known. */
    private boolean endIfSettled(long due, long logOffset) {
        if (tail.meet(due, logOffset)) {
            pending.remove(logOffset);
        }
        return tail.settled().containsKey(logOffset);
    }

    void retry(long dueMillis, long logOffset, long atMillis) {
        locked(() -> {
            if (dueInFlight.containsKey(logOffset)) {
                near.add(Math.max(dueMillis, atMillis), dueMillis, logOffset);
                retried.add(logOffset);
            }
        });
    }

    /** When something is due, or is to be fetched if it can be. */
    long nextDueMillis(boolean fetches) {
        lock.lock();
        try {
            long next = near.size() == 0 ? Long.MAX_VALUE : near.topWake();
            boolean more = fetches && !rebuilding && hasRoom() && nextBehindHorizon < Long.MAX_VALUE;
            long fetch = more ? nextBehindHorizon - LEAD_MILLIS : Long.MAX_VALUE;
            announced = Math.min(next, fetch);
            return announced;
        } finally {
            lock.unlock();
        }
    }

    // Timers are fetched.

    boolean isFetchWanted(long nowMillis) {
        lock.lock();
        try {
            return !rebuilding && hasRoom() && nextBehindHorizon <= nowMillis + TimerIndex.HORIZON_MILLIS / 2;
        } finally {
            lock.unlock();
        }
    }

    /** With half a heap of timers the next ones can wait; those that wait for a retry do not count. */
    private boolean hasRoom() {
        return near.size() - retried.size() <= maxInMemory / 2;
    }

    TimerFetch.Gap gap() {
        lock.lock();
        try {
            int room = Math.max(MIN_ROOM, maxInMemory - near.size());
            // Pulled in among timers of one due time, the horizon can lie before the progress: what is settled there
            // has no tombstone and would come again.
            Place from = tail.progress().isBehind(horizon) ? tail.progress() : horizon;
            return new TimerFetch.Gap(version, from, room, tail.snapshot(), tail.flushedUpTo());
        } finally {
            lock.unlock();
        }
    }

    /** Takes up what was fetched, unless a flush came between: what was read may be settled meanwhile. */
    void enter(TimerFetch.Gap gap, TimerFetch.Found found) {
        lock.lock();
        try {
            if (gap.version() != version || rebuilding) {
                return;
            }
            Place from = horizon;
            for (int i = 0; i < found.count(); i++) {
                admit(found.dueMillis(i), found.logOffset(i));
            }
            if (!horizon.isBehind(found.end())) {
                horizon = found.end();
            }
            nextBehindHorizon = found.nextDueMillis();
            enterNewer(from, gap.unflushed().size());
        } finally {
            lock.unlock();
        }
    }

    /** Those that came while the files were read. */
    private void enterNewer(Place from, int seen) {
        long[] newer = tail.snapshot().toArray(seen);
        for (int i = 0; i < newer.length; i += 2) {
            long logOffset = newer[i + 1] >>> 1;
            if (!horizon.isBehind(newer[i], logOffset)) {
                nextBehindHorizon = Math.min(nextBehindHorizon, newer[i]);
            } else if (!from.isBehind(newer[i], logOffset)) {
                admit(newer[i], logOffset);
            }
        }
    }

    private void admit(long due, long logOffset) {
        if (logOffset >= tail.minLogOffset() && !dueInFlight.containsKey(logOffset) && !endIfSettled(due, logOffset)) {
            near.add(due, due, logOffset);
        }
    }

    // What a flush and the store need to know.

    TimerTail tail() {
        return tail;
    }

    /** The due time of one that was settled before it was met. Under the lock. */
    void lookedUp(long logOffset, long due) {
        if (due == Settled.UNKNOWN) {
            // It names no timer, or one that is gone.
            tail.settled().computeIfPresent(logOffset, (at, end) -> end.isKnown() ? end : null);
        } else if (tail.meet(due, logOffset)) {
            mayHoldSettled = true;
            pending.remove(logOffset);
        }
    }

    /** Before this there is no timer that is not settled. Under the lock. */
    Place firstPending() {
        // Not beyond the present: timers may still come that are due between now and the horizon.
        Place present = new Place(drainedTo, 0);
        Place[] first = {horizon.isBehind(present) ? present : horizon};
        for (int i = 0; i < near.size(); i++) {
            if (first[0].isBehind(near.due(i), near.logOffset(i))) {
                first[0] = new Place(near.due(i), near.logOffset(i));
            }
        }
        dueInFlight.forEach((logOffset, due) -> {
            if (first[0].isBehind(due, logOffset)) {
                first[0] = new Place(due, logOffset);
            }
        });
        return first[0];
    }

    /** Forgets what a flush has written. Under the lock. */
    void flushed(Set<Long> ended, long upTo, Place first) {
        if (mayHoldSettled) {
            near.retain(due -> false, logOffset -> !ended.contains(logOffset));
            retried.removeAll(ended);
        }
        tail.flushed(ended, upTo, first);
        mayHoldSettled = !tail.settled().isEmpty();
        version++;
    }

    /** Begins at the progress, with what was counted. */
    void start(PendingCounts counted, long firstDueMillis) {
        locked(() -> {
            drainedTo = tail.progress().dueMillis();
            horizon = tail.progress();
            pending = counted;
            nextBehindHorizon = firstDueMillis;
        });
    }

    void retain(long minLogOffset) {
        locked(() -> {
            tail.retain(minLogOffset);
            pending.dropBelow(minLogOffset);
        });
    }

    // Runs are rebuilt.

    /** Fetches nothing until {@link #refetch}; returns the timers in memory, log offset and due time, by log offset. */
    PairSource stopFetching() {
        lock.lock();
        try {
            rebuilding = true;
            long[] known = new long[2 * (near.size() + dueInFlight.size())];
            int count = 0;
            for (int i = 0; i < near.size(); i++) {
                known[count++] = near.logOffset(i);
                known[count++] = near.due(i);
            }
            for (Map.Entry<Long, Long> timer : dueInFlight.entrySet()) {
                known[count++] = timer.getKey();
                known[count++] = timer.getValue();
            }
            return PairSource.of(PairSort.sort(known, count / 2), count / 2);
        } finally {
            lock.unlock();
        }
    }

    /** Ends a timer whose tombstone was lost. */
    void settleAgain(long dueMillis, long logOffset, long byLogOffset) {
        locked(() -> tail.settled().putIfAbsent(logOffset, new Settled(dueMillis, byLogOffset)));
    }

    /** Lets all be fetched anew from the progress on: the runs have what they had not. */
    void refetch() {
        locked(() -> {
            rebuilding = false;
            near.retain(due -> false, retried::contains);
            claimed.replaceAll((logOffset, inHeap) -> inHeap && retried.contains(logOffset));
            horizon = tail.progress();
            nextBehindHorizon = horizon.dueMillis();
            version++;
            wakeFor(nextBehindHorizon);
        });
        wakeNow();
    }

    long firstLogOffset() {
        lock.lock();
        try {
            return pending.firstLogOffset();
        } finally {
            lock.unlock();
        }
    }

    long count() {
        lock.lock();
        try {
            return pending.total();
        } finally {
            lock.unlock();
        }
    }

    long unflushedEntries() {
        lock.lock();
        try {
            return tail.snapshot().size() + SETTLED_ENTRIES * tail.settled().size();
        } finally {
            lock.unlock();
        }
    }

    int nearEntries() {
        lock.lock();
        try {
            return near.size() + dueInFlight.size() - retried.size();
        } finally {
            lock.unlock();
        }
    }
}
