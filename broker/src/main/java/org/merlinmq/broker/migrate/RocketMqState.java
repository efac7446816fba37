package org.merlinmq.broker.migrate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.offset.OffsetJson;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.schedule.RocketMqDelayProgress;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.json.JsonException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code config} folder of RocketMQ's store: topics, groups, offsets and how far delays were delivered. Never written.
 *
 * <p>Errors: a file that exists and cannot be read throws an {@link IllegalStateException} that names it, because going on
 * without it would lose its content.
 *
 * <p>Source: the files of a RocketMQ 4.x or 5.x store.
 */
public final class RocketMqState {
    private static final Logger LOG = LoggerFactory.getLogger(RocketMqState.class);

    private static final String TOPICS = "topics.json";
    private static final String GROUPS = "subscriptionGroup.json";
    private static final String OFFSETS = "consumerOffset.json";
    private static final String BACKUP = ".bak";

    private final Path folder;

    private RocketMqState(Path folder) {
        this.folder = folder;
    }

    /**
     * The state in a folder.
     *
     * @param folder the folder; it need not exist
     * @return its state, possibly none
     */
    public static RocketMqState of(Path folder) {
        return new RocketMqState(folder);
    }

    /**
     * How far delayed messages were delivered.
     *
     * @return {@link RocketMqDelayProgress#NOTHING} if there is no such file
     */
    public RocketMqDelayProgress delayProgress() {
        byte[] timers = read(folder.resolve("timercheck"));
        return parsed("delayOffset.json", json -> RocketMqDelayProgress.read(json, timers));
    }

    /** Whether RocketMQ had deleted a topic whose messages its log still has: with the topic it deletes its queue files. */
    boolean hadDeleted(String topic) {
        Path queues = folder.resolveSibling("consumequeue");
        return Files.isDirectory(queues) && !Files.exists(queues.resolve(topic));
    }

    boolean hasTables() {
        return isThere(TOPICS) || isThere(GROUPS) || isThere(OFFSETS);
    }

    void importInto(TopicTable topics, GroupTable groups, OffsetTable offsets) {
        int topicCount = parsed(TOPICS, json -> json.length == 0 ? 0 : topics.importJson(json));
        LOG.info("topics-imported count={}", topicCount);
        List<String> left = parsed(GROUPS, json -> json.length == 0 ? List.of() : groups.importJson(json));
        LOG.info("groups-imported except={}", left);
        int offsetCount = parsed(OFFSETS, json -> json.length == 0 ? 0 : OffsetJson.read(json, offsets));
        LOG.info("offsets-imported count={}", offsetCount);
    }

    private boolean isThere(String name) {
        return read(folder.resolve(name)).length + read(folder.resolve(name + BACKUP)).length > 0;
    }

    private static byte[] read(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads a file, or the copy of its last version where it is missing, empty or damaged: RocketMQ writes it anew every
     * few seconds, and if it is killed while it does, only the copy is whole.
     */
    private <T> T parsed(String name, Function<byte[], T> parse) {
        byte[] json = read(folder.resolve(name));
        byte[] copy = read(folder.resolve(name + BACKUP));
        if (json.length == 0 && copy.length > 0) {
            LOG.warn(
                    "rocketmq-state-missing file={} action=\"its last version is read instead\"", folder.resolve(name));
            return parsed(name + BACKUP, copy, parse);
        }
        try {
            return parse.apply(json);
        } catch (JsonException e) {
            if (copy.length == 0) {
                throw damaged(name, e);
            }
            LOG.warn(
                    "rocketmq-state-damaged file={} cause=\"{}\" action=\"its last version is read instead\"",
                    folder.resolve(name),
                    e.getMessage());
            return parsed(name + BACKUP, copy, parse);
        }
    }

    private <T> T parsed(String name, byte[] json, Function<byte[], T> parse) {
        try {
            return parse.apply(json);
        } catch (JsonException e) {
            throw damaged(name, e);
        }
    }

    private IllegalStateException damaged(String name, JsonException cause) {
        return new IllegalStateException(
                folder.resolve(name) + " is damaged: " + cause.getMessage()
                        + "; put a whole version of it in its place, or move it away to go on without its content",
                cause);
    }
}
