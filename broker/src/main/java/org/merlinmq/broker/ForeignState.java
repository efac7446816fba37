package org.merlinmq.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.offset.OffsetJson;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.schedule.DelayOffsets;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.json.JsonException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What RocketMQ left in the {@code config} folder of its store: topics, groups, offsets and how far delays were
 * delivered. Read once, when its store is taken over; never written.
 *
 * <p>Errors: a file that is there and cannot be read ends the start with an {@link IllegalStateException} that names it:
 * going on without it would lose what it says.
 *
 * <p>Source: the files of a RocketMQ 4.x or 5.x store.
 */
public final class ForeignState {
    private static final Logger LOG = LoggerFactory.getLogger(ForeignState.class);

    private final Path folder;

    private ForeignState(Path folder) {
        this.folder = folder;
    }

    /**
     * The state in a folder.
     *
     * @param folder the folder; it need not exist
     * @return its state, possibly none
     */
    public static ForeignState of(Path folder) {
        return new ForeignState(folder);
    }

    /**
     * How far each delay level was delivered.
     *
     * @return by level, the queue offset of the next message; empty if nothing is said
     */
    public Map<Integer, Long> delayOffsets() {
        byte[] json = read("delayOffset.json");
        return json.length == 0 ? Map.of() : parsed("delayOffset.json", () -> DelayOffsets.read(json));
    }

    boolean takeOver(TopicTable topics, GroupTable groups, OffsetTable offsets) {
        byte[] topicsJson = read("topics.json");
        byte[] groupsJson = read("subscriptionGroup.json");
        byte[] offsetsJson = read("consumerOffset.json");
        if (topicsJson.length + groupsJson.length + offsetsJson.length == 0) {
            return false;
        }
        if (topicsJson.length > 0) {
            LOG.info("topics-taken-over count={}", parsed("topics.json", () -> topics.importJson(topicsJson)));
        }
        if (groupsJson.length > 0) {
            LOG.info("groups-taken-over but={}", parsed("subscriptionGroup.json", () -> groups.importJson(groupsJson)));
        }
        if (offsetsJson.length > 0) {
            LOG.info(
                    "offsets-taken-over count={}",
                    parsed("consumerOffset.json", () -> OffsetJson.read(offsetsJson, offsets)));
        }
        return true;
    }

    private byte[] read(String name) {
        Path file = folder.resolve(name);
        try {
            return Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private <T> T parsed(String name, java.util.function.Supplier<T> parse) {
        try {
            return parse.get();
        } catch (JsonException e) {
            throw new IllegalStateException(
                    folder.resolve(name) + " is damaged: " + e.getMessage() + "; put " + name
                            + ".bak in its place, or move it away to go on without it",
                    e);
        }
    }
}
