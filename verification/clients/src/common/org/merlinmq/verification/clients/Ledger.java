package org.merlinmq.verification.clients;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.common.message.Message;

/** What was sent: a number of its own for each message, in a user property, and the hash of its body. */
final class Ledger {
    static final String NUMBER = "verificationNumber";

    private final Map<String, String> hashes = new ConcurrentHashMap<>();
    private final AtomicInteger last = new AtomicInteger();

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

    int size() {
        return hashes.size();
    }

    Map<String, String> hashes() {
        return hashes;
    }
}
