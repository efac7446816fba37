package org.merlinmq.broker.admin;

import java.util.function.LongSupplier;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.broker.schedule.DelayLevels;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.storage.Storage;

/**
 * What the administrators' answers are made from.
 *
 * @param storage the store
 * @param messages single messages of it
 * @param offsets committed offsets
 * @param consumers who is online
 * @param topics the topics that exist
 * @param throughput counters and their rates
 * @param topicCounters the counter of what was sent to a topic
 * @param levels the delay levels
 * @param queryMessages most messages in the answer to a query by key (maxMsgsNumBatch)
 * @param config the settings
 * @param disk how full the disk is
 * @param load what there is to do
 * @param clusterName the cluster
 * @param brokerName the broker
 * @param brokerAddress its address
 * @param bootMillis when it started
 * @param nowMillis the wall clock
 */
public record AdminParts(
        Storage storage,
        StoredMessages messages,
        OffsetTable offsets,
        ConsumerGroups consumers,
        Topics topics,
        ThroughputStats throughput,
        TopicCounters topicCounters,
        DelayLevels levels,
        int queryMessages,
        ConfigView config,
        DiskSpace disk,
        Load load,
        String clusterName,
        String brokerName,
        String brokerAddress,
        long bootMillis,
        LongSupplier nowMillis) {}
