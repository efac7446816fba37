package org.merlinmq.verification.transaction;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.request.CheckTransactionRequest;
import org.merlinmq.verification.server.RawConnection;
import org.merlinmq.verification.server.Talk;

/**
 * A producer that dies again and again, with transactions that it has not decided; whoever takes its place knows from the
 * number of a message how its transaction ends, as from a database.
 */
final class TransactionalProducer extends Thread {
    static final String GROUP = "TortureProducer";

    private static final int ANSWER_MILLIS = 15_000;
    private static final int IDLE_READ_MILLIS = 100;
    private static final int PREPARED = 4;
    private static final long PAUSE_NANOS = 20_000_000;
    private static final int COMMIT = 8;
    private static final int ROLLBACK = 12;

    private final String topic;
    private final InetSocketAddress broker;
    private final SplittableRandom random;
    private final long firstNumber;
    private final Set<Long> acknowledged;
    private long sent;
    private volatile boolean sending = true;
    private volatile boolean ended;
    volatile @Nullable String wrong;

    TransactionalProducer(
            int id, String topic, InetSocketAddress broker, SplittableRandom random, Set<Long> acknowledged) {
        super("transactional-producer-" + id);
        this.topic = topic;
        this.broker = broker;
        this.random = random;
        this.firstNumber = id * 1_000_000_000L;
        this.acknowledged = acknowledged;
    }

    /** Whether the transaction of a number is committed. */
    static boolean commits(long number) {
        return ((number * 0x9E37_79B9_7F4A_7C15L) >>> 40 & 1) == 0;
    }

    /** Begins no more transactions; goes on to answer what it is asked. */
    void stopSending() {
        sending = false;
    }

    void end() {
        ended = true;
    }

    @Override
    public void run() {
        try {
            while (!ended) {
                live();
            }
        } catch (RuntimeException | AssertionError e) { // where a thread is run: the test must see it
            wrong = getName() + " ended by " + e;
        }
    }

    /** One life of the producer: until it, or the broker, is killed. */
    private void live() {
        try (RawConnection connection = new RawConnection(broker, ANSWER_MILLIS);
                RawConnection idle = new RawConnection(broker, IDLE_READ_MILLIS)) {
            heartbeat(idle);
            for (int i = 1 + random.nextInt(3_000); i > 0 && sending; i--) {
                transaction(connection);
                if (i % 100 == 0) {
                    answer(idle);
                }
            }
            while (!sending && !ended) {
                answer(idle);
            }
        } catch (IOException killed) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void heartbeat(RawConnection connection) throws IOException {
        String body = "{\"clientID\":\"" + getName() + "@" + random.nextLong() + "\",\"consumerDataSet\":[],"
                + "\"producerDataSet\":[{\"groupName\":\"" + GROUP + "\"}]}";
        connection.send(Frame.request(RequestCode.HEART_BEAT, null, body.getBytes(UTF_8)));
    }

    private void transaction(RawConnection connection) throws IOException {
        long number = firstNumber + ++sent;
        Map<String, String> fields = Talk.sendFields(
                topic,
                (int) (number % 4),
                "TRAN_MSG\u0001true\u0002PGROUP\u0001" + GROUP + "\u0002UNIQ_KEY\u0001K" + number + "\u0002");
        fields.put("f", Integer.toString(PREPARED));
        Frame half = connection.call(Frame.request(
                        RequestCode.SEND_MESSAGE_V2, null, Long.toString(number).getBytes(UTF_8))
                .withFields(fields));
        if (!half.isOk()) {
            wrong = "a half message was refused: " + half.code() + " " + half.remark();
            return;
        }
        acknowledged.add(number);
        if (random.nextInt(20) > 0) {
            connection.send(decision(
                    half.requiredLong("queueOffset"),
                    MessageId.decode(half.requiredText("msgId")).logOffset(),
                    commits(number) ? COMMIT : ROLLBACK,
                    "K" + number,
                    false));
        }
    }

    private static Frame decision(long queueOffset, long logOffset, int decision, String key, boolean asked) {
        Map<String, String> fields = new HashMap<>();
        fields.put("producerGroup", GROUP);
        fields.put("tranStateTableOffset", Long.toString(queueOffset));
        fields.put("commitLogOffset", Long.toString(logOffset));
        fields.put("commitOrRollback", Integer.toString(decision));
        fields.put("fromTransactionCheck", Boolean.toString(asked));
        fields.put("msgId", key);
        fields.put("transactionId", key);
        return Frame.oneway(RequestCode.END_TRANSACTION, null, new byte[0]).withFields(fields);
    }

    /** Answers what it was asked meanwhile; sometimes it does not know, or does not answer. */
    private void answer(RawConnection idle) throws IOException {
        RecordView message = new RecordView();
        for (Frame frame = idle.readIfAny(); frame != null; frame = idle.readIfAny()) {
            if (frame.code() != RequestCode.CHECK_TRANSACTION_STATE.number() || random.nextInt(10) == 0) {
                continue;
            }
            CheckTransactionRequest asked = CheckTransactionRequest.read(frame);
            if (!message.on(frame.body(), 0, frame.body().length)) {
                throw new AssertionError("the body of a check is no record");
            }
            long number = Long.parseLong(new String(message.bytes(), message.bodyAt(), message.bodyBytes(), UTF_8));
            int decision = random.nextInt(10) == 0 ? 0 : commits(number) ? COMMIT : ROLLBACK;
            idle.send(decision(asked.tranStateTableOffset(), asked.commitLogOffset(), decision, "K" + number, true));
        }
    }
}
