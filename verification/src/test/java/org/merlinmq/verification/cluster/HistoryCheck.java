package org.merlinmq.verification.cluster;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.merlinmq.verification.cluster.Event.Acknowledged;
import org.merlinmq.verification.cluster.Event.Committed;
import org.merlinmq.verification.cluster.Event.Committing;
import org.merlinmq.verification.cluster.Event.Failed;
import org.merlinmq.verification.cluster.Event.Message;
import org.merlinmq.verification.cluster.Event.Place;
import org.merlinmq.verification.cluster.Event.QueueName;
import org.merlinmq.verification.cluster.Event.Received;
import org.merlinmq.verification.cluster.Event.Sending;
import org.merlinmq.verification.cluster.Verdict.Rule;
import org.merlinmq.verification.cluster.Verdict.Violation;

/**
 * Judges what clients of a cluster wrote down: nothing acknowledged is lost, each queue keeps its order, one place holds one
 * message, committed offsets do not go back. Duplicates are counted; they need a fault as their cause.
 *
 * <p>It takes the events of all clients, in any order, and sorts them by time. Threading: one thread, one use.
 */
final class HistoryCheck {
    /** What a broker may answer for a group that has committed nothing, beside -1: the queue's first message. */
    private static final long NOTHING_COMMITTED = 0;

    /** Of each rule no more than so many are described. */
    private static final int MOST_OF_A_RULE = 10;

    /**
     * What the cluster promised in this run.
     *
     * @param groups each receives every acknowledged message
     * @param ordered of these, the ones that take each queue in its order
     * @param mayBeLost what was acknowledged in these times may be gone: under async, by a master that another one replaced
     * @param mayGoBack committed offsets that are read in these times may be older ones
     * @param disturbed the times of faults, each with the time after it in which clients settle
     * @param promoted a slave took over: what was not acknowledged may be gone, even if a group received it
     */
    record Promise(
            Set<String> groups,
            Set<String> ordered,
            List<Span> mayBeLost,
            List<Span> mayGoBack,
            List<Span> disturbed,
            boolean promoted) {
        /** Nothing may be lost, and nothing goes wrong. */
        static Promise strict(Set<String> groups, Set<String> ordered) {
            return new Promise(groups, ordered, List.of(), List.of(), List.of(), false);
        }
    }

    /** From one time to another, both included. */
    record Span(long from, long to) {
        /** Whether something that lasts from one time to another has a moment in common with it. */
        boolean overlaps(long begin, long end) {
            return begin <= to && end >= from;
        }

        private static boolean any(List<Span> spans, long begin, long end) {
            return spans.stream().anyMatch(span -> span.overlaps(begin, end));
        }
    }

    private final Promise promise;
    private final List<Event> events;
    private final List<Violation> violations = new ArrayList<>();
    private final Map<Rule, Integer> perRule = new HashMap<>();

    private final Map<Message, Long> begun = new HashMap<>();
    private final Map<Message, Acknowledged> acknowledged = new HashMap<>();
    private final Map<Message, Failed> failed = new HashMap<>();
    private final Map<Place, Message> lies = new HashMap<>();
    private final Map<Message, Set<Place>> places = new HashMap<>();
    private final Map<String, Set<Message>> received = new HashMap<>();
    private int deliveredAgain;

    HistoryCheck(List<Event> events, Promise promise) {
        this.events =
                events.stream().sorted(Comparator.comparingLong(Event::at)).toList();
        this.promise = promise;
    }

    /** Judges a history. */
    static Verdict judge(List<Event> events, Promise promise) {
        return new HistoryCheck(events, promise).verdict();
    }

    private Verdict verdict() {
        collect();
        checkPlaces();
        checkReceipts();
        checkOrderOfQueues();
        checkOrderOfSenders();
        checkOffsets();
        int storedTwice = checkStoredTwice();
        int excused = checkLost();
        int failedAndStored = (int) failed.keySet().stream()
                .filter(message -> places.containsKey(message))
                .count();
        int leftOut = perRule.values().stream()
                .mapToInt(count -> Math.max(0, count - MOST_OF_A_RULE))
                .sum();
        if (leftOut > 0) {
            Violation last = violations.getLast();
            violations.add(new Violation(last.rule(), leftOut + " more of the same kinds: " + perRule));
        }
        return new Verdict(
                List.copyOf(violations),
                begun.size(),
                acknowledged.size(),
                failed.size(),
                failedAndStored,
                storedTwice,
                deliveredAgain,
                excused);
    }

    private void collect() {
        for (Event event : events) {
            switch (event) {
                case Sending sending -> begun.put(sending.message(), sending.at());
                case Acknowledged ok -> acknowledged.put(ok.message(), ok);
                case Failed not -> failed.put(not.message(), not);
                case Received receipt ->
                    received.computeIfAbsent(receipt.group(), group -> new HashSet<>())
                            .add(receipt.message());
                case Committing _ -> {}
                case Committed _ -> {}
            }
        }
    }

    /** One place, one message, whoever speaks of it. */
    private void checkPlaces() {
        for (Event event : events) {
            switch (event) {
                case Acknowledged ok -> checkPlace(ok.message(), ok.place());
                case Received receipt -> checkPlace(receipt.message(), receipt.place());
                case Sending _ -> {}
                case Failed _ -> {}
                case Committing _ -> {}
                case Committed _ -> {}
            }
        }
    }

    private void checkPlace(Message message, Place place) {
        places.computeIfAbsent(message, key -> new HashSet<>()).add(place);
        Message other = lies.putIfAbsent(place, message);
        if (other != null && !other.equals(message) && !mayBeGone(other, place) && !mayBeGone(message, place)) {
            broken(Rule.TWO_AT_ONE_PLACE, place + " has " + other + " and " + message);
        }
    }

    /** Whether a message was sent, or acknowledged, when what was sent might be lost. */
    private boolean mayBeGone(Message message) {
        Long from = begun.get(message);
        return from != null && Span.any(promise.mayBeLost(), from, answered(message, from));
    }

    /** The same of one place: a producer that tried again may have had the acknowledgement for another one. */
    private boolean mayBeGone(Message message, Place place) {
        Acknowledged ok = acknowledged.get(message);
        return mayBeGone(message)
                || (promise.promoted() && (ok == null || !ok.place().equals(place)));
    }

    private long answered(Message message, long otherwise) {
        Acknowledged ok = acknowledged.get(message);
        if (ok != null) {
            return ok.at();
        }
        Failed not = failed.get(message);
        return not != null ? not.at() : otherwise;
    }

    private void checkReceipts() {
        for (Event event : events) {
            if (event instanceof Received receipt) {
                Long from = begun.get(receipt.message());
                if (from == null) {
                    broken(Rule.UNKNOWN, receipt.toString());
                } else if (receipt.at() < from) {
                    broken(Rule.BEFORE_IT_WAS_SENT, receipt + ", sent at " + from);
                }
                if (!receipt.intact()) {
                    broken(Rule.DAMAGED, receipt.toString());
                }
            }
        }
    }

    /** What a group has not had yet comes, in each queue, in the order of the offsets; the rest is counted. */
    private void checkOrderOfQueues() {
        Map<String, Map<QueueName, TreeMap<Long, Message>>> had = new HashMap<>();
        for (Event event : events) {
            if (!(event instanceof Received receipt)) {
                continue;
            }
            TreeMap<Long, Message> before = had.computeIfAbsent(receipt.group(), group -> new HashMap<>())
                    .computeIfAbsent(receipt.place().queue(), queue -> new TreeMap<>());
            long offset = receipt.place().offset();
            Message same = before.get(offset);
            if (receipt.message().equals(same)) {
                deliveredAgain++;
                if (!Span.any(promise.disturbed(), receipt.at(), receipt.at())) {
                    broken(Rule.AGAIN_WITHOUT_CAUSE, receipt + " was delivered before");
                }
            } else if (promise.ordered().contains(receipt.group())
                    && !before.isEmpty()
                    && before.lastKey() > offset
                    && !mayBeGone(
                            requireNonNull(before.get(before.lastKey())),
                            new Place(receipt.place().queue(), before.lastKey()))) {
                broken(Rule.ORDER_OF_QUEUE, receipt + " came after offset " + before.lastKey());
            }
            before.put(offset, receipt.message());
        }
    }

    /** One who sends one message after another has them in each queue in that order. */
    private void checkOrderOfSenders() {
        Map<String, Map<QueueName, List<Acknowledged>>> bySender = new HashMap<>();
        for (Acknowledged ok : acknowledged.values()) {
            bySender.computeIfAbsent(ok.message().key(), key -> new HashMap<>())
                    .computeIfAbsent(ok.place().queue(), queue -> new ArrayList<>())
                    .add(ok);
        }
        for (Map<QueueName, List<Acknowledged>> queues : bySender.values()) {
            for (List<Acknowledged> inQueue : queues.values()) {
                inQueue.sort(Comparator.comparingInt(ok -> ok.message().number()));
                for (int i = 1; i < inQueue.size(); i++) {
                    Acknowledged earlier = inQueue.get(i - 1);
                    Acknowledged later = inQueue.get(i);
                    if (later.place().offset() <= earlier.place().offset() && !mayBeGone(earlier.message())) {
                        broken(Rule.ORDER_OF_SENDER, later + " lies before " + earlier);
                    }
                }
            }
        }
    }

    /** What a broker answers was committed, and never less than what it answered before. */
    private void checkOffsets() {
        Map<String, Map<QueueName, Long>> asked = new HashMap<>();
        Map<String, Map<QueueName, Long>> read = new HashMap<>();
        for (Event event : events) {
            if (event instanceof Committing c) {
                asked.computeIfAbsent(c.group(), group -> new HashMap<>()).merge(c.queue(), c.offset(), Math::max);
            } else if (event instanceof Committed c) {
                long highest = asked.getOrDefault(c.group(), Map.of()).getOrDefault(c.queue(), NOTHING_COMMITTED);
                if (c.offset() > highest) {
                    broken(Rule.OFFSET_AHEAD, c + ", the highest committed is " + highest);
                }
                long before = read.getOrDefault(c.group(), Map.of()).getOrDefault(c.queue(), -1L);
                if (c.offset() < before && !Span.any(promise.mayGoBack(), c.at(), c.at())) {
                    broken(Rule.OFFSET_WENT_BACK, c + " after " + before);
                }
                read.computeIfAbsent(c.group(), group -> new HashMap<>()).put(c.queue(), c.offset());
            }
        }
    }

    /** A client that gets no answer sends again: that takes a fault while it waited. */
    private int checkStoredTwice() {
        int twice = 0;
        for (Map.Entry<Message, Set<Place>> message : places.entrySet()) {
            if (message.getValue().size() > 1) {
                twice++;
                Long from = begun.get(message.getKey());
                if (from != null && !Span.any(promise.disturbed(), from, answered(message.getKey(), from))) {
                    broken(Rule.AGAIN_WITHOUT_CAUSE, message.getKey() + " is stored at " + message.getValue());
                }
            }
        }
        return twice;
    }

    /** Each group has each acknowledged message; returns how many are gone that may be. */
    private int checkLost() {
        Set<Message> excused = new HashSet<>();
        for (String group : promise.groups()) {
            Set<Message> has = received.getOrDefault(group, Set.of());
            for (Acknowledged ok : acknowledged.values()) {
                if (has.contains(ok.message())) {
                    continue;
                }
                if (mayBeGone(ok.message())) {
                    excused.add(ok.message());
                } else {
                    broken(Rule.LOST, group + " never received " + ok);
                }
            }
        }
        return excused.size();
    }

    private void broken(Rule rule, String sentence) {
        if (perRule.merge(rule, 1, Integer::sum) <= MOST_OF_A_RULE) {
            violations.add(new Violation(rule, sentence));
        }
    }
}
