package org.merlinmq.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.ClusterTable;
import org.merlinmq.protocol.body.ConsumeStats;
import org.merlinmq.protocol.body.ConsumerConnections;
import org.merlinmq.protocol.body.DedupState;
import org.merlinmq.protocol.body.DedupStateList;
import org.merlinmq.protocol.body.DelayedMessage;
import org.merlinmq.protocol.body.DelayedMessageList;
import org.merlinmq.protocol.body.KvTable;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.ProducerConnections;
import org.merlinmq.protocol.body.PropertiesText;
import org.merlinmq.protocol.body.QueueProgress;
import org.merlinmq.protocol.body.QueueStats;
import org.merlinmq.protocol.body.RateLimitList;
import org.merlinmq.protocol.body.RateLimitState;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.protocol.body.ResetOffsets;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.body.SubscriptionGroupTable;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicConfigTable;
import org.merlinmq.protocol.body.TopicList;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.body.TopicStats;
import org.merlinmq.protocol.body.TransactionPage;
import org.merlinmq.protocol.body.TransactionView;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.Header;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.reply.MessageIdReply;
import org.merlinmq.protocol.request.ConsumeStatsRequest;
import org.merlinmq.protocol.request.ConsumerGroupRequest;
import org.merlinmq.protocol.request.CreateTopicRequest;
import org.merlinmq.protocol.request.DelayedMessageRequest;
import org.merlinmq.protocol.request.DeleteGroupRequest;
import org.merlinmq.protocol.request.ForgetTopicRequest;
import org.merlinmq.protocol.request.ListDelayedRequest;
import org.merlinmq.protocol.request.ProducerGroupRequest;
import org.merlinmq.protocol.request.PromoteRequest;
import org.merlinmq.protocol.request.QueryMessageRequest;
import org.merlinmq.protocol.request.RecallMessageRequest;
import org.merlinmq.protocol.request.ResetOffsetRequest;
import org.merlinmq.protocol.request.TopicRequest;
import org.merlinmq.protocol.request.TransactionListRequest;
import org.merlinmq.protocol.request.TransactionRequest;
import org.merlinmq.protocol.request.ViewMessageRequest;
import org.merlinmq.transport.HostPort;

/**
 * Looks at a cluster and changes it: topics, groups, offsets, messages, brokers.
 *
 * <p>Threading: any thread; every method blocks.
 *
 * <p>Errors: {@link ClientException} with cause and cure. A change that concerns several brokers is made on one after
 * another; after a failure some have it and others do not, and it may be made again.
 */
public final class Admin implements AutoCloseable {
    /** The topic that clients send their traces to unless they are configured otherwise. */
    public static final String TRACE_TOPIC = "RMQ_SYS_TRACE_TOPIC";

    private static final int ANY_QUEUE = -1;
    private static final int TRANSACTIONS_A_PAGE = 500;

    /** What a broker gives out at once. */
    private static final int MAX_DELAYED_PAGE = 256;

    /** As many as a broker answers with at most. */
    private static final int MAX_TRACES = 64;

    private final Cluster cluster;
    private final QueueClient queueClient;

    private Admin(Cluster cluster) {
        this.cluster = cluster;
        this.queueClient = new QueueClient(cluster);
    }

    /**
     * Makes an administrator. Servers are connected to when something is asked.
     *
     * @param client where the nameservers are
     * @return the administrator
     */
    public static Admin open(ClientConfig client) {
        return new Admin(new Cluster(client, loop -> Cluster.refusing()));
    }

    /** Closes the connections. */
    @Override
    public void close() {
        cluster.close();
    }

    // ---- the cluster

    /**
     * All brokers that are registered.
     *
     * @return clusters and their broker groups
     */
    public ClusterTable cluster() {
        Frame answer = cluster.nameservers().askOk(Frame.request(RequestCode.GET_BROKER_CLUSTER_INFO, null));
        return ClusterTable.read(answer.body());
    }

    /**
     * The masters that are registered.
     *
     * @param clusterName of this cluster; null for all
     * @return addresses in the order of broker names
     * @throws ClientException if there is none
     */
    public List<String> masters(@Nullable String clusterName) {
        List<String> masters = new ArrayList<>();
        for (BrokerAddresses broker : new TreeMap<>(cluster().brokerAddrTable()).values()) {
            String master = Route.master(broker);
            if (master != null && (clusterName == null || clusterName.equals(broker.cluster()))) {
                masters.add(master);
            }
        }
        if (masters.isEmpty()) {
            throw new ClientException("no master is registered"
                    + (clusterName == null ? "" : " in cluster " + clusterName)
                    + ": is a broker up, and does it know this nameserver?");
        }
        return masters;
    }

    /**
     * A broker's figures.
     *
     * @param address the broker's {@code host:port}
     * @return names and values as text
     */
    public SortedMap<String, String> runtime(String address) {
        Frame answer = cluster.askOk(address, Frame.request(RequestCode.GET_BROKER_RUNTIME_INFO, null));
        return new TreeMap<>(KvTable.read(answer.body()).table());
    }

    /**
     * A broker's settings.
     *
     * @param address the broker's {@code host:port}
     * @return names and values as text
     */
    public SortedMap<String, String> brokerConfig(String address) {
        return PropertiesText.read(cluster.askOk(address, Frame.request(RequestCode.GET_BROKER_CONFIG, null))
                .body());
    }

    /**
     * Changes settings of a broker while it runs.
     *
     * @param address the broker's {@code host:port}
     * @param settings names and values; others stay
     */
    public void updateBrokerConfig(String address, Map<String, String> settings) {
        cluster.askOk(address, Frame.request(RequestCode.UPDATE_BROKER_CONFIG, null, PropertiesText.write(settings)));
    }

    // ---- topics

    /**
     * All topics that a nameserver knows, the system's own among them.
     *
     * @return names in order
     */
    public List<String> topics() {
        Frame answer = cluster.nameservers().askOk(Frame.request(RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER, null));
        return List.copyOf(new TreeSet<>(TopicList.read(answer.body()).topicList()));
    }

    /**
     * Where a topic lives.
     *
     * @param topic the topic
     * @return its brokers and queues, asked for anew
     * @throws ClientException if it lives nowhere
     */
    public TopicRoute route(String topic) {
        cluster.routes().forget(topic);
        TopicRoute found = cluster.routes().find(topic);
        if (found == null) {
            cluster.routes().of(topic);
            throw new ClientException("the route of topic " + topic + " has changed just now: ask again");
        }
        return found;
    }

    /**
     * The topics of one broker with their settings.
     *
     * @param address the broker's {@code host:port}
     * @return settings by name, in order
     */
    public SortedMap<String, TopicConfig> topicConfigs(String address) {
        Frame answer = cluster.askOk(address, Frame.request(RequestCode.GET_ALL_TOPIC_CONFIG, null));
        return new TreeMap<>(TopicConfigTable.read(answer.body()).topicConfigTable());
    }

    /**
     * Creates a topic or changes it, on every master.
     *
     * @param topic name and settings
     */
    public void createTopic(TopicConfig topic) {
        createTopic(topic, masters(null));
    }

    /**
     * Creates a topic or changes it.
     *
     * @param topic name and settings
     * @param addresses on these masters
     */
    public void createTopic(TopicConfig topic, Collection<String> addresses) {
        CreateTopicRequest header = new CreateTopicRequest(
                topic.topicName(),
                Routes.TEMPLATE_TOPIC,
                topic.readQueueNums(),
                topic.writeQueueNums(),
                topic.perm(),
                topic.topicFilterType(),
                topic.topicSysFlag(),
                topic.order(),
                attributes(topic.attributes()),
                null);
        for (String address : addresses) {
            cluster.askOk(address, Frame.request(RequestCode.UPDATE_AND_CREATE_TOPIC, header));
        }
        cluster.routes().forget(topic.topicName());
    }

    /** Attributes as a change: a plus sign sets one, a minus sign removes it. */
    private static @Nullable String attributes(Map<String, String> attributes) {
        if (attributes.isEmpty()) {
            return null;
        }
        List<String> changes = new ArrayList<>();
        attributes.forEach((name, value) ->
                changes.add(name.startsWith("-") ? name : (name.startsWith("+") ? "" : "+") + name + "=" + value));
        return String.join(",", changes);
    }

    /**
     * Deletes a topic with its messages, on every master and from the nameserver's routes.
     *
     * @param topic the topic
     */
    public void deleteTopic(String topic) {
        for (String address : masters(null)) {
            cluster.askOk(address, Frame.request(RequestCode.DELETE_TOPIC_IN_BROKER, new TopicRequest(topic)));
        }
        cluster.nameservers()
                .sendToAll(Frame.request(RequestCode.DELETE_TOPIC_IN_NAMESRV, new ForgetTopicRequest(topic, null)));
        cluster.routes().forget(topic);
    }

    /**
     * How far a topic's queues reach.
     *
     * @param topic the topic
     * @return first and last offset of each queue, in order
     */
    public SortedMap<MessageQueueId, QueueStats> topicStats(String topic) {
        SortedMap<MessageQueueId, QueueStats> all = new TreeMap<>(Route.ORDER);
        for (String address : mastersOf(topic)) {
            Frame answer =
                    cluster.askOk(address, Frame.request(RequestCode.GET_TOPIC_STATS_INFO, new TopicRequest(topic)));
            all.putAll(TopicStats.read(answer.body()).offsetTable());
        }
        return all;
    }

    private Set<String> mastersOf(String topic) {
        Set<String> masters = new LinkedHashSet<>();
        for (BrokerAddresses broker : cluster.routes().of(topic).brokers()) {
            String master = Route.master(broker);
            if (master != null) {
                masters.add(master);
            }
        }
        return masters;
    }

    // ---- groups

    /**
     * The consumer groups that any master knows.
     *
     * @return settings by name, in order
     */
    public SortedMap<String, SubscriptionGroup> groups() {
        SortedMap<String, SubscriptionGroup> all = new TreeMap<>();
        for (String address : masters(null)) {
            Frame answer = cluster.askOk(address, Frame.request(RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG, null));
            all.putAll(SubscriptionGroupTable.read(answer.body()).subscriptionGroupTable());
        }
        return all;
    }

    /**
     * Creates a consumer group or changes it, on every master.
     *
     * @param group name and settings
     */
    public void createGroup(SubscriptionGroup group) {
        byte[] body = group.write();
        for (String address : masters(null)) {
            cluster.askOk(address, Frame.request(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, null, body));
        }
    }

    /**
     * Deletes a consumer group, on every master.
     *
     * @param group the group
     * @param offsetsToo whether what it has committed goes as well
     */
    public void deleteGroup(String group, boolean offsetsToo) {
        for (String address : masters(null)) {
            cluster.askOk(
                    address,
                    Frame.request(RequestCode.DELETE_SUBSCRIPTIONGROUP, new DeleteGroupRequest(group, offsetsToo)));
        }
    }

    /**
     * How far a group has come, against how far its queues reach.
     *
     * @param group the group
     * @param topic of this topic; null for all that it consumes
     * @return progress of each queue, in order; none if no broker knows the group
     */
    public SortedMap<MessageQueueId, QueueProgress> progress(String group, @Nullable String topic) {
        SortedMap<MessageQueueId, QueueProgress> all = new TreeMap<>(Route.ORDER);
        Header header = new ConsumeStatsRequest(group, topic, null);
        for (String address : masters(null)) {
            Frame answer = cluster.askOk(address, Frame.request(RequestCode.GET_CONSUME_STATS, header));
            all.putAll(ConsumeStats.read(answer.body()).offsetTable());
        }
        return all;
    }

    /**
     * The members of a consumer group that are connected now.
     *
     * @param group the group
     * @return for each master that knows a member, its members and subscriptions, by address
     */
    public SortedMap<String, ConsumerConnections> consumerConnections(String group) {
        SortedMap<String, ConsumerConnections> all = new TreeMap<>();
        Frame request = Frame.request(RequestCode.GET_CONSUMER_CONNECTION_LIST, new ConsumerGroupRequest(group));
        for (String address : masters(null)) {
            Frame answer = cluster.ask(address, request);
            if (answer.code() != ResponseCode.CONSUMER_NOT_ONLINE.number()) {
                all.put(
                        address,
                        ConsumerConnections.read(Cluster.ok(answer, address).body()));
            }
        }
        return all;
    }

    /**
     * The members of a producer group that are connected now.
     *
     * @param group the group
     * @return for each master that knows a member, its members, by address
     */
    public SortedMap<String, ProducerConnections> producerConnections(String group) {
        SortedMap<String, ProducerConnections> all = new TreeMap<>();
        Frame request = Frame.request(RequestCode.GET_PRODUCER_CONNECTION_LIST, new ProducerGroupRequest(group));
        for (String address : masters(null)) {
            Frame answer = cluster.ask(address, request);
            if (answer.isOk()) {
                all.put(address, ProducerConnections.read(answer.body()));
            }
        }
        return all;
    }

    // ---- offsets

    /** The oldest message of a queue. */
    public long minOffset(MessageQueueId queue) {
        return queueClient.minOffset(queue);
    }

    /** The end of a queue: one past the newest message's offset. */
    public long maxOffset(MessageQueueId queue) {
        return queueClient.maxOffset(queue);
    }

    /**
     * Finds a place in a queue by time.
     *
     * @param queue the queue
     * @param timeMillis milliseconds since 1970
     * @return the offset of the first message stored then or later
     */
    public long searchOffset(MessageQueueId queue, long timeMillis) {
        return queueClient.searchOffset(queue, timeMillis);
    }

    /**
     * What a group has committed for a queue.
     *
     * @param group the group
     * @param queue the queue
     * @return the next offset to consume, or −1 if nothing was committed
     */
    public long committed(String group, MessageQueueId queue) {
        Long known = queueClient.committed(group, queue);
        return known == null ? -1 : known;
    }

    /**
     * Commits for a group. A member that is online overwrites it with its own progress; see {@link #resetOffsets}.
     *
     * @param group the group
     * @param queue the queue
     * @param offset the next offset to consume
     */
    public void commit(String group, MessageQueueId queue, long offset) {
        queueClient.commit(group, queue, offset);
    }

    /**
     * Lets a group consume a topic again, or skip: all its queues go to where they were at a time, at members that are
     * online too.
     *
     * @param group the group
     * @param topic the topic
     * @param timeMillis milliseconds since 1970; −1 for the end
     * @return the offset of each queue, in order
     */
    public SortedMap<MessageQueueId, Long> resetOffsets(String group, String topic, long timeMillis) {
        SortedMap<MessageQueueId, Long> all = new TreeMap<>(Route.ORDER);
        Frame request = Frame.request(
                RequestCode.INVOKE_BROKER_TO_RESET_OFFSET,
                new ResetOffsetRequest(topic, group, timeMillis, true, ANY_QUEUE, null));
        for (BrokerAddresses broker : cluster.routes().of(topic).brokers()) {
            String master = Route.master(broker);
            if (master != null) {
                Frame answer = cluster.ask(master, request);
                // A broker of 4.x resets through members only; without one, committing is all there is to do.
                all.putAll(
                        answer.code() == ResponseCode.CONSUMER_NOT_ONLINE.number()
                                ? commitByTime(group, topic, broker.brokerName(), timeMillis)
                                : ResetOffsets.read(Cluster.ok(answer, master).body())
                                        .offsetTable());
            }
        }
        return all;
    }

    private Map<MessageQueueId, Long> commitByTime(String group, String topic, String brokerName, long timeMillis) {
        Map<MessageQueueId, Long> done = new TreeMap<>(Route.ORDER);
        for (MessageQueueId queue : cluster.routes().of(topic).readQueues()) {
            if (queue.brokerName().equals(brokerName)) {
                long offset =
                        timeMillis < 0 ? queueClient.maxOffset(queue) : queueClient.searchOffset(queue, timeMillis);
                queueClient.commit(group, queue, offset);
                done.put(queue, offset);
            }
        }
        return done;
    }

    // ---- transactions

    /**
     * Visits transactions that nobody has decided, of all masters, in the order in which each stored them.
     *
     * @param group only of this producer group; null for all
     * @param topic only for this topic; null for all
     * @param givenUp those that the broker gave up, in place of those that are open
     * @param each takes them; false ends the visit
     */
    public void transactions(
            @Nullable String group, @Nullable String topic, boolean givenUp, Predicate<TransactionView> each) {
        for (String address : masters(null)) {
            long cursor = 0;
            while (cursor != TransactionPage.LAST) {
                Frame request = Frame.request(
                        RequestCode.LIST_TRANSACTIONS,
                        new TransactionListRequest(group, topic, givenUp, cursor, TRANSACTIONS_A_PAGE));
                TransactionPage page =
                        TransactionPage.read(cluster.askOk(address, request).body());
                for (TransactionView transaction : page.transactions()) {
                    if (!each.test(transaction)) {
                        return;
                    }
                }
                cursor = page.nextCursor();
            }
        }
    }

    /**
     * Looks for a transaction that nobody has decided.
     *
     * @param id the transaction's id, or the message id of its half message
     * @return the transaction; null if it is neither open nor given up
     */
    public @Nullable TransactionView transaction(String id) {
        Frame request = Frame.request(RequestCode.SHOW_TRANSACTION, new TransactionRequest(id, null));
        for (String address : masters(null)) {
            Frame answer = cluster.ask(address, request);
            if (answer.code() != ResponseCode.QUERY_NOT_FOUND.number()) {
                return TransactionView.read(Cluster.ok(answer, address).body());
            }
        }
        return null;
    }

    /**
     * Commits a transaction by hand: its message is delivered.
     *
     * @param id the transaction's id, or the message id of its half message
     * @return false if it is neither open nor given up
     */
    public boolean commitTransaction(String id) {
        return decideTransaction(id, TransactionRequest.COMMIT);
    }

    /**
     * Rolls a transaction back by hand: its message is not delivered.
     *
     * @param id the transaction's id, or the message id of its half message
     * @return false if it is neither open nor given up
     */
    public boolean rollBackTransaction(String id) {
        return decideTransaction(id, TransactionRequest.ROLLBACK);
    }

    /**
     * Has the broker ask a producer about a transaction now.
     *
     * @param id the transaction's id, or the message id of its half message
     * @return false if it is neither open nor given up
     */
    public boolean checkTransaction(String id) {
        return decideTransaction(id, TransactionRequest.CHECK);
    }

    private boolean decideTransaction(String id, String decision) {
        Frame request = Frame.request(RequestCode.DECIDE_TRANSACTION, new TransactionRequest(id, decision));
        for (String address : masters(null)) {
            Frame answer = cluster.ask(address, request);
            if (answer.code() != ResponseCode.QUERY_NOT_FOUND.number()) {
                Cluster.ok(answer, address);
                return true;
            }
        }
        return false;
    }

    // ---- messages

    /**
     * Finds messages by one of their keys.
     *
     * @param topic the topic
     * @param key the key
     * @param max how many at most from each broker
     * @param beginMillis stored at this time or later, in milliseconds since 1970
     * @param endMillis stored at this time or earlier
     * @return the messages in the order of their storing
     */
    public List<ReceivedMessage> queryByKey(String topic, String key, int max, long beginMillis, long endMillis) {
        return query(
                new QueryMessageRequest(topic, key, max, beginMillis, endMillis, null, null, false),
                message -> message.keys().contains(key));
    }

    /**
     * Finds a message by the id that its producer gave it.
     *
     * @param topic the topic
     * @param messageId the id, as {@link SendResult#messageId()} returned it
     * @return the messages of that id in the order of their storing: one, or more if it was sent again or retried
     */
    public List<ReceivedMessage> queryByUniqueKey(String topic, String messageId) {
        return query(
                new QueryMessageRequest(topic, messageId, 32, 0, Long.MAX_VALUE, null, null, true),
                message -> messageId.equals(message.messageId()));
    }

    /**
     * What clients that trace wrote down about a message.
     *
     * @param traceTopic the topic that they send their traces to, {@link #TRACE_TOPIC} if they were not told another
     * @param messageId the id that its producer gave the message
     * @return the events in the order of their times; none if no client has traced it, or its traces were deleted
     */
    public List<TraceEvent> trace(String traceTopic, String messageId) {
        List<TraceEvent> found = new ArrayList<>();
        Map<String, TraceEvent> begun = new HashMap<>();
        for (ReceivedMessage traces : queryByKey(traceTopic, messageId, MAX_TRACES, 0, Long.MAX_VALUE)) {
            for (TraceEvent event : TraceEvent.read(traces.bodyText(), traces.bornHost())) {
                if (event.messageId().equals(messageId)) {
                    found.add(event);
                    if (event.kind() == TraceEvent.Kind.CONSUMING) {
                        begun.put(event.requestId(), event);
                    }
                }
            }
        }
        found.replaceAll(event -> event.begun(begun.get(event.requestId())));
        found.sort(Comparator.comparingLong(TraceEvent::atMillis).thenComparing(TraceEvent::kind));
        return found;
    }

    /** Brokers find by hash; what is something else falls out here. */
    private List<ReceivedMessage> query(
            QueryMessageRequest header, java.util.function.Predicate<ReceivedMessage> wanted) {
        List<ReceivedMessage> found = new ArrayList<>();
        Frame request = Frame.request(RequestCode.QUERY_MESSAGE, header);
        for (BrokerAddresses broker : cluster.routes().of(header.topic()).brokers()) {
            String master = Route.master(broker);
            if (master != null) {
                Frame answer = cluster.ask(master, request);
                if (answer.code() != ResponseCode.QUERY_NOT_FOUND.number()) {
                    QueueClient.records(Cluster.ok(answer, master).body(), broker.brokerName()).stream()
                            .filter(wanted)
                            .forEach(found::add);
                }
            }
        }
        found.sort(
                Comparator.comparingLong(ReceivedMessage::storeMillis).thenComparingLong(ReceivedMessage::logOffset));
        return found;
    }

    /**
     * Reads a message by the broker's id.
     *
     * @param offsetMessageId the id, as {@link SendResult#offsetMessageId()} returned it; it contains the broker's address
     * @return the message
     * @throws ClientException if the broker is not there or has no such message any more
     */
    public ReceivedMessage viewById(String offsetMessageId) {
        MessageId id = MessageId.decode(offsetMessageId);
        String address = new HostPort(id.host(), id.port()).toString();
        Frame answer = cluster.askOk(
                address, Frame.request(RequestCode.VIEW_MESSAGE_BY_ID, new ViewMessageRequest(id.logOffset(), null)));
        List<ReceivedMessage> found = QueueClient.records(answer.body(), address);
        if (found.isEmpty()) {
            throw new ClientException("broker " + address + " has no message " + offsetMessageId);
        }
        return found.get(0);
    }

    // ---- other requests

    /**
     * Sends a request that this class has no method for; docs/wire describes them.
     *
     * @param address the broker's or nameserver's {@code host:port}
     * @param code the request's number
     * @param fields its header's fields
     * @param body its body; empty for none
     * @return the answer's body
     * @throws IllegalArgumentException if there is no request of this number
     * @throws ClientException if the server cannot be reached or refuses
     */
    public byte[] ask(String address, int code, Map<String, String> fields, byte[] body) {
        return answer(address, code, fields, body).body();
    }

    /**
     * As {@link #ask}, for a request that is answered with fields.
     *
     * @param address the broker's or nameserver's {@code host:port}
     * @param code the request's number
     * @param fields its header's fields
     * @return the answer's fields
     * @throws IllegalArgumentException if there is no request of this number
     * @throws ClientException if the server cannot be reached or refuses
     */
    public Map<String, String> askForFields(String address, int code, Map<String, String> fields) {
        return answer(address, code, fields, new byte[0]).fields();
    }

    private Frame answer(String address, int code, Map<String, String> fields, byte[] body) {
        RequestCode known = RequestCode.of(code);
        if (known == null) {
            throw new IllegalArgumentException("there is no request of number " + code);
        }
        return cluster.askOk(address, Frame.request(known, null, body).withFields(fields));
    }

    // ---- rate limits

    /**
     * The rate limits of topics and groups, with what has waited for them.
     *
     * @param address the broker's {@code host:port}
     * @return in order of kind, name and direction
     */
    public List<RateLimitState> limits(String address) {
        Frame answer = cluster.askOk(address, Frame.request(RequestCode.LIST_RATE_LIMITS, null));
        return RateLimitList.read(answer.body()).limits();
    }

    // ---- replication

    /**
     * What a broker is among those that have the same log.
     *
     * @param address the broker's {@code host:port}
     * @return its role, its log, and who copies it; null if it is none of MerlinMQ's that know the request
     */
    public @Nullable ReplicationStatus replication(String address) {
        Frame answer = cluster.ask(address, Frame.request(RequestCode.SHOW_REPLICATION, null));
        if (answer.code() == ResponseCode.REQUEST_CODE_NOT_SUPPORTED.number()) {
            return null;
        }
        return ReplicationStatus.read(Cluster.ok(answer, address).body());
    }

    /**
     * Has a slave stand for the master of its group; {@link #replication} shows what comes of it.
     *
     * @param address the slave's {@code host:port}
     * @param force to lead also if too few others answer: what only they have is lost
     */
    public void promote(String address, boolean force) {
        cluster.askOk(address, Frame.request(RequestCode.PROMOTE_BROKER, new PromoteRequest(force)));
    }

    // ---- deduplication

    /**
     * The topics in which a broker finds duplicates, with how far back.
     *
     * @param address the broker's {@code host:port}
     * @return in the order of the topics' names
     */
    public List<DedupState> dedupWindows(String address) {
        Frame answer = cluster.askOk(address, Frame.request(RequestCode.LIST_DEDUP_WINDOWS, null));
        return DedupStateList.read(answer.body()).windows();
    }

    // ---- delayed messages

    /**
     * Lists messages that wait for their time, of all masters that have any, in the order of their due times.
     *
     * @param topic of this topic; null for all
     * @param fromMillis none due before this time, in milliseconds since 1970
     * @param toMillis none due at this time or later
     * @param max how many at most
     * @return the first of them
     */
    public List<DelayedMessage> delayed(@Nullable String topic, long fromMillis, long toMillis, int max) {
        List<DelayedMessage> all = new ArrayList<>();
        for (String address : masters(null)) {
            String cursor = null;
            int left = max;
            do {
                DelayedMessageList page = delayedPage(
                        address,
                        new ListDelayedRequest(topic, fromMillis, toMillis, cursor, Math.min(left, MAX_DELAYED_PAGE)));
                all.addAll(page.messages());
                left -= page.messages().size();
                cursor = page.cursor();
            } while (cursor != null && left > 0);
        }
        all.sort(java.util.Comparator.comparingLong(DelayedMessage::dueMillis));
        return List.copyOf(all.subList(0, Math.min(max, all.size())));
    }

    private DelayedMessageList delayedPage(String address, ListDelayedRequest header) {
        Frame answer = cluster.askOk(address, Frame.request(RequestCode.LIST_DELAYED_MESSAGES, header));
        return DelayedMessageList.read(answer.body());
    }

    /**
     * Counts the messages that wait for their time, whatever their topics.
     *
     * @return how many, over all masters
     */
    public long delayedCount() {
        long sum = 0;
        for (String address : masters(null)) {
            sum += delayedPage(address, new ListDelayedRequest(null, 0, 0, null, 1))
                    .pending();
        }
        return sum;
    }

    /**
     * Reads a message that waits for its time. Its topic is that of the schedule; {@link ReceivedMessage#properties()} have
     * its own one, as {@code REAL_TOPIC}, and if it has no delay level when it is due, as {@code TIMER_OUT_MS}.
     *
     * @param topic its own topic
     * @param id its unique key or message id, as {@link #delayed} lists them
     * @return the message
     * @throws ClientException if no master has it, or it waits no more
     */
    public ReceivedMessage delayedMessage(String topic, String id) {
        DelayedAnswer answer = askForDelayed(RequestCode.GET_DELAYED_MESSAGE, topic, id);
        return QueueClient.records(answer.frame().body(), answer.address()).get(0);
    }

    /**
     * Cancels a message that waits for its time: it is never delivered.
     *
     * @param topic its own topic
     * @param id its unique key or message id, as {@link #delayed} lists them
     * @return its unique key
     * @throws ClientException if no master has it, or it waits no more
     */
    public String cancelDelayed(String topic, String id) {
        return MessageIdReply.read(askForDelayed(RequestCode.CANCEL_DELAYED_MESSAGE, topic, id)
                        .frame())
                .msgId();
    }

    /**
     * Cancels a message that waits for its time, as its producer does by what the answer to its send has.
     *
     * @param topic its own topic
     * @param handle the {@code recallHandle}
     * @return its unique key
     * @throws ClientException if it waits no more, or the handle is none
     */
    public String recall(String topic, String handle) {
        ClientException refused = null;
        for (String address : mastersOf(topic)) {
            Frame answer = cluster.ask(
                    address, Frame.request(RequestCode.RECALL_MESSAGE, new RecallMessageRequest(topic, handle, null)));
            if (answer.isOk()) {
                return MessageIdReply.read(answer).msgId();
            }
            refused = Cluster.refused(answer, address);
        }
        throw refused != null ? refused : new ClientException("the topic " + topic + " has no master");
    }

    private record DelayedAnswer(Frame frame, String address) {}

    private DelayedAnswer askForDelayed(RequestCode code, String topic, String id) {
        Frame request = Frame.request(code, new DelayedMessageRequest(topic, id));
        ClientException refused = null;
        for (String address : masters(null)) {
            Frame answer = cluster.ask(address, request);
            if (answer.isOk()) {
                return new DelayedAnswer(answer, address);
            }
            // What a broker that has the message says counts more than that others do not have it.
            if (refused == null || answer.code() != ResponseCode.QUERY_NOT_FOUND.number()) {
                refused = Cluster.refused(answer, address);
            }
        }
        throw refused != null ? refused : new ClientException("no master is registered");
    }
}
