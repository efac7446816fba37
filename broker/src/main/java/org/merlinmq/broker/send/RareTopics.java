package org.merlinmq.broker.send;

import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.Refusal;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.protocol.frame.FrameScan;

/**
 * Decides where a send goes whose topic is missing, is closed to clients, or holds a group's retries.
 *
 * <p>Threading: any event loop.
 */
public interface RareTopics {
    /**
     * Where the send goes.
     *
     * @param topic the topic; null if it is refused
     * @param undelayed whether the message's delay no longer counts, as on the way to the dead letters
     * @param refusal why it goes nowhere; null if it goes
     */
    record Choice(
            @Nullable Topic topic,
            boolean undelayed,
            @Nullable Refusal refusal) {}

    /**
     * The parts of a send that count.
     *
     * @param name the topic as the producer wrote it
     * @param group the producer's group
     * @param defaultTopic whose pattern a new topic follows
     * @param queueCount how many queues the producer wants a new topic to have
     * @param unit whether the producer is in a unit
     * @param reconsumeTimes how often the message was consumed in vain
     * @param maxReconsumeTimes after how many times it is a dead letter; -1 for the group's own rule
     * @param version the producer's version ordinal
     */
    record Send(
            String name,
            String group,
            String defaultTopic,
            int queueCount,
            boolean unit,
            int reconsumeTimes,
            int maxReconsumeTimes,
            int version) {
        static Send of(FrameScan frame, SendFields fields) {
            return new Send(
                    frame.value(fields.topic),
                    frame.value(fields.producerGroup),
                    fields.defaultTopic < 0 ? "" : frame.value(fields.defaultTopic),
                    fields.defaultQueueCount,
                    fields.unitMode,
                    fields.reconsumeTimes,
                    fields.maxReconsumeTimes,
                    frame.version());
        }
    }

    /**
     * Decides.
     *
     * @param topic the topic, if there is one
     * @param send what the producer asked
     * @return where it goes, or why not
     */
    Choice choose(@Nullable Topic topic, Send send);
}
