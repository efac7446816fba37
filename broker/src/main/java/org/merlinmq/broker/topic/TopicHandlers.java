package org.merlinmq.broker.topic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.QueueStats;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicConfigList;
import org.merlinmq.protocol.body.TopicList;
import org.merlinmq.protocol.body.TopicStats;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.reply.TopicPageReply;
import org.merlinmq.protocol.request.CreateTopicRequest;
import org.merlinmq.protocol.request.TopicPageRequest;
import org.merlinmq.protocol.request.TopicRequest;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * The requests on topics: 17, 18, 215 change them, 21, 202, 305 and 351 show them.
 *
 * <p>Threading: changes and long answers on virtual threads, since a change is answered when it is on disk and nameservers
 * know it.
 *
 * <p>Format: docs/wire. Source: protocol sheets "Topic configuration" and "Stats".
 */
public final class TopicHandlers {
    private final TopicTable topics;
    private final String brokerName;
    private final Runnable makeDurable;
    private final Runnable awaitNameservers;
    private final BooleanSupplier isSlave;
    private final TopicFacts facts;

    /**
     * The handlers of one broker.
     *
     * @param topics its topics
     * @param brokerName its name, which stands in answers on queues
     * @param makeDurable run before a change is answered: syncs the state log, or nothing where messages are not synced either
     * @param awaitNameservers returns when nameservers have the changes so far
     * @param isSlave whether the broker takes its topics from a master now
     * @param facts what only the store and the counters know
     */
    public TopicHandlers(
            TopicTable topics,
            String brokerName,
            Runnable makeDurable,
            Runnable awaitNameservers,
            BooleanSupplier isSlave,
            TopicFacts facts) {
        this.topics = topics;
        this.brokerName = brokerName;
        this.makeDurable = makeDurable;
        this.awaitNameservers = awaitNameservers;
        this.isSlave = isSlave;
        this.facts = facts;
    }

    /**
     * Adds these handlers to the broker's.
     *
     * @param handlers the broker's handlers
     */
    public void register(Handlers handlers) {
        handlers.blocking(
                        RequestCode.UPDATE_AND_CREATE_TOPIC,
                        Access.of(Resource.TOPIC, Action.CREATE),
                        request -> update(CreateTopicRequest.read(request)))
                .blocking(
                        RequestCode.UPDATE_AND_CREATE_TOPIC_LIST,
                        Access.of(Resource.TOPIC, Action.CREATE),
                        request -> updateList(request.body()))
                .blocking(
                        RequestCode.DELETE_TOPIC_IN_BROKER,
                        Access.of(Resource.TOPIC, Action.DELETE),
                        request -> delete(TopicRequest.read(request)))
                .blocking(
                        RequestCode.GET_ALL_TOPIC_CONFIG,
                        Access.of(Resource.TOPIC, Action.LIST),
                        request -> all(TopicPageRequest.read(request)))
                .blocking(
                        RequestCode.GET_TOPIC_STATS_INFO,
                        Access.of(Resource.TOPIC, Action.GET),
                        request -> stats(TopicRequest.read(request)))
                .on(
                        RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_BROKER,
                        Access.of(Resource.TOPIC, Action.LIST),
                        request -> systemTopics())
                .on(
                        RequestCode.GET_TOPIC_CONFIG,
                        Access.of(Resource.TOPIC, Action.GET),
                        request -> config(TopicRequest.read(request)));
    }

    Answer update(CreateTopicRequest header) {
        if (isSlave.getAsBoolean()) {
            return slave();
        }
        TopicConfig wanted = new TopicConfig(
                header.topic().trim(),
                header.readQueueNums(),
                header.writeQueueNums(),
                header.perm(),
                header.topicFilterType(),
                header.topicSysFlag(),
                header.order(),
                Map.of());
        AttributeEdits edits;
        try {
            edits = AttributeEdits.parse(Objects.requireNonNullElse(header.attributes(), ""));
        } catch (IllegalArgumentException e) {
            return Answer.refuse(ResponseCode.SYSTEM_ERROR, String.valueOf(e.getMessage()));
        }
        return changed(List.of(topics.put(wanted, edits)));
    }

    Answer updateList(byte[] body) {
        if (isSlave.getAsBoolean()) {
            return slave();
        }
        List<TopicConfig> wanted = TopicConfigList.read(body).topicConfigList();
        if (wanted.isEmpty()) {
            return Answer.refuse(ResponseCode.INVALID_PARAMETER, "topicConfigList has no topic.");
        }
        List<TopicChange> changes = new ArrayList<>();
        for (TopicConfig topic : wanted) {
            TopicChange change = topics.put(topic);
            changes.add(change);
            if (change instanceof TopicChange.Refused) {
                break;
            }
        }
        return changed(changes);
    }

    /** Answers when what was changed is on disk and known; the first refusal is the answer all the same. */
    private Answer changed(List<TopicChange> changes) {
        Refusal refusal = null;
        boolean any = false;
        for (TopicChange change : changes) {
            switch (change) {
                case TopicChange.Changed changed -> any = true;
                case TopicChange.Unchanged unchanged -> {}
                case TopicChange.Refused refused -> refusal = refused.refusal();
            }
        }
        if (any) {
            makeDurable.run();
            awaitNameservers.run();
        }
        return refusal == null ? Answer.ok() : Answer.refuse(refusal);
    }

    Answer delete(TopicRequest request) {
        if (isSlave.getAsBoolean()) {
            return slave();
        }
        Refusal refusal = topics.delete(request.topic().trim());
        if (refusal != null) {
            return Answer.refuse(refusal);
        }
        makeDurable.run();
        return Answer.ok();
    }

    private static Answer slave() {
        return Answer.refuse(
                ResponseCode.SYSTEM_ERROR,
                "This broker is a slave: change topics on its master, which passes them on.");
    }

    Answer all(TopicPageRequest page) {
        DataVersion version = topics.version();
        List<TopicConfig> configs = topics.configs();
        int total = configs.size();
        int from = Math.min(pageStart(page, version), total);
        int max = Math.max(0, Objects.requireNonNullElse(page.maxTopicNum(), total));
        List<TopicConfig> shown = configs.subList(from, (int) Math.min((long) from + max, total));
        return Answer.ok(new TopicPageReply(total), TopicsJson.write(shown, version));
    }

    /** Where the page starts; at the start again if the table has changed since the pages before. */
    private static int pageStart(TopicPageRequest page, DataVersion version) {
        int from = Math.max(0, Objects.requireNonNullElse(page.topicSeq(), 0));
        String seen = page.dataVersion();
        return seen == null
                        || seen.isBlank()
                        || DataVersion.read(Bytes.utf8(seen)).equals(version)
                ? from
                : 0;
    }

    Answer config(TopicRequest request) {
        String name = request.topic();
        Topic topic = topics.find(name);
        if (topic == null) {
            return missing(name);
        }
        return Answer.ok(topic.config().write());
    }

    Answer systemTopics() {
        return Answer.ok(new TopicList(null, List.copyOf(topics.rules().systemNames())).write());
    }

    Answer stats(TopicRequest request) {
        String name = request.topic();
        Topic topic = topics.find(name);
        if (topic == null) {
            return missing(name);
        }
        TopicConfig config = topic.config();
        Map<MessageQueueId, QueueStats> queues = new LinkedHashMap<>();
        for (int id = 0; id < Math.max(config.readQueueNums(), config.writeQueueNums()); id++) {
            queues.put(new MessageQueueId(name, brokerName, id), queueStats(topic.findQueue(id)));
        }
        return Answer.ok(new TopicStats(queues, facts.putPerSecond(name)).write());
    }

    private QueueStats queueStats(@Nullable Queue queue) {
        if (queue == null || queue.maxOffset() == 0) {
            return new QueueStats(0, 0, 0);
        }
        long max = queue.readableOffset();
        long min = queue.minOffset();
        return new QueueStats(max > min ? facts.lastStoreMillis(queue) : 0, max, min);
    }

    private static Answer missing(String topic) {
        return Answer.refuse(ResponseCode.TOPIC_NOT_EXIST, "The topic " + topic + " does not exist on this broker.");
    }
}
