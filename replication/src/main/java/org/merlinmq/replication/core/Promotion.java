package org.merlinmq.replication.core;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.stream.Message.Ask;
import org.merlinmq.replication.stream.Message.Promise;

/**
 * What a candidate has heard of the other members, and whether that is enough to lead.
 *
 * <p>Each member that promises follows nobody of an earlier epoch any more, and says what it has. Enough of them are {@link
 * ReplicationSettings#promises}. The candidate asks all, again and again, until it leads or hears of a later epoch. Leading, it
 * goes on to ask those who neither have promised nor follow it: one of them may lead in an earlier epoch, and know of nothing.
 */
final class Promotion {
    /** Who wants it. */
    enum Order {
        /** Nobody: a master has started again. */
        NONE,
        /** An operator. */
        PROMOTED,
        /** An operator, whoever answers. */
        FORCED
    }

    private final ReplicationSettings settings;
    private final int epoch;
    private final long group;
    private final Order order;
    private final IntSupplier newPeer;
    private final Consumer<Action> out;
    private final List<Integer> others;

    /** A connection to a member that has not answered yet. */
    private record Asked(int member, long since) {}

    private final Map<Integer, Asked> asked = new TreeMap<>();
    private final Map<Integer, Long> retryAt = new TreeMap<>();
    private final Map<Integer, Promise> promises = new TreeMap<>();
    private final Set<Integer> unreachable = new HashSet<>();

    /** Until then it waits for those who have not answered, though it has heard enough. */
    private final long patientUntil;

    private boolean leads;

    Promotion(
            long now,
            ReplicationSettings settings,
            int epoch,
            long group,
            Order order,
            IntSupplier newPeer,
            Consumer<Action> out) {
        this.settings = settings;
        this.epoch = epoch;
        this.group = group;
        this.order = order;
        this.newPeer = newPeer;
        this.out = out;
        this.others = settings.others();
        this.patientUntil = now + settings.retryMillis() * (order == Order.NONE ? 1 : 3);
    }

    int epoch() {
        return epoch;
    }

    Order order() {
        return order;
    }

    /** It leads now. Whoever it still asks is in no hurry. */
    void leads() {
        leads = true;
    }

    boolean owns(int peer) {
        return asked.containsKey(peer);
    }

    void connected(int peer) {
        out.accept(new Action.Send(peer, new Ask(settings.member(), epoch, group)));
    }

    void promise(int peer, Promise promise) {
        Asked to = asked.get(peer);
        if (to != null && promise.epoch() == epoch && promise.member() == to.member) {
            promises.put(to.member, promise);
            asked.remove(peer);
            out.accept(new Action.Close(peer, "member " + to.member + " has promised"));
        }
    }

    void gone(long now, int peer) {
        Asked to = asked.remove(peer);
        if (to != null) {
            unreachable.add(to.member);
            retryAt.put(to.member, now + (leads ? settings.timeoutMillis() : settings.retryMillis()));
        }
    }

    void tick(long now, IntPredicate follows) {
        for (Map.Entry<Integer, Asked> each : new TreeMap<>(asked).entrySet()) {
            if (now - each.getValue().since >= settings.timeoutMillis()) {
                out.accept(new Action.Close(
                        each.getKey(), "member " + each.getValue().member + " does not answer a candidate"));
                gone(now, each.getKey());
            }
        }
        for (int member : others) {
            if (isWanted(member, follows) && now >= retryAt.getOrDefault(member, 0L)) {
                int peer = newPeer.getAsInt();
                asked.put(peer, new Asked(member, now));
                out.accept(new Action.Connect(peer, member));
            }
        }
    }

    private boolean isWanted(int member, IntPredicate follows) {
        return !promises.containsKey(member) && !follows.test(member) && !isAsked(member);
    }

    private boolean isAsked(int member) {
        for (Asked to : asked.values()) {
            if (to.member == member) {
                return true;
            }
        }
        return false;
    }

    long wakeAt(long now, IntPredicate follows) {
        long at = now < patientUntil && !leads ? patientUntil : Long.MAX_VALUE;
        for (int member : others) {
            if (isWanted(member, follows)) {
                at = Math.min(at, retryAt.getOrDefault(member, 0L));
            }
        }
        for (Asked to : asked.values()) {
            at = Math.min(at, to.since + settings.timeoutMillis());
        }
        return at;
    }

    /** Whether it has heard of enough members, and of all that may be heard of soon. */
    boolean hasHeardEnough(long now, boolean newcomer, boolean doubtful) {
        boolean all = others.stream().allMatch(each -> promises.containsKey(each) || unreachable.contains(each));
        return hasQuorum(newcomer, doubtful) && (all || now >= patientUntil);
    }

    /**
     * Whether nothing that was confirmed can be missing. When all have promised there is nobody else to wait for. A newcomer may
     * have been another one before it lost its disk, and only all together know what that one led.
     */
    private boolean hasQuorum(boolean newcomer, boolean doubtful) {
        return settings.copies() == 0 || order == Order.FORCED || hasAll() || (!newcomer && isSafe(doubtful));
    }

    private boolean hasAll() {
        return promises.size() == others.size();
    }

    /** Whether so many members that lost nothing have promised that no message was lost. */
    boolean isSafe(boolean doubtful) {
        long sound = promises.values().stream().filter(each -> !each.doubtful()).count();
        return sound + (doubtful ? 0 : 1) >= settings.promises();
    }

    /** Whose log the others have; 0 if none of them has any. */
    long group() {
        return promises.values().stream()
                .mapToLong(Promise::group)
                .filter(each -> each != 0)
                .findFirst()
                .orElse(0);
    }

    /** The highest epoch of all logs that it has heard of. */
    int highestEpoch() {
        return promises.values().stream()
                .mapToInt(each -> each.epochs().getLast().number())
                .max()
                .orElse(0);
    }

    /** The member that has most, if that is more than the candidate has; null if it is not. */
    @Nullable Promise ahead(EpochHistory own) {
        Promise best = null;
        EpochHistory most = own;
        for (Promise each : promises.values()) {
            EpochHistory theirs = new EpochHistory(each.epochs(), each.end());
            if (theirs.isAheadOf(most)) {
                best = each;
                most = theirs;
            }
        }
        return best;
    }

    /** Lets go of all connections. */
    void stop() {
        asked.keySet().forEach(peer -> out.accept(new Action.Close(peer, "the promotion has ended")));
        asked.clear();
    }
}
