package org.merlinmq.broker;

import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.pull.PullConfig;
import org.merlinmq.broker.registry.RegistrationConfig;
import org.merlinmq.broker.schedule.ScheduleConfig;
import org.merlinmq.broker.send.SendConfig;
import org.merlinmq.broker.topic.TopicSettings;

/**
 * All that a broker is told at its start.
 *
 * @param identity who it is
 * @param haPort the port of replication, told to nameservers
 * @param queryMessages most messages in the answer to a query by key (maxMsgsNumBatch)
 * @param send how messages are taken in
 * @param pull how they are handed out
 * @param schedule how they are held back
 * @param topics how topics are made
 * @param groups how groups are made
 * @param registration how nameservers are told
 */
public record BrokerConfig(
        BrokerIdentity identity,
        int haPort,
        int queryMessages,
        SendConfig send,
        PullConfig pull,
        ScheduleConfig schedule,
        TopicSettings topics,
        GroupConfig groups,
        RegistrationConfig registration) {

    /**
     * How groups are made and told of each other.
     *
     * @param autoCreate make a group when it first shows itself (autoCreateSubscriptionGroup)
     * @param notifyChanges tell a group's members when one comes or goes (notifyConsumerIdsChangedEnable)
     * @param youngBytes a queue whose first message lies within so much of the log's end is young: a new group starts at
     *     its beginning (accessMessageInMemoryMaxRatio of the memory)
     */
    public record GroupConfig(boolean autoCreate, boolean notifyChanges, long youngBytes) {}
}
