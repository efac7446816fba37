package org.merlinmq.verification.replication;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ThrowingRunnable;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientException;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.verification.server.Talk;

/** What is sent to the master of a broker group, and what its slave must have of it. */
final class GroupTraffic {
    /** A topic of {@link #QUEUES} queues. */
    static final String TOPIC = "Replicated";

    static final int QUEUES = 4;

    /** A topic of one queue, for messages that are delayed or half messages. */
    static final String HELD = "HeldBack";

    private static final String GROUP = "ReplicaGroup";
    private static final byte[] NO_BODY = {};

    private final Map<String, Integer> sentTo = new HashMap<>();
    private int sent;

    /** Sends that many more messages, to the queues in turn. */
    void send(Talk master, String topic, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            int queueId = topic.equals(TOPIC) ? i % QUEUES : 0;
            String keys = "KEYS\u0001k" + sent + "\u0002TAGS\u0001T" + i % 3 + "\u0002";
            master.send(topic, queueId, keys, body(topic, sentTo(topic)));
            sentTo.merge(topic, 1, Integer::sum);
            sent++;
        }
    }

    int sentTo(String topic) {
        return sentTo.getOrDefault(topic, 0);
    }

    /** The bodies of all messages sent to {@link #TOPIC}, sorted. */
    List<String> bodies() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < sentTo(TOPIC); i++) {
            all.add(body(TOPIC, i));
        }
        all.sort(null);
        return all;
    }

    private static String body(String topic, int number) {
        return topic + " " + number + " " + "x".repeat(number % 1500);
    }

    /** The bodies of a queue's messages, in order. */
    static List<String> texts(Talk broker, String topic, int queueId) throws IOException {
        List<String> texts = new ArrayList<>();
        for (byte[] bytes : broker.read(topic, queueId)) {
            RecordView record = new RecordView();
            assertThat(record.on(bytes, 0, bytes.length)).isTrue();
            texts.add(new String(bytes, record.bodyAt(), record.bodyBytes(), UTF_8));
        }
        return texts;
    }

    /** Two delayed messages to {@link #HELD} that are delivered when this returns, and one that is due in two hours. */
    static void delays(Talk master) throws IOException {
        long before = master.maxOffset(HELD, 0);
        master.send(HELD, 0, "DELAY\u00011\u0002", "of a level");
        master.send(HELD, 0, "TIMER_DELAY_MS\u0001500\u0002", "of a time of its own");
        master.send(HELD, 0, "DELAY\u000118\u0002", "pending");
        await("delivery").until(() -> master.maxOffset(HELD, 0) == before + 2);
    }

    /** A transaction in {@link #HELD} that is committed when this returns. */
    static void transaction(Talk master) throws IOException {
        long before = master.maxOffset(HELD, 0);
        String id = "7F0000010000AAAA0000000000000001";
        String properties = "UNIQ_KEY\u0001" + id + "\u0002TRAN_MSG\u0001true\u0002PGROUP\u0001Sender\u0002";
        Frame half = master.send(RequestCode.SEND_MESSAGE_V2, HELD, 0, 4, properties, "committed".getBytes(UTF_8));
        Map<String, String> fields = new HashMap<>(Map.of("producerGroup", "Sender", "topic", HELD, "msgId", id));
        fields.put("tranStateTableOffset", half.requiredText("queueOffset"));
        fields.put(
                "commitLogOffset",
                Long.toString(MessageId.decode(half.requiredText("msgId")).logOffset()));
        fields.put("commitOrRollback", "8");
        fields.put("fromTransactionCheck", "false");
        fields.put("transactionId", id);
        master.ask(RequestCode.END_TRANSACTION, fields, NO_BODY);
        await("the commit").until(() -> master.maxOffset(HELD, 0) == before + 1);
    }

    /** Commits an offset in the first queue of {@link #TOPIC}. */
    static void commit(Talk broker, long offset) throws IOException {
        byte[] group =
                ("{\"groupName\":\"" + GROUP + "\",\"consumeEnable\":true,\"retryQueueNums\":1}").getBytes(UTF_8);
        broker.ask(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, Map.of(), group);
        Map<String, String> fields = new HashMap<>(Map.of("consumerGroup", GROUP, "topic", TOPIC, "queueId", "0"));
        fields.put("commitOffset", Long.toString(offset));
        broker.ask(RequestCode.UPDATE_CONSUMER_OFFSET, fields, NO_BODY);
    }

    static long committed(Talk broker) throws IOException {
        return broker.committed(GROUP, TOPIC, 0);
    }

    static void awaitCommitted(Talk slave, long offset) {
        await("the offset " + offset + " on the slave").until(() -> committed(slave) == offset);
    }

    static Set<String> topics(Talk broker) throws IOException {
        Set<String> names = new TreeSet<>();
        for (JsonObject.Member topic : broker.table(RequestCode.GET_ALL_TOPIC_CONFIG, "topicConfigTable")
                .members()) {
            names.add(topic.name());
        }
        return names;
    }

    /** First the tables, then every record of every queue. */
    static void awaitSame(Talk master, Talk slave, String topic) throws IOException {
        await("the topic " + topic + " on the slave").until(() -> topics(slave).contains(topic));
        for (int queueId = 0; queueId < (topic.equals(TOPIC) ? QUEUES : 1); queueId++) {
            int queue = queueId;
            List<byte[]> expected = master.read(topic, queue);
            assertThat(expected).isNotEmpty();
            ThrowingRunnable same = () -> {
                assertThat(slave.maxOffset(topic, queue)).isEqualTo(expected.size());
                List<byte[]> found = slave.read(topic, queue);
                assertThat(found).hasSameSizeAs(expected);
                for (int i = 0; i < found.size(); i++) {
                    assertThat(found.get(i))
                            .as("record %d of %s/%d", i, topic, queue)
                            .isEqualTo(expected.get(i));
                }
            };
            await("the records of " + topic + "/" + queue).untilAsserted(same);
        }
    }

    static ReplicationStatus status(Admin admin, InetSocketAddress member) {
        ReplicationStatus status = admin.replication("127.0.0.1:" + member.getPort());
        if (status == null) {
            throw new AssertionError("the broker does not know the request");
        }
        return status;
    }

    /** Its ports are closed for a moment while it takes a role. */
    static void awaitRole(Admin admin, InetSocketAddress member, String role) {
        await(member + " as " + role).until(() -> {
            try {
                return status(admin, member).role().equals(role);
            } catch (ClientException away) {
                return false;
            }
        });
    }

    /** Tables are copied each ten seconds, and the machine may be busy. */
    static ConditionFactory await(String what) {
        return Awaitility.await(what).atMost(Duration.ofMinutes(3)).pollInterval(Duration.ofMillis(100));
    }
}
