package org.merlinmq.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One event of a message's life, as the client that took part wrote it down: producers and consumers that trace send such
 * events to the trace topic. Times are those of the client's clock.
 *
 * <p>Threading: immutable.
 * <p>Format: events end with 0x02, their fields are separated by 0x01, the first names the kind. What has fewer fields than
 * its kind needs, or no number where one must be, is passed over.
 *
 * @param kind what happened
 * @param messageId the id that the producer gave the message
 * @param atMillis when it began, in milliseconds since 1970; −1 if it is not known
 * @param group the producer or consumer group; empty if it is not known
 * @param topic the topic; empty where consumers leave it out
 * @param client where the client is, {@code ip:port}
 * @param costMillis how long it took; −1 if it is not over or not known
 * @param outcome {@code ok}, or in a word or two what came of it; empty if it is not over
 * @param requestId ties the two events of one consumption together; empty for others
 * @param details what else the client wrote, by the names of the trace format
 */
public record TraceEvent(
        Kind kind,
        String messageId,
        long atMillis,
        String group,
        String topic,
        String client,
        long costMillis,
        String outcome,
        String requestId,
        Map<String, String> details) {

    /** What happened. */
    public enum Kind {
        /** A producer sent the message. */
        SENT("Pub", 13),
        /** A consumer began with it. */
        CONSUMING("SubBefore", 8),
        /** A consumer was done with it. */
        CONSUMED("SubAfter", 7),
        /** A producer decided on its transaction. */
        DECIDED("EndTransaction", 13),
        /** A producer took it back before it was due. */
        RECALLED("Recall", 7);

        private final String word;
        private final int fields;

        Kind(String word, int fields) {
            this.word = word;
            this.fields = fields;
        }

        static @Nullable Kind of(String word) {
            for (Kind kind : values()) {
                if (kind.word.equals(word)) {
                    return kind;
                }
            }
            return null;
        }
    }

    private static final String[] CONSUMED_AS = {"ok", "timed out", "exception", "returned null", "failed"};

    /** Copies the details. */
    public TraceEvent {
        details = Map.copyOf(details);
    }

    /** The events of one trace message, whose body this is. */
    static List<TraceEvent> read(String body, String client) {
        List<TraceEvent> events = new ArrayList<>();
        for (String item : body.split("\u0002", -1)) {
            String[] fields = item.split("\u0001", -1);
            Kind kind = Kind.of(fields[0]);
            TraceEvent event = kind == null || fields.length < kind.fields ? null : readIfNumbers(kind, fields, client);
            if (event != null) {
                events.add(event);
            }
        }
        return events;
    }

    private static @Nullable TraceEvent readIfNumbers(Kind kind, String[] fields, String client) {
        try {
            return read(kind, fields, client);
        } catch (NumberFormatException foreign) {
            return null;
        }
    }

    private static TraceEvent read(Kind kind, String[] fields, String client) {
        return switch (kind) {
            case SENT -> sent(fields, client);
            case CONSUMING ->
                new TraceEvent(
                        kind,
                        fields[5],
                        Long.parseLong(fields[1]),
                        text(fields[3]),
                        "",
                        client,
                        -1,
                        "",
                        fields[4],
                        details("region", fields[2], "retryTimes", fields[6], "keys", fields[7]));
            case CONSUMED -> consumed(fields, client);
            case DECIDED ->
                new TraceEvent(
                        kind,
                        fields[5],
                        Long.parseLong(fields[1]),
                        text(fields[3]),
                        text(fields[4]),
                        client,
                        -1,
                        text(fields[11]),
                        "",
                        details(
                                "region",
                                fields[2],
                                "tags",
                                fields[6],
                                "keys",
                                fields[7],
                                "storeHost",
                                fields[8],
                                "transactionId",
                                fields[10],
                                "fromCheck",
                                fields[12]));
            case RECALLED ->
                new TraceEvent(
                        kind,
                        fields[5],
                        Long.parseLong(fields[1]),
                        text(fields[3]),
                        text(fields[4]),
                        client,
                        -1,
                        success(fields[6]),
                        "",
                        details("region", fields[2]));
        };
    }

    /** Old clients leave out the broker's message id, newer ones of others add their address. */
    private static TraceEvent sent(String[] fields, String client) {
        boolean old = fields.length == Kind.SENT.fields;
        Map<String, String> details = details(
                "region",
                fields[2],
                "tags",
                fields[6],
                "keys",
                fields[7],
                "storeHost",
                fields[8],
                "bodyBytes",
                fields[9],
                "messageType",
                fields[11]);
        if (!old) {
            put(details, "offsetMessageId", fields[12]);
        }
        return new TraceEvent(
                Kind.SENT,
                fields[5],
                Long.parseLong(fields[1]),
                text(fields[3]),
                text(fields[4]),
                client,
                Long.parseLong(fields[10]),
                success(fields[old ? 12 : 13]),
                "",
                details);
    }

    private static TraceEvent consumed(String[] fields, String client) {
        int code = Integer.parseInt(fields[6]);
        boolean whole = fields.length > 8;
        return new TraceEvent(
                Kind.CONSUMED,
                fields[2],
                whole ? Long.parseLong(fields[7]) : -1,
                whole ? text(fields[8]) : "",
                "",
                client,
                Long.parseLong(fields[3]),
                code >= 0 && code < CONSUMED_AS.length ? CONSUMED_AS[code] : success(fields[4]),
                fields[1],
                details("keys", fields[5]));
    }

    /** As what a consumer was done with, with the group and the time that only the beginning says in old clients. */
    TraceEvent begun(@Nullable TraceEvent beginning) {
        if (kind != Kind.CONSUMED || beginning == null) {
            return this;
        }
        return new TraceEvent(
                kind,
                messageId,
                atMillis < 0 ? beginning.atMillis + costMillis : atMillis,
                group.isEmpty() ? beginning.group : group,
                topic,
                client,
                costMillis,
                outcome,
                requestId,
                details);
    }

    private static String success(String field) {
        return field.equals("true") ? "ok" : "failed";
    }

    private static String text(String field) {
        return field.equals("null") ? "" : field;
    }

    private static Map<String, String> details(String... namesAndValues) {
        Map<String, String> details = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            put(details, namesAndValues[i], namesAndValues[i + 1]);
        }
        return details;
    }

    private static void put(Map<String, String> details, String name, String value) {
        if (!text(value).isEmpty()) {
            details.put(name, value);
        }
    }
}
