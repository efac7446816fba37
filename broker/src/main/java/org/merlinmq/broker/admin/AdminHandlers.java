package org.merlinmq.broker.admin;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.merlinmq.broker.dispatch.Answer;
import org.merlinmq.broker.dispatch.Handlers;
import org.merlinmq.broker.schedule.DelayOffsets;
import org.merlinmq.broker.schedule.ScheduleTopics;
import org.merlinmq.protocol.body.HaStatus;
import org.merlinmq.protocol.body.KvTable;
import org.merlinmq.protocol.code.RequestCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that administrators ask of a broker and that no other package answers.
 *
 * <p>Threading: on virtual threads, but for what only reads counters.
 * <p>Source: requests 12, 25, 26, 28, 33, 45, 208, 303, 306, 315, 316, 317, 321, 329 and 907.
 */
public final class AdminHandlers {
    private static final Logger LOG = LoggerFactory.getLogger(AdminHandlers.class);
    private static final int DELETE_WAIT_SECONDS = 3;

    private final AdminParts parts;
    private final Upkeep upkeep;

    /**
     * Handlers over these parts.
     *
     * @param parts what the answers are made from
     * @param upkeep what can be set off
     */
    public AdminHandlers(AdminParts parts, Upkeep upkeep) {
        this.parts = parts;
        this.upkeep = upkeep;
    }

    /**
     * Registers the requests named above.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        new ConfigHandlers(parts.config()).register(handlers);
        new MessageQueries(parts.storage(), parts.messages(), parts.queryMessages()).register(handlers);
        new ConsumeQueries(parts).register(handlers);
        new StatsQueries(parts).register(handlers);
        handlers.blocking(RequestCode.GET_BROKER_RUNTIME_INFO, request -> runtime())
                .blocking(RequestCode.GET_ALL_DELAY_OFFSET, request -> delayOffsets())
                .on(RequestCode.GET_BROKER_HA_STATUS, request -> replication())
                .blocking(RequestCode.DELETE_EXPIRED_COMMITLOG, request -> deleteExpiredLog())
                .blocking(RequestCode.CLEAN_UNUSED_TOPIC, request -> {
                    LOG.info("unused-topics-deleted count={}", upkeep.deleteUnusedTopics());
                    return Answer.ok();
                })
                // What is asked for always holds: each queue forgets its entries before the log's segment is deleted.
                .on(RequestCode.CLEAN_EXPIRED_CONSUMEQUEUE, request -> Answer.ok());
    }

    /** Answers when it is done, or sooner if that takes longer than tools wait; it is done all the same. */
    private Answer deleteExpiredLog() {
        return Answer.later(upkeep.deleteExpiredLog()
                .completeOnTimeout(0, DELETE_WAIT_SECONDS, TimeUnit.SECONDS)
                .thenApply(deleted -> Answer.ok()));
    }

    Answer runtime() {
        return Answer.ok(new KvTable(new RuntimeTable(parts).table()).write());
    }

    Answer delayOffsets() {
        return Answer.ok(DelayOffsets.write(DelayOffsets.at(
                parts.levels(),
                level -> parts.messages().queue(ScheduleTopics.LEVELS, level - 1),
                parts.nowMillis().getAsLong())));
    }

    /** A master without slaves, until replication comes. */
    Answer replication() {
        return Answer.ok(new HaStatus(List.of(), 0, true, parts.storage().maxLogOffset()).write());
    }
}
