package org.merlinmq.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameFlag;
import org.merlinmq.protocol.request.UnregisterClientRequest;

/**
 * Sends messages.
 *
 * <p>Threading: any thread, many at once; one producer per application is enough. Callbacks of the futures that this class
 * returns run on the client's own threads: there, the blocking methods throw {@link IllegalStateException}, and
 * {@code sendAsync} fails where it would have to wait, which is for the route of a new topic and for room in flight.
 *
 * <p>Errors: {@link ClientException} with cause and cure, thrown or as the failure of a future. Unless the
 * broker refused it, the message may still be stored.
 */
public final class Producer implements AutoCloseable {
    private final Cluster cluster;
    private final ProducerHeartbeat heartbeat;
    private final ProducerConfig config;
    private final MessageEncoder encoder;
    private final WriteQueues queues;
    private final InFlightLimit inFlight;

    private Producer(ClientConfig client, ProducerConfig config) {
        this.heartbeat = new ProducerHeartbeat(client, config.group());
        this.cluster = heartbeat.cluster();
        this.config = config;
        this.encoder = new MessageEncoder(config);
        this.queues = new WriteQueues(cluster);
        this.inFlight = new InFlightLimit(config.maxInFlightBytes());
    }

    /**
     * Starts a producer. Brokers are connected to when there is something to send.
     *
     * @param client where the nameservers are
     * @param config how to send
     * @return the running producer
     */
    public static Producer start(ClientConfig client, ProducerConfig config) {
        return new Producer(client, config);
    }

    // ---- sending

    /**
     * Sends a message to one of its topic's queues in turn and waits until it is stored.
     *
     * @param message the message
     * @return its queue, offset and status
     * @throws ClientException if it is not known to be stored
     */
    public SendResult send(Message message) {
        refuseOnCallback("send");
        return await(sendAsync(message));
    }

    /**
     * Sends a message so that all messages with the same key go to the same queue, as long as the topic's queues stay the
     * same. It is sent again to that queue only.
     *
     * @param message the message
     * @param orderKey what the messages have in common, such as an order's number
     * @return its queue, offset and status
     * @throws ClientException if it is not known to be stored
     */
    public SendResult send(Message message, String orderKey) {
        refuseOnCallback("send");
        return await(sendAsync(message, orderKey));
    }

    /**
     * Sends a message to a given queue.
     *
     * @param message the message
     * @param queue the queue
     * @return its queue, offset and status
     * @throws ClientException if it is not known to be stored
     */
    public SendResult send(Message message, MessageQueueId queue) {
        refuseOnCallback("send");
        return await(sendAsync(message, queue));
    }

    /**
     * Sends a message to one of its topic's queues in turn. Waits only for room in flight, and for the route of a topic
     * that is new to this producer. The result is completed on the network thread, so its callbacks must not block.
     */
    public CompletableFuture<SendResult> sendAsync(Message message) {
        return sendAsync(encoder.encode(message), null);
    }

    /**
     * As {@link #send(Message, String)}, without waiting.
     *
     * @param message the message
     * @param orderKey what the messages have in common
     * @return its queue, offset and status; completed on the network thread, so its callbacks must not block
     */
    public CompletableFuture<SendResult> sendAsync(Message message, String orderKey) {
        List<MessageQueueId> all = queues(message.topic());
        return sendAsync(message, all.get(Math.floorMod(orderKey.hashCode(), all.size())));
    }

    /**
     * As {@link #send(Message, MessageQueueId)}, without waiting. The result is completed on the network thread, so its
     * callbacks must not block.
     */
    public CompletableFuture<SendResult> sendAsync(Message message, MessageQueueId queue) {
        return sendAsync(toQueue(encoder.encode(message), queue), queue);
    }

    private static EncodedMessage toQueue(EncodedMessage encoded, MessageQueueId queue) {
        if (!queue.topic().equals(encoded.topic())) {
            throw new IllegalArgumentException(
                    "the message goes to topic " + encoded.topic() + " and the queue belongs to " + queue.topic());
        }
        return encoded;
    }

    /**
     * Sends messages as one: they are stored one after another in one queue, all or none.
     *
     * @param messages messages of one topic, without delays
     * @return where the first is, and the ids of all
     * @throws ClientException if they are not known to be stored
     */
    public SendResult sendBatch(List<Message> messages) {
        refuseOnCallback("sendBatch");
        return await(sendBatchAsync(messages));
    }

    /**
     * As {@link #sendBatch}, without waiting.
     *
     * @param messages messages of one topic, without delays
     * @return where the first is, and the ids of all; completed on the network thread, so its callbacks must not block
     */
    public CompletableFuture<SendResult> sendBatchAsync(List<Message> messages) {
        return sendAsync(encoder.encodeBatch(messages), null);
    }

    /**
     * As {@link #sendBatch}, to a given queue and without waiting.
     *
     * @param messages messages of one topic, without delays
     * @param queue the queue
     * @return where the first is, and the ids of all; completed on the network thread, so its callbacks must not block
     */
    public CompletableFuture<SendResult> sendBatchAsync(List<Message> messages, MessageQueueId queue) {
        return sendAsync(toQueue(encoder.encodeBatch(messages), queue), queue);
    }

    /**
     * How much of {@link ProducerConfig#maxBodyBytes} a message takes in a batch.
     *
     * @param message the message
     * @return bytes of its body, its properties and what stands around them
     * @throws IllegalArgumentException if it cannot be sent at all
     */
    public int batchBytes(Message message) {
        return encoder.batchBytes(message);
    }

    /**
     * Sends a message that no broker confirms: the fastest way, and the only one that may lose it silently.
     *
     * @param message the message
     * @throws ClientException if there is no route or no connection
     */
    public void sendOneway(Message message) {
        EncodedMessage encoded = encoder.encode(message);
        MessageQueueId queue = queues.next(encoded.topic(), null);
        Frame frame = encoded.request(config.group(), queue);
        Frame oneway = new Frame(
                frame.form(),
                frame.code(),
                frame.language(),
                frame.version(),
                0,
                FrameFlag.ONEWAY,
                null,
                frame.fields(),
                frame.body());
        String broker = queues.master(encoded.topic(), queue.brokerName());
        heartbeat.beforeSend(broker);
        cluster.wait(cluster.oneway(broker, oneway));
    }

    /** Waits until everything sent so far has been answered or given up, and the callbacks on it have run. */
    public void flush() {
        refuseOnCallback("flush");
        inFlight.flush();
    }

    /** Stops sending, waits for messages in flight, unregisters at the brokers, and closes the connections. */
    @Override
    public void close() {
        refuseOnCallback("close");
        inFlight.close();
        inFlight.flush();
        for (String broker : heartbeat.brokers()) {
            CompletableFuture<Void> unused = cluster.oneway(
                    broker,
                    Frame.oneway(
                            RequestCode.UNREGISTER_CLIENT,
                            new UnregisterClientRequest(cluster.clientId(), config.group(), null),
                            new byte[0]));
        }
        cluster.close();
        inFlight.fail(new ClientException("not known to be stored: the producer was closed while it was sent"));
    }

    /** A blocking call on this thread would wait for itself. */
    private void refuseOnCallback(String method) {
        if (cluster.onCallback()) {
            throw new IllegalStateException(
                    method + " waits, and a callback of this client must not: use sendAsync or a thread of your own");
        }
    }

    private SendResult await(CompletableFuture<SendResult> sending) {
        try {
            return sending.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ClientException("interrupted while sending; the message may be stored", interrupted);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            throw new ClientException(String.valueOf(cause.getMessage()), cause);
        }
    }

    private CompletableFuture<SendResult> sendAsync(EncodedMessage encoded, @Nullable MessageQueueId fixed) {
        MessageQueueId first = fixed == null ? queues.next(encoded.topic(), null) : fixed;
        int charge = inFlight.acquire(encoded.body().length, !cluster.onCallback());
        RetryingSend send = new RetryingSend(cluster, heartbeat, queues, config, encoded, fixed);
        CompletableFuture<SendResult> result = inFlight.track(charge, send.outcome());
        send.to(first);
        return result;
    }

    /**
     * The queues that messages of a topic may be sent to now.
     *
     * @param topic the topic
     * @return the queues, at least one
     * @throws ClientException if there is none
     */
    public List<MessageQueueId> queues(String topic) {
        return queues.of(topic);
    }
}
