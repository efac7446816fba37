package org.merlinmq.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations on the command line: {@code 500ms}, {@code 10s}, {@code 5m}, {@code 2h}, {@code 3d}. */
final class Times {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)?");

    /** Longer is a slip of the pen, and would not fit 64 bits of nanoseconds. */
    private static final long MOST_MILLIS = 36_500L * 86_400_000;

    private Times() {}

    /** Reads a duration; a bare number counts seconds. */
    static long millis(String option, String text) {
        Matcher matcher = DURATION.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    option + " needs a duration such as 500ms, 10s, 5m, 2h or 3d, not " + text);
        }
        long number = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2) == null ? "s" : matcher.group(2);
        long unitMillis = switch (unit) {
            case "ms" -> 1;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> 1000;
        };
        if (number > MOST_MILLIS / unitMillis) {
            throw new IllegalArgumentException(option + " takes at most 36500d, not " + text);
        }
        return number * unitMillis;
    }
}
