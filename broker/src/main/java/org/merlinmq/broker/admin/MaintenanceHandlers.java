package org.merlinmq.broker.admin;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.storage.Storage;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the store do at once what it otherwise does in its own time.
 *
 * <p>Threading: on virtual threads.
 * <p>Source: requests 306, 316 and 329.
 */
public final class MaintenanceHandlers {
    private static final Logger LOG = LoggerFactory.getLogger(MaintenanceHandlers.class);
    private static final int DELETE_WAIT_SECONDS = 3;

    private final Storage storage;
    private final TopicTable topics;

    /**
     * Handlers over a store.
     *
     * @param storage the store
     * @param topics the topics that exist
     */
    public MaintenanceHandlers(Storage storage, TopicTable topics) {
        this.storage = storage;
        this.topics = topics;
    }

    /**
     * Registers requests 306, 316 and 329.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.blocking(
                        RequestCode.DELETE_EXPIRED_COMMITLOG,
                        Access.of(Resource.CLUSTER, Action.UPDATE),
                        request -> deleteExpiredLog())
                .blocking(RequestCode.CLEAN_UNUSED_TOPIC, Access.of(Resource.CLUSTER, Action.UPDATE), request -> {
                    LOG.info("unused-topics-deleted count={}", deleteUnusedTopics());
                    return Answer.ok();
                })
                // What is asked for always holds: each queue drops its entries before the log's segment is deleted.
                .on(
                        RequestCode.CLEAN_EXPIRED_CONSUMEQUEUE,
                        Access.of(Resource.CLUSTER, Action.UPDATE),
                        request -> Answer.ok());
    }

    /** Answers when it is done, or sooner if that takes longer than tools wait; the deletion goes on all the same. */
    private Answer deleteExpiredLog() {
        return Answer.later(storage.deleteExpired()
                .completeOnTimeout(0, DELETE_WAIT_SECONDS, TimeUnit.SECONDS)
                .thenApply(deleted -> Answer.ok()));
    }

    /** Deletes the queues that belong to no topic, left by a crash or another broker's store; returns how many topics. */
    int deleteUnusedTopics() {
        Set<String> names = new TreeSet<>();
        storage.forEachQueue(queue -> names.add(queue.topic()));
        return topics.deleteUnowned(names);
    }
}
