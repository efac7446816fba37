package org.merlinmq.client;

import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.HeartbeatBody;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.ProducerEntry;
import org.merlinmq.protocol.bytes.Sink;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.UniqueKey;
import org.merlinmq.protocol.reply.SendReply;
import org.merlinmq.protocol.request.SendRequest;
import org.merlinmq.protocol.request.UnregisterClientRequest;

/**
 * Sends messages.
 *
 * <p>Threading: any thread, many at once; one producer per application is enough. The blocking methods and the first
 * message of a topic must not run on a callback of a future that this class returned: those run on the network thread.
 *
 * <p>Errors: {@link ClientException} with cause and cure, thrown or as the failure of a future. After one that is no
 * plain refusal the message may be stored all the same.
 */
public final class Producer implements AutoCloseable {
    private static final Duration HEARTBEAT = Duration.ofSeconds(30);
    private static final int LEAST_CHARGE_BYTES = 4096;
    private static final int MAX_PROPERTIES_BYTES = 32_767;
    /** What another broker may do better: 1 error, 2 busy, 14 not writable, 16, 17, 204 and 205 of its own kinds. */
    private static final Set<Integer> WORTH_ANOTHER_BROKER = Set.of(1, 2, 14, 16, 17, 204, 205);

    private final Cluster cluster;
    private final ProducerConfig config;
    private final UniqueKey uniqueKeys;
    private final Semaphore inFlight;
    private final AtomicInteger turn =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(1 << 16));

    private Producer(Cluster cluster, ProducerConfig config) {
        this.cluster = cluster;
        this.config = config;
        this.uniqueKeys = new UniqueKey(
                Cluster.localAddress().getAddress(),
                ProcessHandle.current().pid(),
                ThreadLocalRandom.current().nextInt(),
                Clock.system(ZoneId.systemDefault()));
        // Fair, so that flush() is not overtaken for ever.
        this.inFlight = new Semaphore(config.maxInFlightBytes(), true);
    }

    /**
     * Starts a producer. Brokers are connected to when there is something to send.
     *
     * @param client where the nameservers are
     * @param config how to send
     * @return the running producer
     */
    public static Producer start(ClientConfig client, ProducerConfig config) {
        Producer producer = new Producer(new Cluster(client, loop -> Cluster.refusing()), config);
        producer.cluster.every(HEARTBEAT, producer::heartbeat);
        return producer;
    }

    private void heartbeat() {
        cluster.heartbeat(
                cluster.knownMasters(),
                new HeartbeatBody(cluster.clientId(), List.of(), 0, List.of(new ProducerEntry(config.group())), false));
    }

    // ---- sending

    /**
     * Sends a message to one of its topic's queues in turn and waits until it is stored.
     *
     * @param message the message
     * @return where it is and how safely
     * @throws ClientException if it is not known to be stored
     */
    public SendResult send(Message message) {
        return await(sendAsync(message));
    }

    /**
     * Sends a message so that all messages with the same key go to the same queue, as long as the topic's queues stay the
     * same. It is sent again to that queue only.
     *
     * @param message the message
     * @param orderKey what the messages have in common, such as an order's number
     * @return where it is and how safely
     * @throws ClientException if it is not known to be stored
     */
    public SendResult send(Message message, String orderKey) {
        return await(sendAsync(message, orderKey));
    }

    /**
     * Sends a message to a given queue.
     *
     * @param message the message
     * @param queue the queue
     * @return where it is and how safely
     * @throws ClientException if it is not known to be stored
     */
    public SendResult send(Message message, MessageQueueId queue) {
        return await(sendAsync(message, queue));
    }

    /**
     * Sends a message to one of its topic's queues in turn. Waits only for room in flight, and for the route of a topic
     * that is new to this producer.
     *
     * @param message the message
     * @return where it is and how safely; completed on the network thread, so what hangs on it must not block
     */
    public CompletableFuture<SendResult> sendAsync(Message message) {
        return sendAsync(one(message), null);
    }

    /**
     * As {@link #send(Message, String)}, without waiting.
     *
     * @param message the message
     * @param orderKey what the messages have in common
     * @return where it is and how safely; completed on the network thread, so what hangs on it must not block
     */
    public CompletableFuture<SendResult> sendAsync(Message message, String orderKey) {
        List<MessageQueueId> queues = writable(message.topic()).writeQueues();
        return sendAsync(message, queues.get(Math.floorMod(orderKey.hashCode(), queues.size())));
    }

    /**
     * As {@link #send(Message, MessageQueueId)}, without waiting.
     *
     * @param message the message
     * @param queue the queue
     * @return where it is and how safely; completed on the network thread, so what hangs on it must not block
     */
    public CompletableFuture<SendResult> sendAsync(Message message, MessageQueueId queue) {
        if (!queue.topic().equals(message.topic())) {
            throw new IllegalArgumentException(
                    "the message goes to topic " + message.topic() + " and the queue belongs to " + queue.topic());
        }
        return sendAsync(one(message), queue);
    }

    /**
     * Sends messages as one: they are stored one after another in one queue, all or none.
     *
     * @param messages messages of one topic, without delays
     * @return where the first is, and the ids of all
     * @throws ClientException if they are not known to be stored
     */
    public SendResult sendBatch(List<Message> messages) {
        return await(sendBatchAsync(messages));
    }

    /**
     * As {@link #sendBatch}, without waiting.
     *
     * @param messages messages of one topic, without delays
     * @return where the first is, and the ids of all; completed on the network thread, so what hangs on it must not block
     */
    public CompletableFuture<SendResult> sendBatchAsync(List<Message> messages) {
        return sendAsync(batch(messages), null);
    }

    /**
     * Sends a message that no broker confirms: the fastest way, and the only one that may lose it silently.
     *
     * @param message the message
     * @throws ClientException if there is no route or no connection
     */
    public void sendOneway(Message message) {
        Outgoing outgoing = one(message);
        MessageQueueId queue = next(outgoing.topic(), null);
        Frame frame = request(outgoing, queue);
        Frame oneway = new Frame(
                frame.form(),
                frame.code(),
                frame.language(),
                frame.version(),
                0,
                org.merlinmq.protocol.frame.FrameFlag.ONEWAY,
                null,
                frame.fields(),
                frame.body());
        cluster.wait(cluster.oneway(master(outgoing.topic(), queue.brokerName()), oneway));
    }

    /** Waits until everything sent so far has been answered or given up. */
    public void flush() {
        inFlight.acquireUninterruptibly(config.maxInFlightBytes());
        inFlight.release(config.maxInFlightBytes());
    }

    /** Waits for what is in flight, tells the brokers, and closes the connections. */
    @Override
    public void close() {
        flush();
        for (String broker : cluster.knownMasters()) {
            CompletableFuture<Void> unused = cluster.oneway(
                    broker,
                    Frame.oneway(
                            RequestCode.UNREGISTER_CLIENT,
                            new UnregisterClientRequest(cluster.clientId(), config.group(), null),
                            new byte[0]));
        }
        cluster.close();
    }

    private SendResult await(CompletableFuture<SendResult> sending) {
        try {
            return sending.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ClientException("interrupted while sending; the message may be stored", interrupted);
        } catch (java.util.concurrent.ExecutionException failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            throw new ClientException(String.valueOf(cause.getMessage()), cause);
        }
    }

    // ---- what goes out

    /** A message or a batch as it goes out, whatever the queue. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Outgoing(
            String topic, String messageId, byte[] body, int sysFlag, String properties, boolean batch) {}

    private Outgoing one(Message message) {
        String id = idOf(message);
        byte[] body = checked(message).body();
        boolean compress = config.compressFromBytes() > 0 && body.length >= config.compressFromBytes();
        String properties = properties(message, id);
        return new Outgoing(
                message.topic(),
                id,
                compress ? BodyCompression.compress(body) : body,
                compress ? BodyCompression.ZLIB_FLAG : 0,
                properties,
                false);
    }

    private Outgoing batch(List<Message> messages) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a batch needs at least one message");
        }
        String topic = messages.get(0).topic();
        List<String> ids = new ArrayList<>();
        Sink body = new Sink(1024);
        for (Message message : messages) {
            if (!message.topic().equals(topic) || delayed(message)) {
                throw new IllegalArgumentException(
                        "a batch holds messages of one topic and without delay; found one of " + message.topic()
                                + " among those of " + topic + (delayed(message) ? ", with a delay" : ""));
            }
            String id = idOf(message);
            ids.add(id);
            appendItem(
                    body,
                    checked(message).body(),
                    properties(message, id).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        if (body.length() > config.maxBodyBytes()) {
            throw new IllegalArgumentException("a batch of " + messages.size() + " messages has " + body.length()
                    + " bytes and may have " + config.maxBodyBytes() + ": split it");
        }
        return new Outgoing(topic, String.join(",", ids), body.toByteArray(), 0, "", true);
    }

    /** Format: docs/wire, SEND_BATCH_MESSAGE: totalSize, magic 0, crc 0, flag, body, properties. */
    private static void appendItem(Sink out, byte[] body, byte[] properties) {
        out.putInt(22 + body.length + properties.length)
                .putInt(0)
                .putInt(0)
                .putInt(0)
                .putInt(body.length)
                .put(body)
                .putShort(properties.length)
                .put(properties);
    }

    private static boolean delayed(Message message) {
        return message.property(PropertyName.DELAY) != null
                || message.property(PropertyName.TIMER_DELAY_MS) != null
                || message.property(PropertyName.TIMER_DELIVER_MS) != null;
    }

    private String idOf(Message message) {
        String given = message.property(PropertyName.UNIQ_KEY);
        return given == null ? uniqueKeys.next() : given;
    }

    private static String properties(Message message, String id) {
        String text = MessageProperties.write(message.with(PropertyName.UNIQ_KEY, id)
                .with(PropertyName.WAIT, "true")
                .properties());
        if (text.length() > MAX_PROPERTIES_BYTES) {
            throw new IllegalArgumentException("the properties of a message to " + message.topic() + " have "
                    + text.length() + " characters and may have " + MAX_PROPERTIES_BYTES);
        }
        return text;
    }

    private Message checked(Message message) {
        int bytes = message.body().length;
        if (bytes == 0 || bytes > config.maxBodyBytes()) {
            throw new IllegalArgumentException("the body of a message to " + message.topic() + " has " + bytes
                    + " bytes; expected 1 to " + config.maxBodyBytes());
        }
        return message;
    }

    private Frame request(Outgoing outgoing, MessageQueueId queue) {
        SendRequest header = new SendRequest(
                config.group(),
                outgoing.topic(),
                Cluster.TEMPLATE_TOPIC,
                Cluster.TEMPLATE_QUEUES,
                queue.queueId(),
                outgoing.sysFlag(),
                System.currentTimeMillis(),
                0,
                outgoing.properties(),
                0,
                false,
                null,
                outgoing.batch(),
                queue.brokerName());
        return Frame.request(
                outgoing.batch() ? RequestCode.SEND_BATCH_MESSAGE : RequestCode.SEND_MESSAGE_V2,
                header,
                outgoing.body());
    }

    // ---- where to, and again

    private Route writable(String topic) {
        Route route = cluster.routeOrTemplate(topic);
        if (route.writeQueues().isEmpty()) {
            cluster.forgetRoute(topic);
            throw new ClientException("topic " + topic
                    + " has no queue to write to now: is it read-only, or are its brokers without a master?");
        }
        return route;
    }

    /** The next queue in turn, on another broker than the one that has just failed if there is one. */
    private MessageQueueId next(String topic, @Nullable String failedBroker) {
        List<MessageQueueId> queues = writable(topic).writeQueues();
        for (int i = 0; i < queues.size(); i++) {
            MessageQueueId queue = queues.get(Math.floorMod(turn.getAndIncrement(), queues.size()));
            if (!queue.brokerName().equals(failedBroker)) {
                return queue;
            }
        }
        return queues.get(Math.floorMod(turn.getAndIncrement(), queues.size()));
    }

    private String master(String topic, String brokerName) {
        var broker = cluster.routeOrTemplate(topic).broker(brokerName);
        String master = broker == null ? null : Route.master(broker);
        if (master == null) {
            cluster.forgetRoute(topic);
            throw new ClientException("broker " + brokerName + " has no master for topic " + topic + " now: is it up?");
        }
        return master;
    }

    private CompletableFuture<SendResult> sendAsync(Outgoing outgoing, @Nullable MessageQueueId fixed) {
        MessageQueueId first = fixed == null ? next(outgoing.topic(), null) : fixed;
        int charge = Math.min(config.maxInFlightBytes(), Math.max(LEAST_CHARGE_BYTES, outgoing.body().length));
        inFlight.acquireUninterruptibly(charge);
        Attempt attempt = new Attempt(
                outgoing, fixed, System.nanoTime() + config.timeout().toNanos());
        CompletableFuture<SendResult> unused =
                attempt.result.whenComplete((result, failure) -> inFlight.release(charge));
        attempt.to(first);
        return attempt.result;
    }

    /** One message on its way, sent again after failures that another try may mend. */
    private final class Attempt {
        private final Outgoing outgoing;
        private final @Nullable MessageQueueId fixed;
        private final long deadlineNanos;
        private final CompletableFuture<SendResult> result = new CompletableFuture<>();
        private int tries;

        Attempt(Outgoing outgoing, @Nullable MessageQueueId fixed, long deadlineNanos) {
            this.outgoing = outgoing;
            this.fixed = fixed;
            this.deadlineNanos = deadlineNanos;
        }

        void to(MessageQueueId queue) {
            tries++;
            Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
            try {
                String broker = master(outgoing.topic(), queue.brokerName());
                CompletableFuture<Void> unused = cluster.call(broker, request(outgoing, queue), left)
                        .handle((answer, failure) -> {
                            answered(queue, broker, answer, failure);
                            return null;
                        });
            } catch (ClientException failed) {
                again(queue, failed);
            }
        }

        private void answered(
                MessageQueueId queue, String broker, @Nullable Frame answer, @Nullable Throwable failure) {
            if (answer == null) {
                Throwable cause = failure instanceof java.util.concurrent.CompletionException wrapped
                                && wrapped.getCause() != null
                        ? wrapped.getCause()
                        : failure;
                again(
                        queue,
                        new ClientException(
                                "sending to topic " + outgoing.topic() + " failed after " + tries + " of "
                                        + (config.retries() + 1) + " tries: "
                                        + (cause == null ? "unknown" : cause.getMessage()),
                                cause == null ? new IllegalStateException("no cause") : cause));
                return;
            }
            SendStatus status = SendStatus.of(answer.code());
            if (status != null) {
                result.complete(stored(status, answer, queue));
            } else if (WORTH_ANOTHER_BROKER.contains(answer.code())) {
                again(queue, Cluster.refused(answer, "broker " + queue.brokerName() + " at " + broker));
            } else {
                result.completeExceptionally(Cluster.refused(answer, "broker " + queue.brokerName() + " at " + broker));
            }
        }

        private void again(MessageQueueId failed, ClientException why) {
            boolean time = deadlineNanos - System.nanoTime() > 0;
            if (tries > config.retries() || !time) {
                cluster.forgetRoute(outgoing.topic());
                result.completeExceptionally(why);
                return;
            }
            // On the timer's thread, since the route may have to be asked for, and a busy broker gets a breath.
            cluster.later(Duration.ofMillis(10L * tries), () -> {
                try {
                    to(fixed == null ? next(outgoing.topic(), failed.brokerName()) : fixed);
                } catch (ClientException noRoute) {
                    result.completeExceptionally(noRoute);
                }
            });
        }

        private SendResult stored(SendStatus status, Frame answer, MessageQueueId queue) {
            SendReply reply = SendReply.read(answer);
            return new SendResult(
                    status,
                    outgoing.messageId(),
                    reply.msgId(),
                    new MessageQueueId(outgoing.topic(), queue.brokerName(), reply.queueId()),
                    reply.queueOffset(),
                    reply.recallHandle());
        }
    }

    /**
     * The queues that messages of a topic may be sent to now.
     *
     * @param topic the topic
     * @return the queues, at least one
     * @throws ClientException if there is none
     */
    public List<MessageQueueId> queues(String topic) {
        return writable(topic).writeQueues();
    }
}
