package org.merlinmq.replication.core;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.core.SimMember.Fate;

/**
 * A broker group in one thread and in virtual time, which lives through what a seed decides ({@link SimTroubles}). Then all is well
 * again, and the group has to come to rest. {@link SimChecks} looks on all the time.
 */
final class SimGroup {
    private static final int TROUBLE_MILLIS = 25_000;
    private static final int REST_MILLIS = 90_000;
    private static final int SENDS_GO_ON_MILLIS = 3_000;
    private static final int ORDER_MILLIS = 5_000;
    private static final int MAX_EVENTS = 400_000;
    static final long SEGMENT_BYTES = 1 << 16;

    final SimTime time = new SimTime();
    final RandomGenerator random;
    final SimNetwork network;
    private final List<SimMember> members;
    private final int copies;
    private final boolean flushed;

    /** Whether the operator gives up what only absent members have. */
    private final boolean forced;

    private final Map<String, Integer> counts = new TreeMap<>();
    private final List<String> story = new ArrayList<>();
    private boolean trouble = true;
    private long lastId;
    final SimChecks checks;

    SimGroup(RandomGenerator random, int scale, boolean forced, IntFunction<MemberStore> stores) {
        this.random = random;
        this.forced = forced;
        this.network = new SimNetwork(time, random);
        int size = random.nextInt(2, 5);
        copies = random.nextInt(Math.min(size, 3));
        flushed = random.nextBoolean();
        List<Integer> numbers = IntStream.range(0, size).boxed().toList();
        int onlookers = random.nextInt(4) == 0 ? 1 : 0;
        members = IntStream.range(0, size + onlookers)
                .mapToObj(number -> new SimMember(this, number, settings(number, numbers, scale), stores.apply(number)))
                .toList();
        checks = new SimChecks(members, copies, forced);
        log(size + " members and " + onlookers + " whose copies do not count, " + copies + " copies, "
                + (flushed ? "flushed" : "written"));
    }

    /** Records of a real store are larger than the model's by the scale. */
    private ReplicationSettings settings(int number, List<Integer> numbers, int scale) {
        return new ReplicationSettings(
                number,
                numbers,
                copies,
                flushed,
                SEGMENT_BYTES,
                scale * random.nextInt(100, 400),
                scale * random.nextInt(20, 100),
                (long) scale * random.nextInt(5_000, 50_000),
                (long) scale * random.nextInt(100, 2000),
                500,
                2_000,
                200);
    }

    void log(String what) {
        story.add(time.now() + " " + what);
    }

    void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    /** What has happened. */
    List<String> story() {
        return story;
    }

    /** Runs; returns what happened how often. A failure tells the story. */
    Map<String, Integer> run() {
        try {
            members.forEach(each -> time.in(random.nextInt(300), each::start));
            time.in(10, this::sendLater);
            members.forEach(each -> flushLater(each, random.nextInt(4) == 0 ? 600 : 60));
            time.in(random.nextInt(2000), new SimTroubles(this, members)::later);
            time.runUntil(TROUBLE_MILLIS, MAX_EVENTS);
            comeToRest();
            checks.logsAreEqual();
            counts.put("events", time.happened());
            return counts;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(e.getMessage() + "\n" + String.join("\n", story), e);
        }
    }

    /** Those who know of no loss of power: others forget what they have acknowledged when theirs is lost, unless they sync. */
    boolean isLossy() {
        return copies > 0 && !flushed;
    }

    /** One that has no room to set aside what it has gives that up then: only one at a time. */
    boolean mayRefuseToCut(SimMember member) {
        return trouble
                && random.nextInt(10) == 0
                && (member.store.hasRoom() || members.stream().noneMatch(SimMember::isDoubtful));
    }

    @Nullable SimMember leader() {
        return members.stream().filter(SimMember::leads).findFirst().orElse(null);
    }

    SimNetwork.End connect(SimMember from, SimNetwork.Host host, int peer, int to) {
        SimMember target = members.get(to);
        return network.connect(from.number, host, peer, to, target.host());
    }

    // What happens by itself.

    private void sendLater() {
        SimMember to = members.get(random.nextInt(members.size()));
        boolean still = time.now() < TROUBLE_MILLIS + SENDS_GO_ON_MILLIS;
        if (trouble || (still && random.nextInt(4) == 0)) {
            to.send(++lastId);
        }
        time.in(1 + random.nextInt(40), this::sendLater);
    }

    private void flushLater(SimMember member, int mostMillis) {
        time.in(1 + random.nextInt(mostMillis), () -> {
            member.flush();
            flushLater(member, mostMillis);
        });
    }

    void restartLater(SimMember member) {
        long pause = 50L + random.nextInt(random.nextInt(3) == 0 ? 8000 : 1000);
        time.at(Math.max(time.now() + pause, member.downUntil()), () -> {
            if (!member.isUp()) {
                member.start();
            }
        });
    }

    boolean isInTrouble() {
        return trouble;
    }

    void promote(SimMember member) {
        member.promote(forced && random.nextInt(3) == 0);
    }

    /** It is killed, or worse if so many members may lose what they have acknowledged, and starts again after a while. */
    void meets(SimMember member, Fate fate) {
        switch (fate) {
            case LOSES_POWER -> member.crash(!isLossy() || noMoreDieThanMay(member));
            case LOSES_RECORDS -> {
                if (!member.counts() || copies == 0 || noMoreDieThanMay(member)) {
                    member.loseRecords();
                } else {
                    member.crash(false);
                }
            }
            case LOSES_DISK -> {
                if (!member.counts() || (copies > 0 && noMoreDieThanMay(member))) {
                    member.loseDisk();
                } else {
                    member.crash(false);
                }
            }
            case KILLED -> member.crash(false);
        }
        restartLater(member);
    }

    /**
     * No more copies may die at a time than the promise allows for. One that lags behind another one's beginning, and has no room to
     * set aside what it has, is about to give that up for a copy.
     */
    private boolean noMoreDieThanMay(SimMember member) {
        long dead = members.stream()
                .filter(SimMember::counts)
                .filter(each -> each == member || each.isDoubtful() || each.givesUpFor(member))
                .count();
        return dead <= copies;
    }

    void leads(SimMember member, int epoch) {
        log("member " + member.number + " leads in epoch " + epoch + " from " + member.store.end());
        count("leaders");
        checks.leads(member, epoch);
    }

    /** Its log is not the one that its leader had: that one led in the same epoch before it lost its disk. */
    void misled(SimMember member) {
        log("member " + member.number + " has a log that nobody else has");
        count("misled");
        SimChecks.check(!member.counts(), () -> "member " + member.number + " has other bytes than its leader");
        time.in(1, () -> meets(member, Fate.LOSES_DISK));
    }

    void reported(SimMember member, String sentence) {
        log("member " + member.number + " reports: " + sentence);
        count("reported");
        boolean lacks = sentence.contains("lacks what was confirmed");
        SimChecks.check(forced || !(lacks || sentence.contains("two groups")), () -> sentence);
        if (!trouble && lacks) {
            // What the operator has given up.
            time.in(1, () -> {
                if (!member.leads()) {
                    member.loseDisk();
                    restartLater(member);
                }
            });
        }
    }

    // All is well again.

    /** The members have to be equal in the end, without an operator's help but for a promotion. */
    private void comeToRest() {
        trouble = false;
        network.mend();
        log("all is well again");
        members.forEach(SimMember::disarm);
        members.stream().filter(each -> !each.isUp()).forEach(SimMember::start);
        long begun = time.now();
        long orderAt = begun + ORDER_MILLIS;
        int turn = random.nextInt(members.size());
        while (time.now() < begun + REST_MILLIS && !isAtRest()) {
            time.runUntil(time.now() + 1_000, MAX_EVENTS);
            boolean waits = hasOneThatLeadsByItself();
            SimChecks.check(
                    leader() != null || !waits || time.now() < begun + REST_MILLIS / 2,
                    () -> "the master leads again by itself: " + states());
            if (leader() == null && !waits && time.now() >= orderAt) {
                orderAt += ORDER_MILLIS;
                members.get(turn++ % members.size()).promote(forced);
            }
        }
        SimChecks.check(isAtRest(), () -> "it comes to rest: " + states());
        checks.allIsThere(requireNonNull(leader()));
    }

    /** Whether the owner of the highest epoch knows that it is: a master that has started again, or one that was promoted. */
    private boolean hasOneThatLeadsByItself() {
        int highest =
                members.stream().mapToInt(each -> each.kept().epoch()).max().orElse(0);
        return members.stream()
                .anyMatch(each -> each.counts()
                        && highest > 0
                        && each.kept().epoch() == highest
                        && EpochNumbers.memberOf(highest) == each.number);
    }

    private List<String> states() {
        return members.stream()
                .map(each -> each.number + " " + each.history() + " " + each.kept())
                .toList();
    }

    private boolean isAtRest() {
        SimMember leader = leader();
        if (leader == null) {
            return false;
        }
        Predicate<SimMember> equal = each -> each.store.setAside() == null
                && each.store.end() == leader.store.end()
                && each.store.state() == leader.store.state()
                && each.history().last().equals(leader.history().last())
                && !each.kept().doubtful()
                && !each.kept().newcomer();
        return members.stream().filter(SimMember::leads).count() == 1
                && members.stream().allMatch(equal)
                && leader.inSync() == members.stream().filter(SimMember::counts).count() - 1;
    }
}
