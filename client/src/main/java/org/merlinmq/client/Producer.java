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
 * <p>Errors: {@link ClientException} with cause and cure, thrown or as the failure of a future. After one that is no
 * plain refusal the message may be stored all the same.
 */
public final class Producer implements AutoCloseable {
    private final Cluster cluster;
    private final Greetings greetings;
    private final ProducerConfig config;
    private final Packing packing;
    private final WriteQueues queues;
    private final Underway underway;

    private Producer(ClientConfig client, ProducerConfig config) {
        this.greetings = new Greetings(client, config.group());
        this.cluster = greetings.cluster();
        this.config = config;
        this.packing = new Packing(config);
        this.queues = new WriteQueues(cluster);
        this.underway = new Underway(config.maxInFlightBytes());
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
     * @return where it is and how safely
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
     * @return where it is and how safely
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
     * @return where it is and how safely
     * @throws ClientException if it is not known to be stored
     */
    public SendResult send(Message message, MessageQueueId queue) {
        refuseOnCallback("send");
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
        return sendAsync(packing.one(message), null);
    }

    /**
     * As {@link #send(Message, String)}, without waiting.
     *
     * @param message the message
     * @param orderKey what the messages have in common
     * @return where it is and how safely; completed on the network thread, so what hangs on it must not block
     */
    public CompletableFuture<SendResult> sendAsync(Message message, String orderKey) {
        List<MessageQueueId> all = queues(message.topic());
        return sendAsync(message, all.get(Math.floorMod(orderKey.hashCode(), all.size())));
    }

    /**
     * As {@link #send(Message, MessageQueueId)}, without waiting.
     *
     * @param message the message
     * @param queue the queue
     * @return where it is and how safely; completed on the network thread, so what hangs on it must not block
     */
    public CompletableFuture<SendResult> sendAsync(Message message, MessageQueueId queue) {
        return sendAsync(toQueue(packing.one(message), queue), queue);
    }

    private static Outgoing toQueue(Outgoing outgoing, MessageQueueId queue) {
        if (!queue.topic().equals(outgoing.topic())) {
            throw new IllegalArgumentException(
                    "the message goes to topic " + outgoing.topic() + " and the queue belongs to " + queue.topic());
        }
        return outgoing;
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
     * @return where the first is, and the ids of all; completed on the network thread, so what hangs on it must not block
     */
    public CompletableFuture<SendResult> sendBatchAsync(List<Message> messages) {
        return sendAsync(packing.batch(messages), null);
    }

    /**
     * As {@link #sendBatch}, to a given queue and without waiting.
     *
     * @param messages messages of one topic, without delays
     * @param queue the queue
     * @return where the first is, and the ids of all; completed on the network thread, so what hangs on it must not block
     */
    public CompletableFuture<SendResult> sendBatchAsync(List<Message> messages, MessageQueueId queue) {
        return sendAsync(toQueue(packing.batch(messages), queue), queue);
    }

    /**
     * How much of {@link ProducerConfig#maxBodyBytes} a message takes in a batch.
     *
     * @param message the message
     * @return bytes of its body, its properties and what stands around them
     * @throws IllegalArgumentException if it cannot be sent at all
     */
    public int batchBytes(Message message) {
        return packing.batchBytes(message);
    }

    /**
     * Sends a message that no broker confirms: the fastest way, and the only one that may lose it silently.
     *
     * @param message the message
     * @throws ClientException if there is no route or no connection
     */
    public void sendOneway(Message message) {
        Outgoing outgoing = packing.one(message);
        MessageQueueId queue = queues.next(outgoing.topic(), null);
        Frame frame = outgoing.request(config.group(), queue);
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
        String broker = queues.master(outgoing.topic(), queue.brokerName());
        greetings.first(broker);
        cluster.wait(cluster.oneway(broker, oneway));
    }

    /** Waits until everything sent so far has been answered or given up, and the callbacks on it have run. */
    public void flush() {
        refuseOnCallback("flush");
        underway.flush();
    }

    /** Sends nothing more, waits for what is in flight, tells the brokers, and closes the connections. */
    @Override
    public void close() {
        refuseOnCallback("close");
        underway.close();
        underway.flush();
        for (String broker : greetings.brokers()) {
            CompletableFuture<Void> unused = cluster.oneway(
                    broker,
                    Frame.oneway(
                            RequestCode.UNREGISTER_CLIENT,
                            new UnregisterClientRequest(cluster.clientId(), config.group(), null),
                            new byte[0]));
        }
        cluster.close();
        underway.fail(new ClientException("not known to be stored: the producer was closed while it was sent"));
    }

    /** What would wait here waits for this very thread: for ever. */
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

    private CompletableFuture<SendResult> sendAsync(Outgoing outgoing, @Nullable MessageQueueId fixed) {
        MessageQueueId first = fixed == null ? queues.next(outgoing.topic(), null) : fixed;
        int charge = underway.admit(outgoing.body().length, !cluster.onCallback());
        Attempt attempt = new Attempt(cluster, greetings, queues, config, outgoing, fixed);
        CompletableFuture<SendResult> result = underway.begin(charge, attempt.outcome());
        attempt.to(first);
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
