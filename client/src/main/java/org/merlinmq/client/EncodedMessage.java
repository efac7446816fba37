package org.merlinmq.client;

import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.SendRequest;

/**
 * A message or a batch in the form in which it is sent, for any queue.
 *
 * @param topic its topic
 * @param messageId its id, or those of a batch with commas between them
 * @param body as sent, compressed or not
 * @param sysFlag the record's flag, which holds the kind of compression
 * @param properties as written in the request; empty for a batch, whose messages hold their own
 * @param batch whether the body holds several messages
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record EncodedMessage(String topic, String messageId, byte[] body, int sysFlag, String properties, boolean batch) {
    /** The request that sends it to a queue. */
    Frame request(String group, MessageQueueId queue) {
        SendRequest header = new SendRequest(
                group,
                topic,
                Routes.TEMPLATE_TOPIC,
                Routes.TEMPLATE_QUEUES,
                queue.queueId(),
                sysFlag,
                System.currentTimeMillis(),
                0,
                properties,
                0,
                false,
                null,
                batch,
                queue.brokerName());
        return Frame.request(batch ? RequestCode.SEND_BATCH_MESSAGE : RequestCode.SEND_MESSAGE_V2, header, body);
    }
}
