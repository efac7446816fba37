package org.merlinmq.broker.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * The named delays of RocketMQ: level 1 is the first of a list such as {@code "1s 5s 10s"}.
 *
 * <p>Threading: immutable.
 */
public final class DelayLevels {
    /** The levels of a broker that is not told others. */
    public static final DelayLevels STANDARD = parse("1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h");

    private final long[] millis;
    private final String text;

    private DelayLevels(long[] millis, String text) {
        this.millis = millis;
        this.text = text;
    }

    /**
     * Reads the setting {@code messageDelayLevel}.
     *
     * @param text numbers with a unit s, m, h or d, separated by blanks
     * @return the levels
     * @throws IllegalArgumentException if a word is not a positive number with a unit, or there is none
     */
    public static DelayLevels parse(String text) {
        List<Long> millis = new ArrayList<>();
        for (String word : text.trim().split("\\s+", -1)) {
            millis.add(millisOf(word, text));
        }
        return new DelayLevels(millis.stream().mapToLong(Long::longValue).toArray(), text.trim());
    }

    private static long millisOf(String word, String text) {
        if (word.matches("[0-9]{1,9}[smhd]")) {
            long number = Long.parseLong(word.substring(0, word.length() - 1));
            long unitMillis = switch (word.charAt(word.length() - 1)) {
                case 's' -> 1_000;
                case 'm' -> 60_000;
                case 'h' -> 3_600_000;
                default -> 86_400_000;
            };
            if (number > 0) {
                return number * unitMillis;
            }
        }
        throw new IllegalArgumentException("messageDelayLevel is \"" + text + "\": expected words such as 30s, 5m, 2h"
                + " or 1d, found \"" + word + "\"");
    }

    /**
     * The highest level; a message that asks for more gets this one.
     *
     * @return how many levels there are
     */
    public int max() {
        return millis.length;
    }

    /**
     * The delay of a level.
     *
     * @param level from 1 to {@link #max()}
     * @return milliseconds
     */
    public long millis(int level) {
        return millis[level - 1];
    }

    @Override
    public String toString() {
        return text;
    }
}
