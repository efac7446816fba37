package org.merlinmq.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.merlinmq.protocol.body.ConsumeFromWhere;
import org.merlinmq.protocol.body.ConsumeType;
import org.merlinmq.protocol.body.ConsumerEntry;
import org.merlinmq.protocol.body.ConsumerIdList;
import org.merlinmq.protocol.body.HeartbeatBody;
import org.merlinmq.protocol.body.MessageModel;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.ResetOffsets;
import org.merlinmq.protocol.body.SubscriptionEntry;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.request.ConsumerGroupRequest;
import org.merlinmq.protocol.request.SendBackRequest;
import org.merlinmq.protocol.request.UnregisterClientRequest;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.LoopService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member of a consumer group: shares the queues of its topics with the other members, calls a listener with messages,
 * and commits offsets to the brokers. Each message is delivered at least once.
 *
 * <p>Threading: start and close on any thread. The listener runs on the consumer's own threads.
 *
 * <p>Errors: {@link ClientException} from {@link #start}; later failures are logged and tried again.
 */
public final class Consumer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Consumer.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(30);
    private static final Duration REBALANCE = Duration.ofSeconds(20);
    private static final Duration COMMIT = Duration.ofSeconds(5);
    private static final Duration AFTER_FAILED_SEND_BACK = Duration.ofSeconds(5);
    private static final long CLOSE_SECONDS = 10;
    private static final String RETRY_PREFIX = "%RETRY%";

    private final ConsumerConfig config;
    private final Map<String, TagFilter> subscriptions;
    private final MessageListener listener;
    private final Cluster cluster;
    private final QueueClient queueClient;
    private final ExecutorService workers;
    private final long subscribedMillis = System.currentTimeMillis();
    private final Map<MessageQueueId, AssignedQueue> assigned = new ConcurrentHashMap<>();
    private final Set<String> announced = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean rebalanceScheduled = new AtomicBoolean();
    private volatile boolean closed;

    private Consumer(ClientConfig client, ConsumerConfig config, Map<String, String> topics, MessageListener listener) {
        this.config = config;
        this.listener = listener;
        Map<String, TagFilter> filters = new HashMap<>();
        topics.forEach((topic, tags) -> filters.put(topic, TagFilter.of(tags)));
        filters.put(RETRY_PREFIX + config.group(), TagFilter.of("*"));
        this.subscriptions = Map.copyOf(filters);
        LoopService refusing = Cluster.refusing();
        this.cluster = new Cluster(client, loop -> (connection, frame) -> serve(connection, frame, refusing));
        this.queueClient = new QueueClient(cluster);
        AtomicInteger threads = new AtomicInteger();
        this.workers = Executors.newFixedThreadPool(
                config.threads(), task -> new Thread(task, "merlin-consume-" + threads.getAndIncrement()));
    }

    /**
     * Joins the group and begins to consume.
     *
     * @param client where the nameservers are
     * @param config the group and how to consume
     * @param topics topics with the tags of each: {@code *} for all, or tags with {@code ||} between them; the same
     *     at all members
     * @param listener what to do with messages
     * @return the running consumer
     * @throws ClientException if a topic has no route
     */
    public static Consumer start(
            ClientConfig client, ConsumerConfig config, Map<String, String> topics, MessageListener listener) {
        if (topics.isEmpty()) {
            throw new IllegalArgumentException("a consumer needs at least one topic");
        }
        Consumer consumer = new Consumer(client, config, topics, listener);
        try {
            topics.keySet().forEach(consumer.cluster.routes()::of);
        } catch (ClientException noRoute) {
            consumer.workers.shutdown();
            consumer.cluster.close();
            throw noRoute;
        }
        consumer.rebalance();
        consumer.cluster.every(HEARTBEAT, consumer::heartbeat);
        consumer.cluster.every(REBALANCE, consumer::rebalance);
        consumer.cluster.every(COMMIT, consumer::commit);
        return consumer;
    }

    /** The queues that are assigned to this member now, as a copy. */
    public Set<MessageQueueId> assignment() {
        return Set.copyOf(assigned.keySet());
    }

    /** Takes no more messages, waits up to 10 s for those that the listener has, commits, and leaves the group. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        assigned.values().forEach(AssignedQueue::stopPulling);
        workers.shutdown();
        try {
            if (!workers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("consumer-closing group={} cause=\"the listener still runs\"", config.group());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        commit();
        leave();
        cluster.close();
    }

    private void leave() {
        Frame unregister = Frame.request(
                RequestCode.UNREGISTER_CLIENT, new UnregisterClientRequest(cluster.clientId(), null, config.group()));
        for (String broker : announced) {
            try {
                cluster.ask(broker, unregister);
            } catch (ClientException gone) {
                LOG.debug("unregister-failed broker={} cause=\"{}\"", broker, gone.getMessage());
            }
        }
    }

    // ---- membership

    private void heartbeat() {
        Set<String> masters = cluster.routes().knownMasters();
        List<SubscriptionEntry> entries = new ArrayList<>();
        subscriptions.forEach((topic, filter) -> entries.add(filter.entry(topic, subscribedMillis)));
        ConsumerEntry entry = new ConsumerEntry(
                fromWhere(), ConsumeType.CONSUME_PASSIVELY, config.group(), MessageModel.CLUSTERING, entries, false);
        cluster.heartbeat(masters, new HeartbeatBody(cluster.clientId(), List.of(entry), 0, List.of(), false));
        announced.addAll(masters);
    }

    private ConsumeFromWhere fromWhere() {
        if (config.startAt() instanceof StartAt.Time) {
            return ConsumeFromWhere.CONSUME_FROM_TIMESTAMP;
        }
        return config.startAt() instanceof StartAt.First
                ? ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET
                : ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET;
    }

    /** Serves requests from brokers. Runs on the network thread, so what may block goes to the timer. */
    private void serve(Connection connection, FrameScan frame, LoopService refusing) {
        if (frame.code() == RequestCode.NOTIFY_CONSUMER_IDS_CHANGED.number()) {
            if (rebalanceScheduled.compareAndSet(false, true)) {
                cluster.schedule(Duration.ZERO, this::rebalance);
            }
        } else if (frame.code() == RequestCode.RESET_CONSUMER_CLIENT_OFFSET.number()) {
            byte[] body = frame.toFrame().body();
            cluster.schedule(Duration.ZERO, () -> reset(ResetOffsets.read(body)));
        } else {
            refusing.frame(connection, frame);
        }
    }

    private void reset(ResetOffsets to) {
        to.offsetTable().forEach((queue, offset) -> {
            AssignedQueue known = assigned.remove(queue);
            if (known != null) {
                known.drop();
                queueClient.commit(config.group(), queue, offset);
            }
        });
        rebalance();
    }

    private synchronized void rebalance() {
        rebalanceScheduled.set(false);
        if (closed) {
            return;
        }
        if (!announced.containsAll(cluster.routes().knownMasters())) {
            heartbeat();
        }
        subscriptions.forEach((topic, filter) -> {
            try {
                rebalance(topic, filter);
            } catch (ClientException failed) {
                // Also the retry topic before its broker has made it: the next round finds it.
                LOG.debug("rebalance-skipped topic={} cause=\"{}\"", topic, failed.getMessage());
            }
        });
    }

    private void rebalance(String topic, TagFilter filter) {
        List<MessageQueueId> queues = cluster.routes().of(topic).readQueues();
        Set<MessageQueueId> ours = Set.copyOf(AverageAllocation.of(queues, members(topic), cluster.clientId()));
        for (AssignedQueue known : List.copyOf(assigned.values())) {
            if (known.queue().topic().equals(topic) && !ours.contains(known.queue())) {
                known.drop();
                assigned.remove(known.queue());
                known.commit();
            }
        }
        for (MessageQueueId queue : ours) {
            if (!assigned.containsKey(queue)) {
                AssignedQueue fresh = new AssignedQueue(
                        cluster, queueClient, config, queue, filter, this::handle, startOffset(queue));
                assigned.put(queue, fresh);
                fresh.start();
            }
        }
    }

    private List<String> members(String topic) {
        String broker = cluster.routes().of(topic).brokers().stream()
                .map(Route::master)
                .filter(java.util.Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> new ClientException("no broker of topic " + topic + " has a master"));
        Frame answer = cluster.askOk(
                broker,
                Frame.request(RequestCode.GET_CONSUMER_LIST_BY_GROUP, new ConsumerGroupRequest(config.group())));
        return ConsumerIdList.read(answer.body()).consumerIdList();
    }

    private long startOffset(MessageQueueId queue) {
        Long known = queueClient.committed(config.group(), queue);
        if (known != null) {
            return known;
        }
        return queue.topic().startsWith(RETRY_PREFIX)
                ? queueClient.minOffset(queue)
                : Puller.offset(queueClient, queue, config.startAt());
    }

    private void commit() {
        for (AssignedQueue queue : assigned.values()) {
            try {
                queue.commit();
            } catch (ClientException failed) {
                LOG.warn("commit-failed queue={} cause=\"{}\"", queue.queue(), failed.getMessage());
            }
        }
    }

    // ---- messages

    private void handle(AssignedQueue from, List<ReceivedMessage> messages) {
        try {
            workers.execute(() -> consume(from, messages));
        } catch (java.util.concurrent.RejectedExecutionException closing) {
            LOG.debug("messages-left group={} queue={} cause=closing", config.group(), from.queue());
        }
    }

    private void consume(AssignedQueue from, List<ReceivedMessage> messages) {
        if (closed || from.dropped()) {
            return;
        }
        ConsumeResult result;
        try {
            result = listener.onMessages(messages);
        } catch (RuntimeException thrown) { // the application's code is run here
            LOG.warn("listener-failed group={} first={}", config.group(), messages.get(0), thrown);
            result = ConsumeResult.RETRY_LATER;
        }
        for (ReceivedMessage message : messages) {
            if (result == ConsumeResult.SUCCESS || sentBack(message)) {
                from.done(message);
            } else if (!closed) {
                // The broker did not take it back, so it is consumed again here, a little later.
                cluster.schedule(AFTER_FAILED_SEND_BACK, () -> handle(from, List.of(message)));
            }
        }
    }

    private boolean sentBack(ReceivedMessage message) {
        SendBackRequest header = new SendBackRequest(
                message.logOffset(), config.group(), 0, message.messageId(), message.topic(), false, null);
        try {
            String broker = cluster.routes()
                    .master(message.queue().topic(), message.queue().brokerName());
            cluster.askOk(broker, Frame.request(RequestCode.CONSUMER_SEND_MSG_BACK, header));
            return true;
        } catch (ClientException failed) {
            LOG.warn("send-back-failed message={} cause=\"{}\"", message, failed.getMessage());
            return false;
        }
    }
}
