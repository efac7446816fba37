package org.merlinmq.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;

/**
 * Where to begin: the first message, the next to come, or the first from a time on.
 *
 * @param kind which of these
 * @param millis the time, for {@link Kind#TIME}
 */
record Moment(Kind kind, long millis) {
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
            default -> new Moment(Kind.TIME, millis(text, zone));
        };
    }

    /** Reads a time. */
    static long millis(String text, ZoneId zone) {
        try {
            if (text.matches("\\d{12,14}")) {
                return Long.parseLong(text);
            }
            if (text.matches("\\d{4}-\\d{2}-\\d{2}")) {
                return LocalDate.parse(text).atStartOfDay(zone).toInstant().toEpochMilli();
            }
            String iso = text.replace(' ', 'T');
            if (iso.endsWith("Z")) {
                return Instant.parse(iso).toEpochMilli();
            }
            return iso.matches(".*[+-]\\d{2}:?\\d{2}")
                    ? OffsetDateTime.parse(iso).toInstant().toEpochMilli()
                    : LocalDateTime.parse(iso).atZone(zone).toInstant().toEpochMilli();
        } catch (DateTimeException wrong) {
            throw new IllegalArgumentException(
                    text + " is no time; write first, last, 2026-11-23, 2026-11-23T10:00 or 2026-11-23T10:00:00+01:00",
                    wrong);
        }
    }
}
