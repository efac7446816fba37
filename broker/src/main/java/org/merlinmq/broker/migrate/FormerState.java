package org.merlinmq.broker.migrate;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.GroupForbidden;
import org.merlinmq.protocol.body.RequestMode;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.state.FormerStateLog;

/**
 * Topics, groups and offsets as version 0.1.0 kept them in a journal of its own. Only read.
 *
 * <p>Threading: one thread.
 *
 * <p>Errors: a {@link DiskException} if a record is of a type or format that 0.1.0 did not write.
 *
 * <p>Format: docs/formats/former-state.md.
 */
final class FormerState {
    private static final int GROUP = 20;
    private static final int GROUP_REMOVED = 21;
    private static final int REQUEST_MODE = 22;
    private static final int FORBIDDEN = 23;
    private static final int OFFSETS = 30;
    private static final int RESETS = 31;
    private static final int GROUP_OFFSETS_REMOVED = 32;
    private static final int TOPIC_OFFSETS_REMOVED = 33;
    private static final int IMPORTING_ROCKETMQ = 40;
    private static final int TOPIC_PUT = 0x100;
    private static final int TOPIC_DELETED = 0x101;
    private static final int TOPICS_VERSION = 0x102;

    private static final int TOPIC_FORMAT = 1;

    /** A queue of a topic that a group reads. */
    record Place(String group, String topic, int queueId) {}

    final Map<String, TopicConfig> topics = new TreeMap<>();

    /** Deleted and not made again; that their queues are gone is not certain. */
    final List<String> deletedTopics = new ArrayList<>();

    DataVersion version = new DataVersion(0, 0, 0);
    final Map<String, SubscriptionGroup> groups = new TreeMap<>();
    final List<GroupForbidden> forbidden = new ArrayList<>();
    final Map<String, RequestMode> modes = new TreeMap<>();
    final Map<Place, Long> offsets = new HashMap<>();
    final Map<Place, Long> resets = new HashMap<>();

    /** RocketMQ's tables were being imported when it crashed: they hold what is not here. */
    boolean importing;

    private FormerState() {}

    static FormerState read(FormerStateLog log) {
        FormerState state = new FormerState();
        log.replay(state::apply);
        return state;
    }

    private void apply(int type, byte[] record) {
        switch (type) {
            case GROUP -> {
                SubscriptionGroup group = SubscriptionGroup.read(record);
                groups.put(group.groupName(), group);
            }
            case GROUP_REMOVED -> {
                groups.remove(text(record));
                forbidden.removeIf(each -> each.group().equals(text(record)));
            }
            case REQUEST_MODE -> {
                RequestMode mode = RequestMode.read(record);
                modes.put(mode.topic() + ' ' + mode.consumerGroup(), mode);
            }
            case FORBIDDEN -> forbid(GroupForbidden.read(record));
            case OFFSETS -> readOffsets(record, offsets);
            case RESETS -> readOffsets(record, resets);
            case GROUP_OFFSETS_REMOVED -> {
                offsets.keySet().removeIf(place -> place.group.equals(text(record)));
                resets.keySet().removeIf(place -> place.group.equals(text(record)));
            }
            case TOPIC_OFFSETS_REMOVED -> {
                offsets.keySet().removeIf(place -> place.topic.equals(text(record)));
                resets.keySet().removeIf(place -> place.topic.equals(text(record)));
            }
            case TOPIC_PUT, TOPIC_DELETED, TOPICS_VERSION -> readTopic(type, record);
            case IMPORTING_ROCKETMQ -> importing = true;
            default -> throw unknown("a record of type " + type, null);
        }
    }

    private static String text(byte[] record) {
        return Bytes.text(record, 0, record.length);
    }

    private void forbid(GroupForbidden one) {
        forbidden.removeIf(
                each -> each.group().equals(one.group()) && each.topic().equals(one.topic()));
        if (!one.readable()) {
            forbidden.add(one);
        }
    }

    /** Repeated to the record's end: group and topic with their lengths in two bytes, queueId 4, queueOffset 8. */
    private static void readOffsets(byte[] record, Map<Place, Long> into) {
        ByteBuffer in = ByteBuffer.wrap(record);
        while (in.hasRemaining()) {
            String group = StateTypes.name(in);
            Place place = new Place(group, StateTypes.name(in), in.getInt());
            long queueOffset = in.getLong();
            if (queueOffset < 0) {
                into.remove(place);
            } else {
                into.put(place, queueOffset);
            }
        }
    }

    /** Format 1, counter 8, stateVersion 8, timestamp 8; then the topic's name; then its configuration. */
    private void readTopic(int type, byte[] record) {
        try {
            ByteBuffer in = ByteBuffer.wrap(record);
            int format = in.get();
            if (format != TOPIC_FORMAT) {
                throw unknown("a topic of format " + format, null);
            }
            DataVersion with = new DataVersion(in.getLong(), in.getLong(), in.getLong());
            version = with.counter() >= version.counter() ? with : version;
            if (type == TOPICS_VERSION) {
                return;
            }
            String name = StateTypes.name(in);
            topics.remove(name);
            deletedTopics.remove(name);
            if (type == TOPIC_DELETED) {
                deletedTopics.add(name);
            } else {
                topics.put(name, readConfig(name, in));
            }
        } catch (BufferUnderflowException e) {
            throw unknown("a topic's record that ends after " + record.length + " bytes", e);
        }
    }

    /** Its checksum was right. */
    private static DiskException unknown(String what, @Nullable Throwable cause) {
        return new DiskException(
                "the state of version 0.1.0 in the folder merlin has " + what
                        + ", which that version did not write; start the version of MerlinMQ that wrote it",
                false,
                cause);
    }

    private static TopicConfig readConfig(String name, ByteBuffer in) {
        int readQueues = in.getInt();
        int writeQueues = in.getInt();
        int perm = in.getInt();
        int sysFlag = in.getInt();
        boolean order = in.get() != 0;
        String filterType = StateTypes.name(in);
        Map<String, String> attributes = new TreeMap<>();
        for (int left = in.getShort(); left > 0; left--) {
            attributes.put(StateTypes.name(in), StateTypes.name(in));
        }
        return new TopicConfig(name, readQueues, writeQueues, perm, filterType, sysFlag, order, attributes);
    }
}
