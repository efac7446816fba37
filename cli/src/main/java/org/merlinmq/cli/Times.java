package org.merlinmq.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.merlinmq.client.StartAt;

/** Reads durations and times from the command line. */
final class Times {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)?");

    /** A longer duration is a typing error, and would not fit into 64 bits of nanoseconds. */
    private static final long MAX_DURATION_MILLIS = 36_500L * 86_400_000;

    /** A date; behind it a time to the minute or finer; behind that an offset or a zone. */
    private static final DateTimeFormatter FORMAT = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendLiteral('T')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendPattern("[XXX][XX][X]['['VV']']")
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private Times() {}

    /** Reads {@code 500ms}, {@code 10s}, {@code 5m}, {@code 2h} or {@code 3d}; a bare number counts seconds. */
    static long durationMillis(String option, String text) {
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
        if (number > MAX_DURATION_MILLIS / unitMillis) {
            throw new IllegalArgumentException(option + " takes at most 36500d, not " + text);
        }
        return number * unitMillis;
    }

    /** A duration to be read, to the millisecond. */
    static String seconds(long millis) {
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }

    /** Reads {@code first}, {@code last}, or a time as {@link #timeMillis} does. */
    static StartAt startAt(String text, ZoneId zone) {
        return switch (text) {
            case "first" -> StartAt.first();
            case "last" -> StartAt.last();
            default -> {
                try {
                    yield StartAt.time(Instant.ofEpochMilli(timeMillis(text, zone)));
                } catch (IllegalArgumentException wrong) {
                    throw new IllegalArgumentException(wrong.getMessage() + "; or first or last", wrong);
                }
            }
        };
    }

    /** Reads milliseconds since 1970, or a time in this zone unless it has an offset of its own. */
    static long timeMillis(String text, ZoneId zone) {
        try {
            if (text.matches("\\d{12,14}")) {
                return Long.parseLong(text);
            }
            TemporalAccessor time =
                    FORMAT.parseBest(text.replace(' ', 'T'), ZonedDateTime::from, LocalDateTime::from, LocalDate::from);
            return switch (time) {
                case ZonedDateTime there -> there.toInstant().toEpochMilli();
                case LocalDateTime here -> here.atZone(zone).toInstant().toEpochMilli();
                default -> LocalDate.from(time).atStartOfDay(zone).toInstant().toEpochMilli();
            };
        } catch (DateTimeException wrong) {
            throw new IllegalArgumentException(
                    text + " is no time; write 2026-11-23, 2026-11-23T10:00, 2026-11-23T10:00:00+01:00 or milliseconds"
                            + " since 1970",
                    wrong);
        }
    }
}
