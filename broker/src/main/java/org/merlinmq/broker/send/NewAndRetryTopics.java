package org.merlinmq.broker.send;

import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.Refusal;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicChange;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.storage.disk.DiskException;

/**
 * Makes topics on the first send to them, keeps clients out of the broker's own, and brings what was consumed in vain
 * too often to the dead letters.
 *
 * <p>Threading: any event loop.
 */
public final class NewAndRetryTopics implements RareTopics {
    private final TopicTable topics;
    private final SendBack sendBack;

    /**
     * Decides by these.
     *
     * @param topics the topics
     * @param sendBack knows how often a group tries
     */
    public NewAndRetryTopics(TopicTable topics, SendBack sendBack) {
        this.topics = topics;
        this.sendBack = sendBack;
    }

    @Override
    public Choice choose(@Nullable Topic topic, Send send) {
        if (send.name().startsWith(Topics.RETRY)) {
            return retry(send);
        }
        if (topic == null) {
            return choice(topics.createOnSend(send.name(), send.defaultTopic(), send.queueCount(), send.unit()), false);
        }
        if (topic.closedToClients()) {
            return refuse(
                    ResponseCode.NO_PERMISSION,
                    "the topic[" + topic.name() + "] is conflict with system topic: it is the broker's own, send to"
                            + " another");
        }
        return new Choice(topic, false, null);
    }

    private Choice retry(Send send) {
        SendBack.Destination to;
        try {
            to = sendBack.destination(send.name(), send.reconsumeTimes(), send.maxReconsumeTimes(), send.version());
        } catch (DiskException e) {
            return new Choice(null, false, Refusal.of(e));
        }
        if (to.unknownGroup()) {
            return refuse(
                    ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
                    "subscription group not exist, " + send.name() + ": its consumers make it by their heartbeat");
        }
        return choice(topics.create(to.topic(), 1, Topics.READ_WRITE, 0), to.dead());
    }

    private static Choice choice(TopicChange change, boolean undelayed) {
        return switch (change) {
            case TopicChange.Changed changed -> new Choice(changed.topic(), undelayed, null);
            case TopicChange.Unchanged unchanged -> new Choice(unchanged.topic(), undelayed, null);
            case TopicChange.Refused refused -> new Choice(null, false, refused.refusal());
        };
    }

    private static Choice refuse(ResponseCode code, String sentence) {
        return new Choice(null, false, new Refusal(code, sentence));
    }
}
