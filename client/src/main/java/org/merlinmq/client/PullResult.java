package org.merlinmq.client;

import java.util.List;

/**
 * The result of a pull.
 *
 * @param status whether there are messages, and if not, why
 * @param messages the messages found, perhaps none
 * @param nextOffset where to pull next
 * @param minOffset the queue's first message
 * @param maxOffset one past the queue's last message
 */
public record PullResult(
        Status status, List<ReceivedMessage> messages, long nextOffset, long minOffset, long maxOffset) {
    /** Whether a pull found messages, and if not, why. */
    public enum Status {
        /** There are messages. */
        FOUND,
        /** The end of the queue: nothing came while the pull was held. */
        NO_NEW_MESSAGE,
        /** There are messages, but none that the filter lets through, up to the next offset. */
        NO_MATCHED_MESSAGE,
        /** The queue does not hold that offset; the next offset is one that it does. */
        OFFSET_ILLEGAL
    }

    /** Keeps an unmodifiable copy. */
    public PullResult {
        messages = List.copyOf(messages);
    }
}
