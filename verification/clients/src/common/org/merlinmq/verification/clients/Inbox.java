package org.merlinmq.verification.clients;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.rocketmq.common.message.MessageExt;

/** What consumers received, in the order of receipt. Threading: any thread. */
final class Inbox {
    /** One receipt: the message, who got it and when. */
    record Receipt(MessageExt message, String consumer, long atMillis) {
        String number() {
            return message.getUserProperty(Ledger.NUMBER);
        }

        String queue() {
            return "queue " + message.getQueueId(); // there is one broker
        }
    }

    private final List<Receipt> receipts = new ArrayList<>();

    synchronized void add(MessageExt message, String consumer) {
        receipts.add(new Receipt(message, consumer, System.currentTimeMillis()));
    }

    synchronized List<Receipt> all() {
        return List.copyOf(receipts);
    }

    synchronized int size() {
        return receipts.size();
    }

    /** How many different messages came. */
    int distinct() {
        return numbers().size();
    }

    Set<String> numbers() {
        Set<String> numbers = new HashSet<>();
        all().forEach(receipt -> numbers.add(receipt.number()));
        return numbers;
    }

    Set<String> consumers() {
        Set<String> names = new HashSet<>();
        all().forEach(receipt -> names.add(receipt.consumer()));
        return names;
    }

    /** What came and is not in a ledger. */
    Inbox without(Ledger ledger) {
        Inbox rest = new Inbox();
        for (Receipt receipt : all()) {
            if (!ledger.hashes().containsKey(receipt.number())) {
                rest.receipts.add(receipt);
            }
        }
        return rest;
    }

    List<Receipt> of(String consumer) {
        return all().stream().filter(r -> r.consumer().equals(consumer)).toList();
    }

    /** Everything in the ledger came, byte for byte, and nothing else. */
    void mustHold(Ledger ledger) {
        mustHoldPart(ledger);
        Set<String> missing = new TreeSet<>(ledger.hashes().keySet());
        missing.removeAll(numbers());
        if (!missing.isEmpty()) {
            throw new Failed(missing.size() + " of " + ledger.size() + " messages never came, among them "
                    + missing.stream().limit(10).toList());
        }
    }

    /** Whatever came is in the ledger, byte for byte. */
    void mustHoldPart(Ledger ledger) {
        for (Receipt receipt : all()) {
            String sent = ledger.hashes().get(receipt.number());
            String came = Bodies.hash(receipt.message().getBody());
            if (sent == null) {
                throw new Failed("a message came that was not sent to this reader: number " + receipt.number()
                        + ", tags " + receipt.message().getTags() + ", " + receipt.queue() + " offset "
                        + receipt.message().getQueueOffset());
            }
            if (!sent.equals(came)) {
                throw new Failed("message " + receipt.number() + " was sent as " + sent + " and came as " + came);
            }
        }
    }

    /** As {@link #mustHold}, and each exactly once. */
    void mustHoldOnce(Ledger ledger) {
        mustHold(ledger);
        if (size() != distinct()) {
            throw new Failed(distinct() + " messages were sent and " + size() + " came: some were repeated");
        }
    }

    /** In each queue the offsets only grow. */
    void mustBeInQueueOrder() {
        Map<String, Long> last = new HashMap<>();
        for (Receipt receipt : all()) {
            long offset = receipt.message().getQueueOffset();
            Long before = last.put(receipt.queue(), offset);
            if (before != null && before >= offset) {
                throw new Failed("in " + receipt.queue() + " offset " + offset + " came after " + before);
            }
        }
    }
}
