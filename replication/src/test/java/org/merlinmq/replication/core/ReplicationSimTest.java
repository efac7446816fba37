package org.merlinmq.replication.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.merlinmq.testkit.Seeds;

/**
 * Whole broker groups in one thread, for many seeds: always the same ones, so that a failure comes of a change. New ones: {@code
 * -Dmerlin.groups=100000}, {@code -Dmerlin.stores=1000}; one of them: see {@link Seeds}.
 */
final class ReplicationSimTest {
    private static final int GROUPS = 200;
    private static final int STORES = 8;
    private static final long SERIES = 11;

    private static SimGroup group(RandomGenerator random, boolean forced) {
        return new SimGroup(random, 1, forced, number -> new ModelStore(random.nextInt(3) > 0));
    }

    /** With stores as brokers have them, whose records are larger. */
    private static SimGroup groupOfStores(RandomGenerator random) {
        return new SimGroup(random, 10, false, number -> new RealStore(random));
    }

    @Test
    void noAcknowledgedMessageIsLostAndAllMembersAreEqualInTheEnd() {
        run("broker groups", "merlin.groups", GROUPS, random -> group(random, false));
    }

    @Test
    void soItIsWithRealStores() {
        run("broker groups with real stores", "merlin.stores", STORES, ReplicationSimTest::groupOfStores);
    }

    /** An operator who gives up what others have may lose messages, but never makes two logs of one. */
    @Test
    void membersAreEqualInTheEndThoughOneWasMadeTheLeaderByForce() {
        run("broker groups, by force", "merlin.forced", GROUPS / 4, random -> group(random, true));
    }

    private static void run(String what, String property, int groups, Function<RandomGenerator, SimGroup> begin) {
        Map<String, Integer> sums = new TreeMap<>();
        Seeds.Body body =
                random -> begin.apply(random).run().forEach((each, count) -> sums.merge(each, count, Integer::sum));
        Integer given = Integer.getInteger(property);
        if (given == null) {
            Seeds.forEach(SERIES, groups, body);
        } else {
            Seeds.forEach(given, body);
        }
        System.out.println(what + ": " + sums);
    }

    @Test
    void theSameSeedGivesTheSameStory() {
        Seeds.forEach(SERIES, 5, random -> {
            long seed = random.nextLong();
            SimGroup one = group(new Random(seed), false);
            SimGroup other = group(new Random(seed), false);
            assertThat(one.run()).isEqualTo(other.run());
            assertThat(one.story()).isEqualTo(other.story()).hasSizeGreaterThan(5);
        });
    }
}
