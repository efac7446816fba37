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
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code config} folder of RocketMQ's store: topics, groups, offsets and how far delays were delivered. Never written.
 *
 * <p>RocketMQ writes each file anew every few seconds and keeps the version before, with {@code .bak} behind its name. That one
 * is read where the file is missing, empty or damaged: if RocketMQ is killed while it writes, only the copy is whole.
 *
 * <p>Errors: a file that exists and cannot be read, and has no whole copy, throws a {@link DiskException} that names it,
 * because going on without it would lose its content.
 *
 * <p>Source: the files of a RocketMQ 4.x or 5.x store.
 */
public final class RocketMqState {
    private static final Logger LOG = LoggerFactory.getLogger(RocketMqState.class);

    private static final String TOPICS = "topics.json";
    private static final String GROUPS = "subscriptionGroup.json";
    private static final String OFFSETS = "consumerOffset.json";
    private static final String HALVES_DONE = "RMQ_SYS_TRANS_HALF_TOPIC@CID_RMQ_SYS_TRANS";
    private static final String DELAYS = "delayOffset.json";
    private static final String TIMERS = "timercheck";
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
     * How far delayed messages were delivered. Where the file of the timers is damaged, all that lie in their queue are
     * delivered again: better twice than never.
     *
     * @param nowMillis the time
     * @return {@link RocketMqDelayProgress#NOTHING} if there is no such file
     */
    public RocketMqDelayProgress delayProgress(long nowMillis) {
        Path file = folder.resolve(TIMERS);
        byte[] timers = read(file);
        RocketMqDelayProgress found = parsed(DELAYS, json -> RocketMqDelayProgress.read(json, timers));
        if (Files.exists(file)
                && !(timers.length >= RocketMqDelayProgress.TIMER_BYTES && found.isPossible(nowMillis))) {
            LOG.warn(
                    "rocketmq-timers-damaged file={} bytes={} read={} taken={} effect=\"messages with a delay of their own"
                            + " are delivered again if their segments are there\"",
                    file,
                    timers.length,
                    found.timersReadMillis(),
                    found.timersTaken());
            return found.withoutTimers();
        }
        return found;
    }

    /**
     * How far RocketMQ was with its half messages: all below were decided, given up, or stored anew.
     *
     * @return a queue offset in the queue of half messages; 0 if nothing says so
     */
    public long halvesDone() {
        return parsed(OFFSETS, RocketMqState::halvesDone);
    }

    private static long halvesDone(byte[] json) {
        if (json.length > 0) {
            for (JsonObject.Member entry : JsonReader.readObject(json).membersOf("offsetTable")) {
                if (entry.name().equals(HALVES_DONE)) {
                    for (JsonObject.Member queue : entry.object().members()) {
                        if (queue.keyNumber() == 0) {
                            return Math.max(0, queue.number());
                        }
                    }
                }
            }
        }
        return 0;
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
        if (left.isEmpty()) {
            LOG.info("groups-imported");
        } else {
            LOG.warn("groups-imported except={} cause=\"no group can have these names or settings\"", left);
        }
        int offsetCount = parsed(OFFSETS, json -> json.length == 0 ? 0 : OffsetJson.read(json, offsets));
        LOG.info("offsets-imported count={}", offsetCount);
        noteMissing(TOPICS, "topics are made again from their messages, with default settings");
        noteMissing(GROUPS, "groups have default settings");
        noteMissing(OFFSETS, "each group begins where a new one does; set its offsets if it is to go on elsewhere");
        noteMissing(DELAYS, "messages of the delay levels are delivered again if their segments are there");
    }

    private void noteMissing(String name, String effect) {
        if (!isThere(name)) {
            LOG.warn("rocketmq-state-missing file={} effect=\"{}\"", folder.resolve(name), effect);
        }
    }

    private boolean isThere(String name) {
        return Files.exists(folder.resolve(name)) || Files.exists(folder.resolve(name + BACKUP));
    }

    private static byte[] read(Path file) {
        try {
            return Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        } catch (IOException e) {
            throw new DiskException(
                    file + " cannot be read (" + e.getMessage()
                            + "); make it readable, or move it away to go on without" + " its content",
                    false,
                    e);
        }
    }

    private <T> T parsed(String name, Function<byte[], T> parse) {
        Path file = folder.resolve(name);
        Path copy = folder.resolve(name + BACKUP);
        byte[] json = read(file);
        byte[] former = read(copy);
        String wrong = Files.exists(file) ? "it is empty" : "it is missing";
        try {
            if (json.length > 0 || !isThere(name)) {
                return parse.apply(json);
            }
        } catch (JsonException e) {
            wrong = String.valueOf(e.getMessage());
        }
        if (former.length == 0) {
            throw damaged(file + " is damaged (" + wrong + ")", "a whole version of it in its place, or move it");
        }
        LOG.warn(
                "rocketmq-state-damaged file={} cause=\"{}\" action=\"its last version, {}, is read instead\"",
                file,
                wrong,
                copy.getFileName());
        try {
            return parse.apply(former);
        } catch (JsonException e) {
            String both = file + " (" + wrong + ") and " + copy + " (" + e.getMessage() + ") are damaged";
            throw damaged(both, "a whole version in the place of the first, or move both");
        }
    }

    private static DiskException damaged(String what, String put) {
        return new DiskException(what + "; put " + put + " away to go on without its content", false, null);
    }
}
