package org.merlinmq.protocol.frame;

/**
 * The numbers by which peers name RocketMQ's releases: from 4.0.0 on, 20 numbers a minor version, two a patch.
 *
 * <p>A peer newer than all we know has a higher number, so compare with {@code >=} only.
 */
public final class ProtocolVersion {
    /** What we say we are: 5.3.3. */
    public static final int CURRENT = 479;

    /** 3.4.9: the first client whose {@code maxReconsumeTimes} counts. */
    public static final int V3_4_9 = 121;

    /** 5.0.0: compressed broker registrations end with static topics. */
    public static final int V5_0_0 = 413;

    private static final int V4_0_0 = 213;
    private static final int PER_MINOR = 20;

    private ProtocolVersion() {}

    /**
     * The number of a release.
     *
     * @param major 4 or more
     * @param minor 0 to 9
     * @param patch 0 to 9
     * @return the number
     */
    public static int of(int major, int minor, int patch) {
        if (major < 4 || minor < 0 || minor > 9 || patch < 0 || patch > 9) {
            throw new IllegalArgumentException("no number is known for " + major + '.' + minor + '.' + patch);
        }
        return V4_0_0 + PER_MINOR * (10 * (major - 4) + minor) + 2 * patch;
    }

    /**
     * Names a version, for people.
     *
     * @param number a version number of a header
     * @return for example {@code V5_3_3} or {@code V4_9_4_SNAPSHOT}; the bare number before 4.0
     */
    public static String name(int number) {
        int count = number - V4_0_0 + 1;
        if (count < 0) {
            return Integer.toString(number);
        }
        int minors = count / PER_MINOR;
        String release = "V" + (4 + minors / 10) + '_' + minors % 10 + '_' + count % PER_MINOR / 2;
        return count % 2 == 0 ? release + "_SNAPSHOT" : release;
    }
}
