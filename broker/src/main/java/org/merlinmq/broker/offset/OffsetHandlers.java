package org.merlinmq.broker.offset;

import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.reply.OffsetReply;
import org.merlinmq.protocol.reply.TimestampReply;
import org.merlinmq.protocol.request.QueryOffsetRequest;
import org.merlinmq.protocol.request.QueueRequest;
import org.merlinmq.protocol.request.SearchOffsetRequest;
import org.merlinmq.protocol.request.UpdateOffsetRequest;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;

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
        handlers.blocking(
                        RequestCode.QUERY_CONSUMER_OFFSET,
                        Access.of(Resource.GROUP, Action.SUB),
                        request -> query(QueryOffsetRequest.read(request)))
                .on(
                        RequestCode.UPDATE_CONSUMER_OFFSET,
                        Access.of(Resource.GROUP, Action.SUB),
                        request -> update(UpdateOffsetRequest.read(request)))
                .on(
                        RequestCode.GET_MAX_OFFSET,
                        Access.of(Resource.TOPIC, Action.GET),
                        request -> maxOffset(QueueRequest.read(request)))
                .on(
                        RequestCode.GET_MIN_OFFSET,
                        Access.of(Resource.TOPIC, Action.GET),
                        request -> minOffset(QueueRequest.read(request)))
                .blocking(
                        RequestCode.SEARCH_OFFSET_BY_TIMESTAMP,
                        Access.of(Resource.TOPIC, Action.GET),
                        request -> search(SearchOffsetRequest.read(request)))
                .blocking(
                        RequestCode.GET_EARLIEST_MSG_STORETIME,
                        Access.of(Resource.TOPIC, Action.GET),
                        request -> earliest(QueueRequest.read(request)))
                .blocking(
                        RequestCode.GET_ALL_CONSUMER_OFFSET,
                        Access.of(Resource.GROUP, Action.LIST),
                        request -> Answer.ok(OffsetJson.write(offsets)));
    }

    private static Answer offset(long queueOffset) {
        return Answer.ok(new OffsetReply(queueOffset));
    }

    Answer query(QueryOffsetRequest request) {
        groups.findOrCreate(request.consumerGroup());
        ConsumeProgress known = offsets.find(request.consumerGroup(), request.topic());
        if (known != null) {
            long reset = known.reset(request.queueId());
            long stored = reset == ConsumeProgress.NONE ? known.committed(request.queueId()) : reset;
            if (stored != ConsumeProgress.NONE) {
                return offset(stored);
            }
        }
        if (!Boolean.FALSE.equals(request.setZeroIfNotFound()) && isYoung(request.topic(), request.queueId())) {
            return offset(0);
        }
        return Answer.refuse(
                ResponseCode.QUERY_NOT_FOUND,
                "the group " + request.consumerGroup() + " has no offset in queue " + request.queueId() + " of "
                        + request.topic() + ", maybe it consumes it for the first time");
    }

    private boolean isYoung(String topic, int queueId) {
        Topics.Shape shape = topics.find(topic);
        if (shape == null || queueId < 0 || queueId >= shape.queueCount()) {
            return false;
        }
        Queue queue = messages.queue(topic, queueId);
        return queue == null || messages.isYoung(queue);
    }

    Answer update(UpdateOffsetRequest request) {
        String group = request.consumerGroup();
        String topic = request.topic();
        int queueId = request.queueId();
        if (groups.findOrCreate(group) == null) {
            return Answer.refuse(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, groups.whyNone(group));
        }
        Topics.Shape shape = topics.find(topic);
        if (shape == null) {
            return Answer.refuse(ResponseCode.TOPIC_NOT_EXIST, "Topic " + topic + " not exist!");
        }
        // A queue that the topic had before may still be committed by its consumers.
        boolean known =
                queueId < shape.queueCount() || offsets.committed(group, topic, queueId) != ConsumeProgress.NONE;
        if (queueId < 0 || !known || request.commitOffset() < 0) {
            return Answer.refuse(
                    ResponseCode.INVALID_PARAMETER,
                    "the queue id lies between 0 and " + (shape.queueCount() - 1) + " in " + topic
                            + ", and an offset is not negative; found queueId " + queueId + " and commitOffset "
                            + request.commitOffset());
        }
        offsets.commit(group, topic, queueId, request.commitOffset());
        return Answer.ok();
    }

    Answer maxOffset(QueueRequest request) {
        Queue queue = messages.queue(request.topic(), request.queueId());
        return offset(queue == null ? 0 : queue.readableOffset());
    }

    Answer minOffset(QueueRequest request) {
        Queue queue = messages.queue(request.topic(), request.queueId());
        return offset(queue == null ? 0 : queue.minOffset());
    }

    Answer search(SearchOffsetRequest request) {
        Queue queue = messages.queue(request.topic(), request.queueId());
        boolean upper = "UPPER".equalsIgnoreCase(request.boundaryType());
        return offset(queue == null ? 0 : messages.offsetAt(queue, request.timestamp(), upper));
    }

    Answer earliest(QueueRequest request) {
        Queue queue = messages.queue(request.topic(), request.queueId());
        return Answer.ok(new TimestampReply(
                queue == null ? StoredMessages.NO_TIME : messages.storeMillis(queue, queue.minOffset())));
    }
}
