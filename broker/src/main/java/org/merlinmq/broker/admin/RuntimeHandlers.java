package org.merlinmq.broker.admin;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.broker.schedule.DelayLevels;
import org.merlinmq.broker.schedule.DelayOffsets;
import org.merlinmq.broker.schedule.ScheduleTopics;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.DelayOffsetTable;
import org.merlinmq.protocol.body.HaStatus;
import org.merlinmq.protocol.body.KvTable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;

/**
 * Shows the figures of the running broker.
 *
 * <p>Threading: on virtual threads, but for what only reads counters.
 * <p>Source: requests 28, 45 and 907.
 */
public final class RuntimeHandlers {
    private final Storage storage;
    private final StoredMessages messages;
    private final ThroughputStats throughput;
    private final DelayLevels levels;
    private final ConfigView config;
    private final DiskSpace disk;
    private final Load load;
    private final Supplier<HaStatus> replication;
    private final LongSupplier nowMillis;
    private final long bootMillis;

    /**
     * Handlers over the parts of a broker that starts now.
     *
     * @param storage the store
     * @param messages single messages of it
     * @param throughput meters and their rates
     * @param levels the delay levels
     * @param config the settings
     * @param disk the space of the log's disk
     * @param load requests at work and failures
     * @param replication where the slaves are
     * @param nowMillis the wall clock
     */
    public RuntimeHandlers(
            Storage storage,
            StoredMessages messages,
            ThroughputStats throughput,
            DelayLevels levels,
            ConfigView config,
            DiskSpace disk,
            Load load,
            Supplier<HaStatus> replication,
            LongSupplier nowMillis) {
        this.storage = storage;
        this.messages = messages;
        this.throughput = throughput;
        this.levels = levels;
        this.config = config;
        this.disk = disk;
        this.load = load;
        this.replication = replication;
        this.nowMillis = nowMillis;
        this.bootMillis = nowMillis.getAsLong();
    }

    /**
     * Registers requests 28, 45 and 907.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.blocking(
                        RequestCode.GET_BROKER_RUNTIME_INFO,
                        Access.of(Resource.CLUSTER, Action.GET),
                        request -> runtime())
                .blocking(
                        RequestCode.GET_ALL_DELAY_OFFSET,
                        Access.of(Resource.CLUSTER, Action.GET),
                        request -> delayOffsets())
                .on(
                        RequestCode.GET_BROKER_HA_STATUS,
                        Access.of(Resource.CLUSTER, Action.GET),
                        request -> Answer.ok(replication.get().write()));
    }

    Answer runtime() {
        Map<String, String> table = new TreeMap<>();
        RuntimeTable.identity(table, bootMillis, nowMillis.getAsLong(), config.settings());
        RuntimeTable.throughput(table, throughput, load.failedSends().getAsLong());
        RuntimeTable.log(table, storage, messages);
        RuntimeTable.disk(table, disk);
        RuntimeTable.pools(table, storage.flushQueue(), load.running());
        RuntimeTable.timers(
                table,
                storage.timers().count(),
                throughput.perSecond(load.delayed(), 10),
                throughput.perSecond(load.delivered(), 10));
        levelOffsets().forEach((level, offset) -> {
            Queue queue = levelQueue(level);
            table.put("scheduleMessageOffset_" + level, offset + "," + (queue == null ? 0 : queue.maxOffset()));
        });
        return Answer.ok(new KvTable(table).write());
    }

    Answer delayOffsets() {
        return Answer.ok(new DelayOffsetTable(new DataVersion(0, 0, 0), levelOffsets()).write());
    }

    /** What is due and not delivered yet is not passed: a slave that takes over would leave it out. */
    private SortedMap<Integer, Long> levelOffsets() {
        long deliveredMillis = Math.min(nowMillis.getAsLong(), storage.timers().nextDueMillis() - 1);
        return new TreeMap<>(DelayOffsets.at(levels, this::levelQueue, deliveredMillis));
    }

    private @Nullable Queue levelQueue(int level) {
        return messages.queue(ScheduleTopics.LEVELS, level - 1);
    }
}
