package org.merlinmq.replication.core;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.storage.log.EpochTable.Epoch;

/**
 * What holds in a broker group at any moment, whatever happens to its members next. It knows more than any of them: all that was
 * sent and acknowledged, and what each one has.
 */
final class SimChecks {
    /** More than a leader's time-out, and what takes longest on a connection. */
    private static final long DEAD_MILLIS = 4_500;

    /** What a leader took. */
    record Sent(long logOffset, long end, long id, int epoch) {}

    /** A leader, and where its epoch begins. */
    private record Term(int member, long logOffset) {}

    private final List<SimMember> members;
    private final int size;
    private final int copies;

    /** Whether the operator gives up what only absent members have. */
    private final boolean forced;

    private final List<Sent> sent = new ArrayList<>();

    /** The same by place, and what consumers of any member have got at a place. */
    private final TreeMap<Long, List<Sent>> sentAt = new TreeMap<>();

    private final TreeMap<Long, Sent> shown = new TreeMap<>();

    /** What was acknowledged under {@code sync}. */
    private final List<Sent> acknowledged = new ArrayList<>();

    /** What was confirmed and ends last: also what nobody waited for any more. */
    private @Nullable Sent last;

    private final TreeMap<Integer, Term> terms = new TreeMap<>();

    /** Epochs that only an onlooker has heard of: the member that led in them may do so again, since it lost its disk. */
    private final Set<Integer> forgotten = new HashSet<>();

    SimChecks(List<SimMember> members, int copies, boolean forced) {
        this.members = members;
        this.size = (int) members.stream().filter(SimMember::counts).count();
        this.copies = copies;
        this.forced = forced;
    }

    static void check(boolean holds, Supplier<String> what) {
        if (!holds) {
            throw new AssertionError(what.get());
        }
    }

    private List<Sent> kept() {
        return forced ? List.of() : acknowledged;
    }

    private static boolean has(SimMember member, Sent message) {
        MemberStore.Counting counting = member.counting();
        long id = message.end <= counting.history().end() ? counting.ids().applyAsLong(message.logOffset) : -1;
        return id == 0 || id == message.id;
    }

    /** Whether it has the message, with or without the change of the state behind it. */
    private static boolean hasRecord(SimMember member, Sent message) {
        long id = message.logOffset < member.store.end() ? member.store.idAt(message.logOffset) : -1;
        return id == 0 || id == message.id;
    }

    private boolean isAnyDoubtful() {
        return members.stream().anyMatch(each -> each.counts() && each.isDoubtful());
    }

    /** What a member says is true after any crash. */
    void says(SimMember member, Message message) {
        MemberStore store = member.store;
        switch (message) {
            case Message.Promise promise ->
                says(
                        member,
                        promise.epoch(),
                        (promise.doubtful() || copies == 0 || !member.isDoubtful())
                                && promise.end() <= member.counting().history().end(),
                        promise);
            case Message.Hello hello ->
                says(
                        member,
                        hello.epoch(),
                        (hello.newcomer() || !member.kept().newcomer()) && hello.end() == store.end(),
                        hello);
            case Message.Ack ack ->
                says(member, ack.epoch(), ack.written() <= store.end() && ack.flushed() <= store.flushed(), ack);
            case Message.Ask ask -> says(member, ask.epoch(), true, ask);
            case Message.Welcome welcome -> says(member, welcome.epoch(), welcome.end() <= store.end(), welcome);
            default -> {
                // Of others.
            }
        }
    }

    private static void says(SimMember member, int epoch, boolean holds, Message message) {
        check(
                epoch <= member.kept().epoch() && holds,
                () -> "member " + member.number + " says " + message + ", keeps " + member.kept());
    }

    /** No two lead in one epoch, and each leader has all that was acknowledged. */
    void leads(SimMember member, int epoch) {
        Term before = terms.put(epoch, new Term(member.number, member.store.end()));
        // One that lost its disk, and was made the leader by force, may take a number again; the beginning tells the
        // two apart.
        boolean another = before != null && !(forced && before.logOffset() != member.store.end());
        check(!another, () -> "another leader of epoch " + epoch + ": " + before);
        // One whose promises were overtaken confirms nothing any more.
        for (Sent each : terms.lastKey() == epoch ? kept() : List.<Sent>of()) {
            check(has(member, each), () -> "leader " + member.number + " has what was acknowledged, " + each);
        }
        if (!forced && terms.lastKey() == epoch) {
            shown.values()
                    .forEach(each -> check(
                            hasRecord(member, each), () -> "leader " + member.number + " has what was read, " + each));
        }
    }

    /** In which somebody has begun to lead last; 0 if nobody has. */
    int lastEpoch() {
        return terms.isEmpty() ? 0 : terms.lastKey();
    }

    void sent(Sent message) {
        sent.add(message);
        sentAt.computeIfAbsent(message.logOffset, _ -> new ArrayList<>()).add(message);
    }

    /** What consumers have got at a place, from whichever member, is what all of them get there for ever. */
    void shows(SimMember member, long from, long to) {
        check(to <= member.store.end(), () -> "member " + member.number + " shows " + to + " of what it has");
        if (forced) {
            return;
        }
        sentAt.subMap(from, to)
                .values()
                .forEach(there -> there.stream()
                        .filter(each -> member.store.idAt(each.logOffset) == each.id)
                        .forEach(each -> {
                            Sent before = shown.putIfAbsent(each.logOffset, each);
                            check(
                                    before == null || before.id == each.id,
                                    () -> "member " + member.number + " shows " + each + " in the place of " + before);
                        }));
    }

    /** Nobody cuts off what was acknowledged. */
    void cuts(SimMember member, long logOffset) {
        for (Sent each : kept()) {
            check(
                    each.end <= logOffset || member.store.idAt(each.logOffset) != each.id,
                    () -> "member " + member.number + " cuts off what was acknowledged, " + each);
        }
    }

    /** Only the leader of an epoch acknowledges in it, and nothing that a later one lacks. */
    void acknowledged(SimMember member, Sent message) {
        check(
                requireNonNull(terms.get(message.epoch)).member() == member.number,
                () -> "member " + member.number + " acknowledges in epoch " + message.epoch);
        if (copies == 0) {
            return;
        }
        terms.tailMap(forced ? Integer.MAX_VALUE : message.epoch, false)
                .forEach((later, term) -> check(
                        message.end <= term.logOffset(),
                        () -> message + " is acknowledged, though there is epoch " + later + " of " + term));
        acknowledged.add(message);
        if (!forced && !isAnyDoubtful()) {
            long count = members.stream()
                    .filter(each -> each.counts() && has(each, message) && each.hasUpTo(message.end))
                    .count();
            check(count > copies, () -> count + " copies of " + message);
        }
    }

    /** What a leader takes for confirmed is in so many logs as it has to be, and on their disks. */
    void confirmed(SimMember leader, long logOffset) {
        if (copies == 0 || forced) {
            return;
        }
        for (Sent each : sent.reversed()) {
            if (each.end <= logOffset && leader.store.idAt(each.logOffset) == each.id) {
                last = last == null || each.end > last.end ? each : last;
                break;
            }
        }
        if (isAnyDoubtful()) {
            return;
        }
        EpochHistory all = leader.history();
        long count = members.stream()
                .filter(each -> each.counts()
                        && each.counting().history().commonEnd(all) >= logOffset
                        && each.hasUpTo(logOffset))
                .count();
        check(count > copies, () -> count + " logs have what is confirmed up to " + logOffset + " of " + all);
    }

    /**
     * Whoever may be promoted next has what was confirmed: there are no members whose promises are enough, and of which one
     * that lacks it has most. What is not on the disks yet is taken for lost, if disks are what counts.
     */
    void mayLoseNothing() {
        Sent latest = last;
        if (latest == null || forced) {
            return;
        }
        for (SimMember lacking : members) {
            if (isSound(lacking) && !(has(lacking, latest) && lacking.hasUpTo(latest.end))) {
                EpochHistory its = lacking.safeHistory();
                int notAhead = 0;
                for (SimMember each : members) {
                    notAhead += isSound(each) && !each.safeHistory().isAheadOf(its) ? 1 : 0;
                }
                if (notAhead >= size - copies) {
                    throw new AssertionError(
                            "member " + lacking.number + " may be promoted by " + notAhead + " that lack " + latest);
                }
            }
        }
    }

    private static boolean isSound(SimMember member) {
        return member.counts() && !member.isDoubtful();
    }

    /** A member's table says in which epoch each message was taken. */
    void tableIsTrue(SimMember member) {
        List<Epoch> epochs = member.history().epochs();
        long end = member.store.end();
        int i = 0;
        long before = -1;
        for (Sent each : sent) {
            if (each.end > end || each.logOffset < member.store.begin()) {
                continue;
            }
            i = each.logOffset < before ? 0 : i;
            before = each.logOffset;
            while (i + 1 < epochs.size() && epochs.get(i + 1).logOffset() <= each.logOffset) {
                i++;
            }
            int said = epochs.get(i).number();
            check(
                    said == each.epoch || member.store.idAt(each.logOffset) != each.id,
                    () -> "member " + member.number + " takes " + each + " for one of epoch " + said);
        }
    }

    /** Two logs are equal up to where their epochs say that they part. */
    void logsAreEqual() {
        for (SimMember one : members) {
            tableIsTrue(one);
            for (SimMember other : members) {
                if (one.number < other.number && !isMisled(one) && !isMisled(other)) {
                    compare(one.store, one.history(), other.store, other.history());
                }
            }
        }
    }

    private boolean isMisled(SimMember member) {
        return !member.counts()
                && !forgotten.isEmpty()
                && member.history().epochs().stream().anyMatch(epoch -> forgotten.contains(epoch.number()));
    }

    private static void compare(MemberStore one, EpochHistory ones, MemberStore other, EpochHistory others) {
        long from = Math.max(one.begin(), other.begin());
        int count = (int) (ones.commonEnd(others) - from);
        check(
                count <= 0 || Arrays.equals(one.read(from, count), other.read(from, count)),
                () -> ones + " and " + others + " are equal from " + from + " on up to where they part");
    }

    /** A leader does not go on to count one that is not there any more. */
    void countsNoDead(long now) {
        for (SimMember leader : members) {
            if (leader.leads() && !leader.wasPaused()) {
                long there = members.stream()
                        .filter(each -> each.counts() && each != leader && !each.isDownSince(now - DEAD_MILLIS))
                        .count();
                check(
                        leader.inSync() <= there,
                        () -> "leader " + leader.number + " counts " + leader.inSync() + ", there are " + there);
            }
        }
    }

    /** Epochs that no member knows whose copies count may be led in once more: none of their bytes is left. */
    void forget() {
        terms.keySet().removeIf(number -> {
            boolean lost = members.stream().noneMatch(each -> each.counts() && each.knows(number));
            if (lost && members.stream().anyMatch(each -> each.knows(number))) {
                forgotten.add(number);
            }
            return lost;
        });
    }

    void allIsThere(SimMember leader) {
        for (Sent each : kept()) {
            check(has(leader, each), () -> each + " is there in the end");
        }
    }
}
