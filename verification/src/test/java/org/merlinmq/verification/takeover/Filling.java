package org.merlinmq.verification.takeover;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import org.awaitility.Awaitility;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.verification.server.Talk;

/** Gives a broker some of everything that a store can hold. */
final class Filling {
    static final String GROUP = "TakeGroup";
    static final String MANY = "TakeMany";
    static final String DELAYED = "TakeDelayed";
    static final String TIMED = "TakeTimed";
    static final String TRANSACTIONS = "TakeTransactions";
    static final String RETRIES = "%RETRY%" + GROUP;
    static final int QUEUES = 4;

    private static final int COMPRESSED = 1;
    private static final int PREPARED = 4;
    private static final int COMMIT = 8;
    private static final int ROLLBACK = 12;
    private static final int LONG_BODY_BYTES = 700 << 10;

    private final Talk broker;
    private final SplittableRandom random;
    private final boolean timers;
    private int unique;
    private Map<String, String> openHalf = Map.of();

    Filling(Talk broker, long seed, boolean timers) {
        this.broker = broker;
        this.random = new SplittableRandom(seed);
        this.timers = timers;
    }

    /** All that is over when the broker stops. */
    void fill() throws IOException {
        broker.topic(MANY, QUEUES);
        broker.topic(DELAYED, 2);
        broker.topic(TIMED, 1);
        broker.topic(TRANSACTIONS, 1);
        broker.topic("TakeNarrow", 8, 2, 6, false);
        group();
        delayed("early", 1);
        if (timers) {
            timed("early", 1_000);
        }
        transactions();
        for (int round = 0; round < 4; round++) {
            messages(60);
            batch(10);
            broker.send(RequestCode.SEND_MESSAGE_V2, MANY, round, COMPRESSED, properties("zip"), compressed());
            broker.send(RequestCode.SEND_MESSAGE_V2, MANY, round, 0, properties("long"), longBody());
        }
        broker.send("TakeNarrow", 1, "", "no properties at all");
        consume();
        broker.topic("TakeReadOnly", 3, 1, 4, true);
    }

    /** The 4.4 line makes dead letters unreadable until an administrator says otherwise. */
    void letDeadLettersBeRead() throws IOException {
        broker.topic("%DLQ%" + GROUP, 1);
    }

    /** What is still to be delivered when the broker stops. */
    void delayMore() throws IOException {
        delayed("pending", 3);
        delayed("far", 18);
        sendBack(1, 3);
        if (timers) {
            timed("pending", 10_000);
            timed("far", 7_200_000);
        }
    }

    /** How many delayed messages of level 1 there are, with the one that was given back. */
    static int earlyOfLevel1() {
        return 4;
    }

    private String properties(String keys) {
        return "KEYS\u0001" + keys + "\u0002UNIQ_KEY\u0001" + uniqueKey() + "\u0002WAIT\u0001true\u0002TAGS\u0001Tag"
                + random.nextInt(3) + "\u0002";
    }

    private String uniqueKey() {
        return "7F0000010000AAAA0000%012X".formatted(++unique);
    }

    private void messages(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            String body = "größer 漢字 " + i + "x".repeat(random.nextInt(4_000));
            broker.send(MANY, random.nextInt(QUEUES), properties("k" + i + " schlüssel" + (i & 15)), body);
        }
    }

    private void batch(int count) throws IOException {
        ByteWriter body = new ByteWriter();
        for (int i = 0; i < count; i++) {
            byte[] text = ("one of a batch " + i).getBytes(UTF_8);
            byte[] properties = properties("batch" + i).getBytes(UTF_8);
            body.putInt(22 + text.length + properties.length)
                    .putInt(0)
                    .putInt(0)
                    .putInt(i);
            body.putInt(text.length).put(text).putShort(properties.length).put(properties);
        }
        broker.send(RequestCode.SEND_BATCH_MESSAGE, MANY, 2, 0, "WAIT\u0001true\u0002", body.toByteArray());
    }

    private static byte[] compressed() {
        Deflater deflater = new Deflater(5);
        deflater.setInput("again and again ".repeat(1_000).getBytes(UTF_8));
        deflater.finish();
        byte[] bytes = new byte[4_096];
        int length = deflater.deflate(bytes);
        deflater.end();
        return java.util.Arrays.copyOf(bytes, length);
    }

    private byte[] longBody() {
        byte[] body = new byte[LONG_BODY_BYTES];
        random.nextBytes(body);
        return body;
    }

    private void delayed(String what, int level) throws IOException {
        for (int i = 0; i < 3; i++) {
            broker.send(DELAYED, i & 1, properties(what) + "DELAY\u0001" + level + "\u0002", what + " " + i);
        }
    }

    private void timed(String what, long millis) throws IOException {
        for (int i = 0; i < 3; i++) {
            broker.send(TIMED, 0, properties(what) + "TIMER_DELAY_MS\u0001" + millis + "\u0002", what + " " + i);
        }
    }

    /** The decision, to commit, on the transaction that is left open. */
    Map<String, String> openHalf() {
        return openHalf;
    }

    private void transactions() throws IOException {
        for (int end : new int[] {COMMIT, ROLLBACK, PREPARED}) {
            String id = uniqueKey();
            String properties = "UNIQ_KEY\u0001" + id + "\u0002TRAN_MSG\u0001true\u0002PGROUP\u0001TakeProducer\u0002";
            Frame half = broker.send(
                    RequestCode.SEND_MESSAGE_V2,
                    TRANSACTIONS,
                    0,
                    PREPARED,
                    properties,
                    ("ends as " + end).getBytes(UTF_8));
            if (end == PREPARED) {
                openHalf = end(half, id, COMMIT);
            } else {
                broker.ask(RequestCode.END_TRANSACTION, end(half, id, end), new byte[0]);
            }
        }
    }

    private static Map<String, String> end(Frame half, String id, int how) {
        Map<String, String> fields = new HashMap<>();
        fields.put("producerGroup", "TakeProducer");
        fields.put("tranStateTableOffset", half.requiredText("queueOffset"));
        fields.put("commitLogOffset", Long.toString(logOffset(half)));
        fields.put("commitOrRollback", Integer.toString(how));
        fields.put("fromTransactionCheck", "false");
        fields.put("msgId", id);
        fields.put("transactionId", id);
        fields.put("topic", TRANSACTIONS);
        return fields;
    }

    private static long logOffset(Frame reply) {
        return MessageId.decode(reply.requiredText("msgId")).logOffset();
    }

    private void consume() throws IOException {
        for (int queueId = 0; queueId < QUEUES; queueId++) {
            Map<String, String> fields = new HashMap<>(Map.of("consumerGroup", GROUP, "topic", MANY));
            fields.put("queueId", Integer.toString(queueId));
            fields.put("commitOffset", Integer.toString(5 + queueId));
            broker.ask(RequestCode.UPDATE_CONSUMER_OFFSET, fields, new byte[0]);
        }
        sendBack(0, 1);
        sendBack(2, -1);
    }

    /** Gives back the message at an offset of queue 0. */
    private void sendBack(int queueOffset, int delayLevel) throws IOException {
        Awaitility.await("the queue's entry").until(() -> broker.maxOffset(MANY, 0) > queueOffset);
        byte[] message = broker.read(MANY, 0).get(queueOffset);
        Map<String, String> fields = new HashMap<>(Map.of("group", GROUP, "originTopic", MANY, "unitMode", "false"));
        fields.put("offset", Long.toString(Served.record(message).logOffset()));
        fields.put("delayLevel", Integer.toString(delayLevel));
        fields.put("originMsgId", "7F0000010000AAAA0000000000000001");
        fields.put("maxReconsumeTimes", "16");
        broker.ask(RequestCode.CONSUMER_SEND_MSG_BACK, fields, new byte[0]);
    }

    private void group() throws IOException {
        String json = "{\"groupName\":\"" + GROUP + "\",\"consumeEnable\":true,\"consumeFromMinEnable\":false,"
                + "\"consumeBroadcastEnable\":false,\"retryQueueNums\":1,\"retryMaxTimes\":5,\"brokerId\":0,"
                + "\"whichBrokerWhenConsumeSlowly\":1,\"notifyConsumerIdsChangedEnable\":false}";
        broker.ask(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, Map.of(), json.getBytes(UTF_8));
    }
}
