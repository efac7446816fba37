package org.merlinmq.client;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * The result of sending a message that was stored.
 *
 * @param status how safely it is stored
 * @param messageId the id that the producer gave it; of a batch, all ids with commas between them
 * @param offsetMessageId the id by which the broker finds it at once; of a batch, all ids with commas between them
 * @param queue the queue it went to
 * @param queueOffset its place there; of a batch, the first one's
 * @param recallHandle by which a delayed message can be taken back, or null
 */
public record SendResult(
        SendStatus status,
        String messageId,
        String offsetMessageId,
        MessageQueueId queue,
        long queueOffset,
        @Nullable String recallHandle) {}
