package org.merlinmq.verification.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.common.message.Message;

/** What was sent: a number of its own for each message, in a user property, and the hash of its body. */
final class Ledger {
    static final String NUMBER = "verificationNumber";

    private final Map<String, String> hashes = new ConcurrentHashMap<>();
    private final AtomicInteger last = new AtomicInteger();
    private int consumed;

    /** One whose messages have higher numbers than those that another one has by now. */
    static Ledger behind(Ledger other) {
        Ledger ledger = new Ledger();
        ledger.last.set(other.last.get());
        return ledger;
    }

    /** A message that this ledger expects to arrive. */
    Message message(String topic, String tags, byte[] body) {
        Message message = new Message(topic, tags, body);
        String number = Integer.toString(last.incrementAndGet());
        message.putUserProperty(NUMBER, number);
        hashes.put(number, Bodies.hash(body));
        return message;
    }

    /** Takes a message off that is known not to have been stored, or not to be for this reader. */
    void forget(Message message) {
        hashes.remove(message.getUserProperty(NUMBER));
    }

    /** Writes what it expects, and a name, for a later start of the program. */
    void save(Path file, String name) throws IOException {
        List<String> lines = new ArrayList<>(List.of(name, Integer.toString(last.get()), Integer.toString(consumed)));
        hashes.forEach((number, hash) -> lines.add(number + " " + hash));
        Files.write(file, lines);
    }

    /** Goes on with what {@link #save} wrote; returns the name. */
    String load(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        last.set(Integer.parseInt(lines.get(1)));
        consumed = Integer.parseInt(lines.get(2));
        for (String line : lines.subList(3, lines.size())) {
            hashes.put(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1));
        }
        return lines.get(0);
    }

    /** A group has consumed all that is in here now. */
    void allConsumed() {
        consumed = size();
    }

    int consumed() {
        return consumed;
    }

    int size() {
        return hashes.size();
    }

    Map<String, String> hashes() {
        return hashes;
    }
}
