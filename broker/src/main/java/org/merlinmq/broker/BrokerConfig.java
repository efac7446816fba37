package org.merlinmq.broker;

import org.merlinmq.broker.dedup.DedupConfig;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.limit.LimitConfig;
import org.merlinmq.broker.pull.PullConfig;
import org.merlinmq.broker.registry.RegistrationConfig;
import org.merlinmq.broker.schedule.ScheduleConfig;
import org.merlinmq.broker.send.SendConfig;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.transaction.TransactionConfig;

/**
 * The configuration of a broker.
 *
 * @param identity who it is
 * @param queryMessages most messages in the answer to a query by key (maxMsgsNumBatch)
 * @param send how messages are taken in
 * @param pull how they are handed out
 * @param schedule how they are held back
 * @param limits how sends wait that come faster than a limit
 * @param dedup how duplicates are found
 * @param transactions how transactions are served
 * @param topics how topics are made
 * @param groups how groups are made
 * @param registration how often and with what time-outs it registers with nameservers
 */
public record BrokerConfig(
        BrokerIdentity identity,
        int queryMessages,
        SendConfig send,
        PullConfig pull,
        ScheduleConfig schedule,
        LimitConfig limits,
        DedupConfig dedup,
        TransactionConfig transactions,
        TopicSettings topics,
        GroupConfig groups,
        RegistrationConfig registration) {

    /**
     * How groups are created and their members notified.
     *
     * @param autoCreate make a group when its first member connects (autoCreateSubscriptionGroup)
     * @param notifyChanges notify a group's members when one comes or goes (notifyConsumerIdsChangedEnable)
     * @param youngBytes a queue whose first message lies within so much of the log's end is young: a new group starts at
     *     its beginning (accessMessageInMemoryMaxRatio of the memory)
     */
    public record GroupConfig(boolean autoCreate, boolean notifyChanges, long youngBytes) {}
}
