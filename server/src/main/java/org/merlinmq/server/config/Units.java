package org.merlinmq.server.config;

import java.time.Duration;
import java.util.Locale;

/** Sizes and durations as people write them: {@code 64MB}, {@code 1g}, {@code 500ms}, {@code 3d}. */
public final class Units {
    private static final String SIZES = "kmgt";

    private Units() {}

    /**
     * Reads a size.
     *
     * @param text digits and an optional unit k, m, g or t (powers of 1024; kb and kib mean the same)
     * @return bytes
     * @throws IllegalArgumentException if the text is no size
     */
    public static long bytes(String text) {
        String t = text.strip().toLowerCase(Locale.ROOT);
        int digits = leadingDigits(t);
        long number = number(t, digits, "a size such as 512, 64k, 16m or 1g");
        String unit = t.substring(digits).strip();
        if (unit.isEmpty() || unit.equals("b")) {
            return number;
        }
        int power = SIZES.indexOf(unit.charAt(0)) + 1;
        String rest = unit.substring(1);
        if (power == 0 || !(rest.isEmpty() || rest.equals("b") || rest.equals("ib"))) {
            throw new IllegalArgumentException("a size such as 512, 64k, 16m or 1g");
        }
        return Math.multiplyExact(number, 1L << (10 * power));
    }

    /**
     * Reads a duration.
     *
     * @param text digits and a unit ms, s, m, h or d
     * @param bareUnit the unit of a number that stands alone, because RocketMQ's keys carry theirs in the name
     * @return the duration
     * @throws IllegalArgumentException if the text is no duration
     */
    public static Duration duration(String text, String bareUnit) {
        String t = text.strip().toLowerCase(Locale.ROOT);
        int digits = leadingDigits(t);
        long number = number(t, digits, "a duration such as 500ms, 10s, 5m, 72h or 3d");
        String unit = t.substring(digits).strip();
        return switch (unit.isEmpty() ? bareUnit : unit) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m", "min" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> throw new IllegalArgumentException("a duration such as 500ms, 10s, 5m, 72h or 3d");
        };
    }

    /**
     * Writes a size with the largest unit that leaves no remainder.
     *
     * @param bytes a size
     * @return for example {@code 64MB}
     */
    public static String text(long bytes) {
        int power = 0;
        long rest = bytes;
        while (power < SIZES.length() && rest >= 1024 && rest % 1024 == 0) {
            rest /= 1024;
            power++;
        }
        return power == 0
                ? rest + "B"
                : rest + SIZES.substring(power - 1, power).toUpperCase(Locale.ROOT) + "B";
    }

    /**
     * Writes a duration with the largest unit that leaves no remainder.
     *
     * @param duration a duration
     * @return for example {@code 500ms} or {@code 72h}
     */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0 || millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds % 3600 == 0) {
            return seconds / 3600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    private static int leadingDigits(String text) {
        int at = 0;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    private static long number(String text, int digits, String expected) {
        if (digits == 0 || digits > 18) {
            throw new IllegalArgumentException(expected);
        }
        return Long.parseLong(text, 0, digits, 10);
    }
}
