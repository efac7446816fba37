package org.merlinmq.cli.mqadmin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.QueueRoute;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicRoute;

/** The queues of topics, in the order in which they are listed. */
final class Queues {
    static final Comparator<MessageQueueId> ORDER = Comparator.comparing(MessageQueueId::topic)
            .thenComparing(MessageQueueId::brokerName)
            .thenComparingInt(MessageQueueId::queueId);

    private Queues() {}

    /** As RocketMQ's tool writes a queue. */
    static String text(MessageQueueId queue) {
        return "MessageQueue [topic=" + queue.topic() + ", brokerName=" + queue.brokerName() + ", queueId="
                + queue.queueId() + "]";
    }

    /** Those that may be read. */
    static List<MessageQueueId> readable(String topic, TopicRoute route) {
        List<MessageQueueId> queues = new ArrayList<>();
        for (QueueRoute some : route.queueDatas()) {
            for (int id = 0; (some.perm() & TopicConfig.READ) != 0 && id < some.readQueueNums(); id++) {
                queues.add(new MessageQueueId(topic, some.brokerName(), id));
            }
        }
        queues.sort(ORDER);
        return queues;
    }
}
