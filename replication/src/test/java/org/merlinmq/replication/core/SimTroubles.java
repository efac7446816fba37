package org.merlinmq.replication.core;

import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.core.SimMember.Fate;
import org.merlinmq.replication.stream.Message;

/**
 * What happens to a simulated group besides what its operator and its senders do: members that are killed, lose power or their disk,
 * between any two actions; full and failing disks; members that stop for a while; a network that is cut; and the few courses of
 * events that it takes to need some rule, which chance alone would not find.
 */
final class SimTroubles {
    /** The moments at which a crash is worst. */
    private static final List<Predicate<Action>> MOMENTS = List.of(
            _ -> true,
            action -> action instanceof Action.Keep,
            action -> action instanceof Action.Lead,
            action -> action instanceof Action.StopLeading,
            action -> action instanceof Action.CutBack,
            action -> action instanceof Action.Empty,
            action -> action instanceof Action.CopyIsLevel,
            action -> action instanceof Action.PutBack,
            action -> action instanceof Action.TakeCopyPart,
            action -> action instanceof Action.AdoptEpochs,
            action -> action instanceof Action.StartFollowing,
            action -> action instanceof Action.StopFollowing,
            action -> action instanceof Action.Confirm,
            action -> action instanceof Action.Flush,
            SimTroubles::isPromise);

    private final SimGroup group;
    private final RandomGenerator random;
    private final List<SimMember> members;

    SimTroubles(SimGroup group, List<SimMember> members) {
        this.group = group;
        this.random = group.random;
        this.members = members;
    }

    private static boolean isPromise(Action action) {
        return action instanceof Action.Send send && send.message() instanceof Message.Promise;
    }

    private static boolean isAsk(Action action) {
        return action instanceof Action.Send send && send.message() instanceof Message.Ask;
    }

    private SimMember any() {
        return members.get(random.nextInt(members.size()));
    }

    private @Nullable SimMember anyBut(@Nullable SimMember one, @Nullable SimMember other) {
        List<SimMember> left = members.stream()
                .filter(each -> each.counts() && each != one && each != other)
                .toList();
        return left.isEmpty() ? null : left.get(random.nextInt(left.size()));
    }

    private Fate anyFate() {
        return switch (random.nextInt(6)) {
            case 0, 1 -> Fate.KILLED;
            case 2, 3 -> Fate.LOSES_POWER;
            case 4 -> Fate.LOSES_RECORDS;
            default -> Fate.LOSES_DISK;
        };
    }

    private void in(int mostMillis, Runnable what) {
        group.time.in(random.nextInt(mostMillis), () -> {
            if (group.isInTrouble()) {
                what.run();
            }
        });
    }

    void later() {
        if (!group.isInTrouble()) {
            return;
        }
        happens(any());
        group.checks.logsAreEqual();
        group.checks.mayLoseNothing();
        group.checks.countsNoDead(group.time.now());
        group.time.in(1 + random.nextInt(random.nextInt(3) == 0 ? 100 : 3000), this::later);
    }

    private void happens(SimMember member) {
        switch (random.nextInt(24)) {
            case 0, 1 -> meets(member, Fate.KILLED);
            case 2 -> meets(member, Fate.LOSES_POWER);
            case 3 -> meets(member, random.nextBoolean() ? Fate.LOSES_DISK : Fate.LOSES_RECORDS);
            case 4, 5, 6 -> {
                Predicate<Action> moment = MOMENTS.get(random.nextInt(MOMENTS.size()));
                int more = random.nextInt(3) == 0 ? random.nextInt(60) : random.nextInt(3);
                member.meets(anyFate(), moment, more);
            }
            case 7, 8 -> isolateAny();
            case 9 -> group.network.breakAny();
            case 10 -> promoteAny();
            case 11 -> {
                group.log("member " + member.number + " stops for a while");
                member.pause(random.nextInt(4000));
            }
            case 12, 13 -> delete(member);
            case 14 -> promoteAndLose(member);
            case 15 -> {
                group.log("the disk of member " + member.number + " is full for a while");
                member.diskIsFull(random.nextInt(3000));
            }
            case 16 -> {
                group.log("the disk of member " + member.number + " fails for a while");
                member.diskFails(random.nextInt(2000));
            }
            case 17 -> forgetPromise();
            case 18 -> leadOneAfterTheOther();
            case 19 -> promoteTwo();
            case 20 -> forgetEpoch();
            case 21 -> loseWhatWasPromised();
            case 22 -> member.hearsOf(group.checks.lastEpoch());
            default -> group.network.unblock();
        }
    }

    private void meets(SimMember member, Fate fate) {
        if (member.isUp()) {
            group.meets(member, fate);
        }
    }

    /** Rather one that may have lost something. */
    private void promoteAny() {
        List<SimMember> doubtful =
                members.stream().filter(SimMember::isDoubtful).toList();
        group.promote(doubtful.isEmpty() || random.nextBoolean() ? any() : doubtful.getFirst());
    }

    private void promoteAndLose(SimMember member) {
        SimMember leader = group.leader();
        group.promote(member);
        if (leader != null) {
            meets(leader, random.nextBoolean() ? Fate.KILLED : Fate.LOSES_POWER);
        }
    }

    private void isolateAny() {
        int one = random.nextInt(members.size());
        boolean all = random.nextBoolean();
        boolean both = random.nextBoolean();
        isolate(one, all ? -1 : random.nextInt(members.size()), both, 6000);
    }

    /** Cuts a member off from another one, or from all if that is -1, for a while. */
    private void isolate(int one, int other, boolean both, int mostMillis) {
        group.log("blocked from " + one + " to " + (other < 0 ? "all" : other) + (both ? " and back" : ""));
        for (int each = 0; each < members.size(); each++) {
            if (other < 0 || each == other) {
                group.network.block(one, each);
                if (both) {
                    group.network.block(each, one);
                }
            }
        }
        group.time.in(mostMillis / 2 + random.nextInt(mostMillis / 2), group.network::unblock);
    }

    /** Retention. A copy that has to begin anew without room for the old log speaks for nothing, so only one at a time. */
    private void delete(SimMember member) {
        boolean all = members.stream().allMatch(SimMember::isUp);
        long lowest = members.stream().mapToLong(each -> each.store.end()).min().orElse(0);
        boolean may = members.stream().allMatch(each -> each.store.hasRoom())
                || members.stream().noneMatch(SimMember::isDoubtful);
        long end = Math.min(member.store.flushed(), all && may && random.nextInt(3) == 0 ? Long.MAX_VALUE : lowest);
        if (end > 0) {
            long below = random.nextLong(end + 1);
            group.log("member " + member.number + " deletes below " + below);
            member.deleteBelow(below);
        }
    }

    /**
     * A member promises to a candidate that the leader cannot hear of. It loses its disk, and with that the promise, and perhaps
     * comes back to the leader; or the candidate does, and leads in no epoch that it was promised.
     */
    private void forgetPromise() {
        SimMember leader = group.leader();
        SimMember candidate = anyBut(leader, null);
        SimMember third = anyBut(leader, candidate);
        if (leader != null && candidate != null && third != null) {
            isolate(leader.number, candidate.number, true, 8000);
            if (random.nextBoolean()) {
                third.meets(Fate.LOSES_DISK, SimTroubles::isPromise, 1);
            } else {
                candidate.meets(Fate.LOSES_DISK, SimTroubles::isAsk, 1 + random.nextInt(4));
            }
            group.promote(candidate);
        }
    }

    /** A leader that nobody hears takes sends; another one leads for a moment; then the first one leads again. */
    private void leadOneAfterTheOther() {
        SimMember leader = group.leader();
        SimMember candidate = anyBut(leader, null);
        if (leader == null || candidate == null) {
            return;
        }
        isolate(leader.number, -1, true, 4000);
        candidate.staysDown(8000);
        in(500, () -> {
            candidate.meets(Fate.KILLED, action -> action instanceof Action.Lead, 1 + random.nextInt(4));
            group.promote(candidate);
        });
        in(6000, () -> group.promote(leader));
    }

    /** Two are promoted at a time, and one of them lacks something that another member has, which hears of both. */
    private void promoteTwo() {
        SimMember leader = group.leader();
        SimMember lagging = anyBut(leader, null);
        SimMember other = anyBut(leader, lagging);
        if (leader == null || lagging == null || other == null) {
            return;
        }
        isolate(leader.number, lagging.number, true, 2000);
        in(2000, () -> {
            meets(leader, Fate.KILLED);
            members.stream()
                    .filter(each -> each != leader && each != lagging && each != other)
                    .forEach(each -> isolate(other.number, each.number, true, 1500));
            group.promote(lagging);
            group.promote(other);
        });
    }

    /** A master leads in an epoch that only one other member hears of, and loses its disk, and with that the number. */
    private void forgetEpoch() {
        SimMember leader = group.leader();
        SimMember witness = anyBut(leader, null);
        if (leader == null || witness == null) {
            return;
        }
        members.stream()
                .filter(each -> each != leader && each != witness)
                .forEach(each -> isolate(leader.number, each.number, true, 6000));
        meets(leader, Fate.KILLED);
        in(6000, () -> {
            group.network.unblock();
            witness.staysDown(5000);
            meets(witness, Fate.KILLED);
            meets(leader, Fate.LOSES_DISK);
        });
    }

    /** A candidate hears of a member that has more than it, which loses that before it is fetched. */
    private void loseWhatWasPromised() {
        SimMember leader = group.leader();
        SimMember candidate = anyBut(leader, null);
        SimMember third = anyBut(leader, candidate);
        if (leader == null || candidate == null || third == null) {
            return;
        }
        isolate(leader.number, candidate.number, true, 3000);
        in(1500, () -> {
            leader.staysDown(5000);
            meets(leader, Fate.KILLED);
            third.meets(Fate.LOSES_POWER, SimTroubles::isPromise, 1);
            group.promote(candidate);
        });
    }
}
