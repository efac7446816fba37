package org.merlinmq.testkit;

import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Runs a property with many seeds. Each run of the tests takes new seeds, unless it names a series of them; a failure names the
 * seed and how to repeat it.
 *
 * <p>Threading: one thread.
 */
public final class Seeds {
    /** System property that holds the one seed to run, to repeat a failure. */
    public static final String PROPERTY = "merlin.seed";

    /** What must hold for any random input. */
    @FunctionalInterface
    public interface Body {
        /**
         * Checks once.
         *
         * @param random the only source of chance
         * @throws Exception whatever the test throws
         */
        void check(RandomGenerator random) throws Exception;
    }

    private Seeds() {}

    /**
     * Checks a property many times.
     *
     * @param rounds how many seeds are tried; one if a seed is given by {@link #PROPERTY}
     * @param body the property
     * @throws AssertionError naming the seed, if the property fails
     */
    public static void forEach(int rounds, Body body) {
        forEach(new SplittableRandom(), rounds, body);
    }

    /**
     * Checks a property for the same seeds in each run: of a property that is so wide that a new seed may find what is wrong
     * with code that nobody has changed.
     *
     * @param series names the seeds
     * @param rounds how many seeds are tried; one if a seed is given by {@link #PROPERTY}
     * @param body the property
     * @throws AssertionError naming the seed, if the property fails
     */
    public static void forEach(long series, int rounds, Body body) {
        forEach(new SplittableRandom(series), rounds, body);
    }

    private static void forEach(SplittableRandom seeds, int rounds, Body body) {
        Long given = Long.getLong(PROPERTY);
        for (int i = 0; i < (given == null ? rounds : 1); i++) {
            long seed = given == null ? seeds.nextLong() : given;
            check(seed, body);
        }
    }

    // Random, since its sequence is fixed by its specification: a seed repeats on any Java.
    @SuppressWarnings("IllegalCatch")
    private static void check(long seed, Body body) {
        try {
            body.check(new Random(seed));
        } catch (Exception | AssertionError e) {
            throw new AssertionError(
                    "seed " + seed + " failed, repeat with -D" + PROPERTY + '=' + seed + ": " + e.getMessage(), e);
        }
    }
}
