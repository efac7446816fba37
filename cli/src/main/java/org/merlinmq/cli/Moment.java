package org.merlinmq.cli;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/**
 * Where to begin: the first message, the next to come, or the first from a time on.
 *
 * @param kind which of these
 * @param millis the time, for {@link Kind#TIME}
 */
record Moment(Kind kind, long millis) {
    /** A date; behind it a time to the minute or finer; behind that an offset or a zone. */
    private static final DateTimeFormatter FORMAT = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendLiteral('T')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendPattern("[XXX][XX][X]['['VV']']")
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    /** Which of the three. */
    enum Kind {
        FIRST,
        LAST,
        TIME
    }

    /** Reads {@code first}, {@code last}, a time in the machine's zone, a time with an offset, or milliseconds. */
    static Moment parse(String text, ZoneId zone) {
        return switch (text) {
            case "first" -> new Moment(Kind.FIRST, 0);
            case "last" -> new Moment(Kind.LAST, 0);
            default -> {
                try {
                    yield new Moment(Kind.TIME, millis(text, zone));
                } catch (IllegalArgumentException wrong) {
                    throw new IllegalArgumentException(wrong.getMessage() + "; or first or last", wrong);
                }
            }
        };
    }

    /** Reads a time. */
    static long millis(String text, ZoneId zone) {
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
