package org.merlinmq.broker.send;

import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.Refusal;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.schedule.ScheduleConfig;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.message.UniqueKey;
import org.merlinmq.storage.Storage;

/**
 * What the send handlers of all loops share.
 *
 * <p>Threading: immutable but for what it holds, which is for any thread.
 */
public final class SendServices {
    private static final int WRITE = 2;

    private final BrokerIdentity identity;
    private final SendConfig config;
    private final ScheduleConfig schedule;
    private final Storage storage;
    private final TopicTable topics;
    private final RareTopics rareTopics;
    private final OwnProperties ownProperties;
    private final SendAnswers answers;
    private final ThroughputStats throughput;
    private final RandomGenerator random;
    private final LongSupplier nowMillis;
    private final byte[] storeHost;

    /**
     * Brings together what sending needs.
     *
     * @param identity this broker
     * @param config the settings
     * @param schedule the settings of delays
     * @param storage where messages go
     * @param topics the topics
     * @param rareTopics decides on topics that are missing, closed or a group's retries
     * @param uniqueKeys for messages that bring none
     * @param throughput counts what is sent
     * @param random chooses a queue for messages that name none; safe on all loops at once
     * @param nowMillis the clock
     */
    public SendServices(
            BrokerIdentity identity,
            SendConfig config,
            ScheduleConfig schedule,
            Storage storage,
            TopicTable topics,
            RareTopics rareTopics,
            UniqueKey uniqueKeys,
            ThroughputStats throughput,
            RandomGenerator random,
            LongSupplier nowMillis) {
        this.identity = identity;
        this.config = config;
        this.schedule = schedule;
        this.storage = storage;
        this.topics = topics;
        this.rareTopics = rareTopics;
        this.answers = new SendAnswers(config);
        this.ownProperties = new OwnProperties(identity, config, uniqueKeys);
        this.throughput = throughput;
        this.random = random;
        this.nowMillis = nowMillis;
        this.storeHost = identity.host().getAddress();
    }

    BrokerIdentity identity() {
        return identity;
    }

    SendConfig config() {
        return config;
    }

    ScheduleConfig schedule() {
        return schedule;
    }

    Storage storage() {
        return storage;
    }

    TopicTable topics() {
        return topics;
    }

    RareTopics rareTopics() {
        return rareTopics;
    }

    SendAnswers answers() {
        return answers;
    }

    OwnProperties ownProperties() {
        return ownProperties;
    }

    RandomGenerator random() {
        return random;
    }

    ThroughputStats throughput() {
        return throughput;
    }

    byte[] storeHost() {
        return storeHost;
    }

    long nowMillis() {
        return nowMillis.getAsLong();
    }

    /** Why nothing at all can be taken in now; null on a good day. */
    @Nullable Refusal notNow() {
        if (!storage.writeState().writable()) {
            return new Refusal(
                    ResponseCode.SERVICE_NOT_AVAILABLE, storage.writeState().sentence());
        }
        if ((config.permission() & WRITE) == 0) {
            return new Refusal(
                    ResponseCode.NO_PERMISSION,
                    "the broker " + identity.brokerName() + " takes no messages now: brokerPermission="
                            + config.permission() + " lacks 2");
        }
        if (config.acceptFromMillis() > 0 && nowMillis() < config.acceptFromMillis()) {
            return new Refusal(
                    ResponseCode.SYSTEM_ERROR,
                    "the broker takes no messages before startAcceptSendRequestTimeStamp=" + config.acceptFromMillis());
        }
        return null;
    }
}
