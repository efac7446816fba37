package org.merlinmq.cli.mqadmin;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times as RocketMQ's tool takes them. */
final class Times {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'#'HH:mm:ss:SSS", Locale.ROOT);

    private Times() {}

    /** Reads milliseconds since 1970, or a time in a zone. */
    static long millis(String option, String text, ZoneId zone) {
        String time = text.strip();
        try {
            return time.matches("-?\\d{1,18}")
                    ? Long.parseLong(time)
                    : LocalDateTime.parse(time, TIME).atZone(zone).toInstant().toEpochMilli();
        } catch (DateTimeException wrong) {
            throw new IllegalArgumentException(
                    option + " is milliseconds since 1970 or a time as 2026-11-23#10:00:00:000, not " + text, wrong);
        }
    }
}
