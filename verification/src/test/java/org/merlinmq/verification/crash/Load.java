package org.merlinmq.verification.crash;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.verification.server.RawConnection;
import org.merlinmq.verification.server.Talk;

/** Producers that send one after another until the server is gone, and write down each acknowledgement. */
final class Load {
    private static final int ANSWER_MILLIS = 30_000;

    private final String topic;
    private final InetSocketAddress broker;
    private final Acknowledged acknowledged;
    private final List<Thread> threads = new ArrayList<>();
    private final Queue<String> refusals = new ConcurrentLinkedQueue<>();

    Load(String topic, InetSocketAddress broker, Acknowledged acknowledged) {
        this.topic = topic;
        this.broker = broker;
        this.acknowledged = acknowledged;
    }

    void start(int producers, SplittableRandom random) {
        for (int i = 0; i < producers; i++) {
            SplittableRandom own = random.split();
            Thread thread = new Thread(() -> produce(own), "producer-" + i);
            threads.add(thread);
            thread.start();
        }
    }

    /** Waits until all producers have seen that the server is gone; what was refused before that is an error. */
    List<String> awaitEnd() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        return List.copyOf(refusals);
    }

    private void produce(SplittableRandom random) {
        try (RawConnection connection = new RawConnection(broker, ANSWER_MILLIS)) {
            while (refusals.isEmpty()) {
                if (random.nextInt(10) == 0) {
                    sendBatch(connection, random);
                } else {
                    sendOne(connection, random);
                }
            }
        } catch (IOException killed) {
            // The server was killed: what had no answer is neither there nor missing.
            assert !threads.isEmpty();
        } catch (RuntimeException wrong) { // where a thread is run: an answer that is none must fail the test
            refusals.add("a producer ended by " + wrong);
        }
    }

    private void sendOne(RawConnection connection, SplittableRandom random) throws IOException {
        byte[] body = body(random);
        int queue = random.nextInt(acknowledged.queues());
        acknowledged.attempt(hash(body));
        Frame reply = connection.call(Frame.request(RequestCode.SEND_MESSAGE_V2, null, body)
                .withFields(Talk.sendFields(topic, queue, "TAGS\u0001T" + random.nextInt(4) + "\u0002")));
        if (isStored(reply)) {
            acknowledged.acknowledge(queue, reply.requiredLong("queueOffset"), hash(body));
        }
    }

    private void sendBatch(RawConnection connection, SplittableRandom random) throws IOException {
        int queue = random.nextInt(acknowledged.queues());
        ByteWriter batch = new ByteWriter();
        List<Long> hashes = new ArrayList<>();
        for (int i = 2 + random.nextInt(6); i > 0; i--) {
            byte[] body = body(random);
            byte[] properties = "TAGS\u0001B\u0002".getBytes(UTF_8);
            batch.putInt(4 * 5 + body.length + 2 + properties.length)
                    .putInt(0)
                    .putInt(0)
                    .putInt(0);
            batch.putInt(body.length).put(body).putShort(properties.length).put(properties);
            hashes.add(hash(body));
            acknowledged.attempt(hash(body));
        }
        Map<String, String> fields = Talk.sendFields(topic, queue, "WAIT\u0001true\u0002");
        fields.put("m", "true");
        Frame reply = connection.call(Frame.request(RequestCode.SEND_BATCH_MESSAGE, null, batch.toByteArray())
                .withFields(fields));
        if (isStored(reply)) {
            long first = reply.requiredLong("queueOffset");
            for (int i = 0; i < hashes.size(); i++) {
                acknowledged.acknowledge(queue, first + i, hashes.get(i));
            }
        }
    }

    private boolean isStored(Frame reply) {
        if (!reply.isOk()) {
            refusals.add("a send was answered " + reply.code() + ": " + reply.remark());
        }
        return reply.isOk();
    }

    /** Mostly small, sometimes large, never twice the same: the first 16 bytes are drawn as well. */
    private static byte[] body(SplittableRandom random) {
        int bytes = random.nextInt(50) == 0 ? 16 + random.nextInt(100_000) : 16 + random.nextInt(1_500);
        byte[] body = new byte[bytes];
        random.nextBytes(body);
        return body;
    }

    static long hash(byte[] body) {
        return Bytes.hash64(body, 0, body.length);
    }
}
