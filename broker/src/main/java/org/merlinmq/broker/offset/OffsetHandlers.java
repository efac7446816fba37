package org.merlinmq.broker.offset;

import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.Answer;
import org.merlinmq.broker.dispatch.Handlers;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.storage.queue.Queue;

/**
 * Answers where a group stands and what a queue's bounds are, and takes commits.
 *
 * <p>Threading: what reads no message runs on event loops; the rest on virtual threads.
 * <p>Source: requests 14, 15, 29, 30, 31, 32 and 43.
 */
public final class OffsetHandlers {
    private final OffsetTable offsets;
    private final GroupTable groups;
    private final Topics topics;
    private final StoredMessages messages;

    /**
     * Handlers over these tables.
     *
     * @param offsets committed offsets
     * @param groups the groups that exist
     * @param topics the topics that exist
     * @param messages the queues
     */
    public OffsetHandlers(OffsetTable offsets, GroupTable groups, Topics topics, StoredMessages messages) {
        this.offsets = offsets;
        this.groups = groups;
        this.topics = topics;
        this.messages = messages;
    }

    /**
     * Registers requests 14, 15, 29, 30, 31, 32 and 43.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.blocking(RequestCode.QUERY_CONSUMER_OFFSET, this::query)
                .on(RequestCode.UPDATE_CONSUMER_OFFSET, this::update)
                .on(RequestCode.GET_MAX_OFFSET, request -> bound(request, true))
                .on(RequestCode.GET_MIN_OFFSET, request -> bound(request, false))
                .blocking(RequestCode.SEARCH_OFFSET_BY_TIMESTAMP, this::search)
                .blocking(RequestCode.GET_EARLIEST_MSG_STORETIME, this::earliest)
                .blocking(RequestCode.GET_ALL_CONSUMER_OFFSET, request -> Answer.ok(OffsetJson.write(offsets)));
    }

    private static Answer offset(long queueOffset) {
        return Answer.ok(out -> out.put("offset", queueOffset));
    }

    private @Nullable Queue queue(Fields request) {
        return messages.queue(request.requiredText("topic"), request.requiredInt("queueId"));
    }

    Answer query(Fields request) {
        String group = request.requiredText("consumerGroup");
        String topic = request.requiredText("topic");
        int queueId = request.requiredInt("queueId");
        ConsumeProgress known = offsets.find(group, topic);
        if (known != null) {
            long reset = known.reset(queueId);
            long stored = reset == ConsumeProgress.NONE ? known.committed(queueId) : reset;
            if (stored != ConsumeProgress.NONE) {
                return offset(stored);
            }
        }
        if (request.flagOr("setZeroIfNotFound", true) && isYoung(topic, queueId)) {
            return offset(0);
        }
        return Answer.refuse(
                ResponseCode.QUERY_NOT_FOUND,
                "the group " + group + " has no offset in queue " + queueId + " of " + topic
                        + ", maybe it consumes it for the first time");
    }

    private boolean isYoung(String topic, int queueId) {
        Topics.Shape shape = topics.find(topic);
        if (shape == null || queueId < 0 || queueId >= shape.queueCount()) {
            return false;
        }
        Queue queue = messages.queue(topic, queueId);
        return queue == null || messages.isYoung(queue);
    }

    Answer update(Fields request) {
        String group = request.requiredText("consumerGroup");
        String topic = request.requiredText("topic");
        int queueId = request.requiredInt("queueId");
        long queueOffset = request.requiredLong("commitOffset");
        if (groups.find(group) == null) {
            return Answer.refuse(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "Group " + group + " not exist!");
        }
        Topics.Shape shape = topics.find(topic);
        if (shape == null) {
            return Answer.refuse(ResponseCode.TOPIC_NOT_EXIST, "Topic " + topic + " not exist!");
        }
        // A queue that the topic had may still be committed by who consumed it.
        boolean known =
                queueId < shape.queueCount() || offsets.committed(group, topic, queueId) != ConsumeProgress.NONE;
        if (queueId < 0 || !known || queueOffset < 0) {
            return Answer.refuse(
                    ResponseCode.INVALID_PARAMETER,
                    "the queue id lies between 0 and " + (shape.queueCount() - 1) + " in " + topic
                            + ", and an offset is not negative; found queueId " + queueId + " and commitOffset "
                            + queueOffset);
        }
        offsets.commit(group, topic, queueId, queueOffset);
        return Answer.ok();
    }

    Answer bound(Fields request, boolean max) {
        Queue queue = queue(request);
        return offset(queue == null ? 0 : max ? queue.maxOffset() : queue.minOffset());
    }

    Answer search(Fields request) {
        Queue queue = queue(request);
        long timestamp = request.requiredLong("timestamp");
        boolean upper = request.textOr("boundaryType", "LOWER").equalsIgnoreCase("UPPER");
        return offset(queue == null ? 0 : messages.offsetAt(queue, timestamp, upper));
    }

    Answer earliest(Fields request) {
        Queue queue = queue(request);
        long millis = queue == null ? StoredMessages.NO_TIME : messages.storeMillis(queue, queue.minOffset());
        return Answer.ok(out -> out.put("timestamp", millis));
    }
}
