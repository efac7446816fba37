package org.merlinmq.replication.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A broker group in one thread and in virtual time, which lives through what a seed decides: members that are killed, lose power,
 * stop for a while, at any step; connections that break, directions that are blocked; promotions at any moment. Then all is
 * well again, and the group has to come to rest.
 *
 * <p>What is checked all the time: a leader has all that was acknowledged; nobody cuts off what was; no two lead in one epoch;
 * two logs are equal up to where their epochs say that they part; what is acknowledged is where it has to be.
 */
final class SimGroup {
    private static final int TROUBLE_MILLIS = 25_000;
    private static final int REST_MILLIS = 90_000;
    private static final int MAX_EVENTS = 400_000;
    static final long SEGMENT_BYTES = 1 << 16;

    /** What was acknowledged under {@code sync}. */
    private record Acknowledged(long logOffset, long end, long id) {}

    /** A leader, and where its epoch begins. */
    private record Term(int member, long logOffset) {}

    final SimTime time = new SimTime();
    final RandomGenerator random;
    final SimNetwork network;
    private final List<SimMember> members;
    private final int copies;
    private final boolean flushed;
    private final int onlookers;

    /** Whether the operator gives up what only absent members have. */
    private final boolean forced;

    private final List<Acknowledged> acknowledged = new ArrayList<>();
    private final TreeMap<Integer, Term> terms = new TreeMap<>();
    private final Map<String, Integer> counts = new TreeMap<>();
    private final List<String> story = new ArrayList<>();
    private boolean trouble = true;
    private long lastId;

    SimGroup(RandomGenerator random, int scale, boolean forced, IntFunction<MemberStore> stores) {
        this.random = random;
        this.forced = forced;
        this.network = new SimNetwork(time, random);
        int size = random.nextInt(2, 5);
        copies = random.nextInt(Math.min(size, 3));
        flushed = random.nextBoolean();
        List<Integer> numbers = IntStream.range(0, size).boxed().toList();
        onlookers = random.nextInt(4) == 0 ? 1 : 0;
        members = IntStream.range(0, size + onlookers)
                .mapToObj(number -> new SimMember(this, number, settings(number, numbers, scale), stores.apply(number)))
                .toList();
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
            members.forEach(this::flushLater);
            time.in(random.nextInt(2000), this::troubleLater);
            time.runUntil(TROUBLE_MILLIS, MAX_EVENTS);
            comeToRest();
            compareLogs();
            return counts;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(e.getMessage() + "\n" + String.join("\n", story), e);
        }
    }

    /** Those who know of no loss of power: others forget what they have acknowledged when theirs is lost, unless they sync. */
    boolean isLossy() {
        return copies > 0 && !flushed;
    }

    boolean mayRefuseToCut() {
        return trouble && random.nextInt(10) == 0 && members.stream().noneMatch(SimMember::isDoubtful);
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
        boolean still = time.now() < TROUBLE_MILLIS + REST_MILLIS / 10;
        if (trouble || (still && random.nextInt(4) == 0)) {
            to.send(++lastId);
        }
        time.in(1 + random.nextInt(40), this::sendLater);
    }

    private void flushLater(SimMember member) {
        time.in(1 + random.nextInt(60), () -> {
            member.flush();
            flushLater(member);
        });
    }

    void restartLater(SimMember member) {
        time.in(50 + random.nextInt(random.nextInt(3) == 0 ? 8000 : 1000), () -> {
            if (!member.isUp()) {
                member.start();
            }
        });
    }

    private void troubleLater() {
        if (!trouble) {
            return;
        }
        SimMember member = members.get(random.nextInt(members.size()));
        switch (random.nextInt(13)) {
            case 0, 1 -> crash(member, false);
            case 2 -> crash(member, true);
            case 3 -> {
                boolean power = random.nextBoolean() && mayLosePower(member);
                member.crashAfter(random.nextInt(60), power);
            }
            case 4, 5 -> isolate();
            case 6 -> network.breakAny();
            case 7 -> promote(member);
            case 8 -> {
                log("member " + member.number + " stops for a while");
                member.pause(random.nextInt(4000));
            }
            case 9 -> delete(member);
            case 10 -> {
                SimMember leader = leader();
                promote(member);
                if (leader != null) {
                    crash(leader, random.nextBoolean());
                }
            }
            case 11 -> {
                if (copies > 0 && onlookers == 0 && member.isUp() && noMoreDieThanMay(member)) {
                    loseDisk(member);
                }
            }
            default -> network.unblock();
        }
        compareLogs();
        time.in(1 + random.nextInt(random.nextInt(3) == 0 ? 100 : 3000), this::troubleLater);
    }

    private void crash(SimMember member, boolean power) {
        if (member.isUp() && (!power || mayLosePower(member))) {
            member.crash(power);
            restartLater(member);
        }
    }

    /** What only it knew is forgotten: also in which epochs it led. */
    private void loseDisk(SimMember member) {
        member.loseDisk();
        terms.keySet()
                .removeIf(number -> members.stream()
                        .noneMatch(each -> each.store.epochs().stream().anyMatch(epoch -> epoch.number() == number)));
        restartLater(member);
    }

    private void promote(SimMember member) {
        member.promote(forced && random.nextInt(3) == 0);
    }

    boolean mayLosePower(SimMember member) {
        return !isLossy() || noMoreDieThanMay(member);
    }

    /** No more copies may die at a time than the promise allows for. */
    private boolean noMoreDieThanMay(SimMember member) {
        long dead = members.stream()
                .filter(SimMember::counts)
                .filter(each -> each == member || each.isDoubtful() || each.mayLosePower())
                .count();
        return dead <= copies;
    }

    private void isolate() {
        int one = random.nextInt(members.size());
        int other = random.nextInt(members.size());
        boolean all = random.nextBoolean();
        boolean both = random.nextBoolean();
        log("blocked from " + one + " to " + (all ? "all" : other) + (both ? " and back" : ""));
        for (int each = 0; each < members.size(); each++) {
            if (all || each == other) {
                network.block(one, each);
                if (both) {
                    network.block(each, one);
                }
            }
        }
        time.in(random.nextInt(6000), network::unblock);
    }

    /** Retention. A copy that has to begin anew speaks for nothing, so only one at a time. */
    private void delete(SimMember member) {
        boolean all = members.stream().allMatch(SimMember::isUp);
        long lowest = members.stream().mapToLong(each -> each.store.end()).min().orElse(0);
        boolean doubt = members.stream().anyMatch(SimMember::isDoubtful);
        long end = Math.min(member.store.flushed(), all && !doubt && random.nextInt(3) == 0 ? Long.MAX_VALUE : lowest);
        if (end > 0) {
            long below = random.nextLong(end + 1);
            log("member " + member.number + " deletes below " + below);
            member.deleteBelow(below);
        }
    }

    // What has to hold.

    void leads(SimMember member, int epoch) {
        log("member " + member.number + " leads in epoch " + epoch + " from " + member.store.end());
        count("leaders");
        assertThat(terms.put(epoch, new Term(member.number, member.store.end())))
                .as("another leader of epoch " + epoch)
                .isNull();
        // One whose promises were overtaken confirms nothing any more.
        for (Acknowledged each : terms.lastKey() == epoch ? kept() : List.<Acknowledged>of()) {
            assertThat(has(member, each))
                    .as("leader %s has what was acknowledged, %s", member.number, each)
                    .isTrue();
        }
    }

    /** What must not be lost. */
    private List<Acknowledged> kept() {
        return forced ? List.of() : acknowledged;
    }

    private static boolean has(SimMember member, Acknowledged message) {
        long id = message.end <= member.store.end() ? member.store.idAt(message.logOffset) : -1;
        return id == 0 || id == message.id;
    }

    void cuts(SimMember member, long logOffset) {
        for (Acknowledged each : kept()) {
            if (each.end > logOffset && copies > 0) {
                assertThat(member.store.idAt(each.logOffset))
                        .as("member %s cuts off what was acknowledged, %s", member.number, each)
                        .isNotEqualTo(each.id);
            }
        }
    }

    void acknowledged(SimMember member, int epoch, long logOffset, long end, long id) {
        assertThat(requireNonNull(terms.get(epoch)).member())
                .as("who acknowledges in epoch " + epoch)
                .isEqualTo(member.number);
        if (copies == 0) {
            return;
        }
        count("acknowledged");
        terms.tailMap(forced ? Integer.MAX_VALUE : epoch, false)
                .forEach((later, term) -> assertThat(end)
                        .as(
                                "the end of what is acknowledged in epoch %s, though there is epoch %s of %s",
                                epoch, later, term)
                        .isLessThanOrEqualTo(term.logOffset()));
        Acknowledged message = new Acknowledged(logOffset, end, id);
        acknowledged.add(message);
        if (!forced && members.stream().noneMatch(each -> each.counts() && each.isDoubtful())) {
            assertThat(members.stream()
                            .filter(each -> each.counts() && has(each, message) && each.hasUpTo(end))
                            .count())
                    .as("copies of %s", message)
                    .isGreaterThan(copies);
        }
    }

    void reported(SimMember member, String sentence) {
        log("member " + member.number + " reports: " + sentence);
        count("reported");
        if (!forced) {
            assertThat(sentence).doesNotContain("lacks what was confirmed").doesNotContain("two groups");
        } else if (!trouble && sentence.contains("lacks what was confirmed")) {
            // What the operator has given up.
            time.in(1, () -> {
                if (!member.leads()) {
                    loseDisk(member);
                }
            });
        }
    }

    private void compareLogs() {
        for (SimMember one : members) {
            for (SimMember other : members) {
                if (one.number < other.number) {
                    compare(one.store, one.history(), other.store, other.history());
                }
            }
        }
    }

    private static void compare(MemberStore one, EpochHistory ones, MemberStore other, EpochHistory others) {
        long from = Math.max(one.begin(), other.begin());
        int count = (int) (ones.commonEnd(others) - from);
        if (count > 0) {
            assertThat(Arrays.equals(one.read(from, count), other.read(from, count)))
                    .as("%s and %s are equal from %s on up to where they part", ones, others, from)
                    .isTrue();
        }
    }

    // All is well again.

    /** The members have to be equal in the end, without an operator's help but for a promotion. */
    private void comeToRest() {
        trouble = false;
        network.unblock();
        log("all is well again");
        members.forEach(SimMember::disarm);
        members.stream().filter(each -> !each.isUp()).forEach(SimMember::start);
        long until = time.now() + REST_MILLIS;
        while (time.now() < until && !isAtRest()) {
            time.runUntil(time.now() + 5_000, MAX_EVENTS);
            if (members.stream().noneMatch(SimMember::leads)) {
                members.get(random.nextInt(members.size())).promote(forced);
            }
        }
        assertThat(isAtRest())
                .as("it comes to rest: "
                        + members.stream()
                                .map(each -> each.number + " " + each.history())
                                .toList())
                .isTrue();
        SimMember leader = requireNonNull(leader());
        for (Acknowledged each : kept()) {
            assertThat(has(leader, each)).as("%s is there in the end", each).isTrue();
        }
    }

    private boolean isAtRest() {
        SimMember leader = leader();
        Predicate<SimMember> equal = each -> leader != null
                && each.store.end() == leader.store.end()
                && each.store.state() == leader.store.state()
                && each.history().last().equals(leader.history().last());
        return members.stream().filter(SimMember::leads).count() == 1
                && members.stream().allMatch(equal);
    }
}
