package org.merlinmq.verification.cluster;

import java.util.ArrayList;
import java.util.List;

/**
 * One thing that a client did or saw. Units: {@code at} is {@link System#nanoTime}, which is one clock for all processes of a
 * machine. Format: a line a piece, its fields between tabs; verification/clients/…/RecordingClient.java writes them.
 */
sealed interface Event {
    /** When. */
    long at();

    /** Which message: who sent it, one thread that has one send under way, and how many it had sent before. */
    record Message(String key, int number) {}

    /** A queue of a broker group. */
    record QueueName(String broker, int queueId) {}

    /** Where a message lies. */
    record Place(QueueName queue, long offset) {}

    /** A send begins. */
    record Sending(long at, Message message) implements Event {}

    /** It was answered SEND_OK. */
    record Acknowledged(long at, Message message, Place place) implements Event {}

    /** It was not: the message may be there all the same. */
    record Failed(long at, Message message, String reason) implements Event {}

    /** A consumer of a group has a message; {@code intact} if it is what was sent, to the last byte. */
    record Received(long at, String group, Message message, Place place, boolean intact) implements Event {}

    /** A consumer is about to commit an offset. */
    record Committing(long at, String group, QueueName queue, long offset) implements Event {}

    /** A broker answered what is committed; -1 if it knows of nothing. */
    record Committed(long at, String group, QueueName queue, long offset) implements Event {}

    /** Reads a line. */
    static Event parse(String line) {
        String[] f = line.split("\t", -1);
        try {
            long at = Long.parseLong(f[0]);
            return switch (f[1]) {
                case "sending" -> new Sending(at, message(f, 2));
                case "acknowledged" -> new Acknowledged(at, message(f, 2), place(f, 4));
                case "failed" -> new Failed(at, message(f, 2), f[4]);
                case "received" -> new Received(at, f[2], message(f, 3), place(f, 5), f[8].equals("intact"));
                case "committing" -> new Committing(at, f[2], queue(f, 3), Long.parseLong(f[5]));
                case "committed" -> new Committed(at, f[2], queue(f, 3), Long.parseLong(f[5]));
                default -> throw new IllegalArgumentException("no kind of event: " + line);
            };
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IllegalArgumentException("no event: " + line, e);
        }
    }

    /** Reads lines; a last one that is still being written is left out. */
    static List<Event> parseAll(String lines) {
        List<Event> events = new ArrayList<>();
        int begin = 0;
        for (int end = lines.indexOf('\n'); end >= 0; end = lines.indexOf('\n', begin)) {
            events.add(parse(lines.substring(begin, end)));
            begin = end + 1;
        }
        return events;
    }

    private static Message message(String[] fields, int from) {
        return new Message(fields[from], Integer.parseInt(fields[from + 1]));
    }

    private static QueueName queue(String[] fields, int from) {
        return new QueueName(fields[from], Integer.parseInt(fields[from + 1]));
    }

    private static Place place(String[] fields, int from) {
        return new Place(queue(fields, from), Long.parseLong(fields[from + 2]));
    }
}
