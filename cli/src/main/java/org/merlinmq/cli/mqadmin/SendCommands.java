package org.merlinmq.cli.mqadmin;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.ClientException;
import org.merlinmq.client.Message;
import org.merlinmq.client.Producer;
import org.merlinmq.client.ProducerConfig;
import org.merlinmq.client.SendResult;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.MessageQueueId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that send. */
final class SendCommands {
    /** The group that RocketMQ's tool sends by. */
    static final String PRODUCER = "CLIENT_INNER_PRODUCER";

    private static final String SENT = "%-32s  %-4s  %-20s    %s";
    private static final String TIMED = "%-24s  %-24s  %-8s  %-16s  %-16s";
    private static final int MAX_SIZE = 4 << 20;
    private static final double NANOS_A_MILLI = 1_000_000;

    private SendCommands() {}

    @Command(name = "sendMessage", description = "Send a message.")
    static void sendMessage(
            @Mixin Servers servers,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-p", "--body"},
                            required = true,
                            description = "Its text.")
                    String body,
            @Option(
                            names = {"-k", "--key"},
                            description = "Its keys.")
                    @Nullable String keys,
            @Option(
                            names = {"-c", "--tags"},
                            description = "Its tag.")
                    @Nullable String tag,
            @Option(
                            names = {"-b", "--broker"},
                            description = "The name of the broker to send to.")
                    @Nullable String broker,
            @Option(
                            names = {"-i", "--qid"},
                            description = "The id of the queue to send to; needs -b.")
                    @Nullable Integer queueId,
            @Option(
                            names = {"-m", "--msgTraceEnable"},
                            arity = "1",
                            description = "Not used: this tool does not trace.")
                    boolean trace) {
        if (broker == null && queueId != null) {
            throw new IllegalArgumentException("-i needs -b, the broker that has the queue");
        }
        Message message = Message.of(topic.strip(), body);
        message = keys == null ? message : message.withKeys(keys.strip().split(" +"));
        message = tag == null ? message : message.withTag(tag.strip());
        try (Session session = servers.open();
                Producer producer = Producer.start(session.config(), ProducerConfig.of(PRODUCER))) {
            SendResult sent = broker == null
                    ? producer.send(message)
                    : producer.send(message, queue(producer, topic.strip(), broker.strip(), queueId));
            session.line(SENT, "#Broker Name", "#QID", "#Send Result", "#MsgId");
            session.line(SENT, sent.queue().brokerName(), sent.queue().queueId(), sent.status(), sent.messageId());
        }
    }

    private static MessageQueueId queue(Producer producer, String topic, String broker, @Nullable Integer queueId) {
        if (queueId != null) {
            return new MessageQueueId(topic, broker, queueId);
        }
        List<MessageQueueId> queues = producer.queues(topic).stream()
                .filter(queue -> queue.brokerName().equals(broker))
                .toList();
        if (queues.isEmpty()) {
            throw new ClientException("the topic " + topic + " has no queue to send to at the broker " + broker);
        }
        return queues.get(ThreadLocalRandom.current().nextInt(queues.size()));
    }

    @Command(name = "sendMsgStatus", description = "Send messages to a broker and show how long each took.")
    static void sendMsgStatus(
            @Mixin Servers servers,
            @Option(
                            names = {"-b", "--brokerName"},
                            required = true,
                            description = "The broker's name, which is a topic of its own.")
                    String broker,
            @Option(
                            names = {"-s", "--messageSize"},
                            defaultValue = "128",
                            description = "Bytes of each.")
                    int size,
            @Option(
                            names = {"-c", "--count"},
                            defaultValue = "50",
                            description = "How many.")
                    int count) {
        byte[] body = body(size);
        try (Session session = servers.open();
                Producer producer = Producer.start(session.config(), ProducerConfig.of(PRODUCER))) {
            for (int i = 0; i < count; i++) {
                long begun = System.nanoTime();
                SendResult sent = producer.send(Message.of(broker.strip(), body));
                session.line(
                        "rt=%dms, SendResult=%s", (long) ((System.nanoTime() - begun) / NANOS_A_MILLI), text(sent));
            }
        }
    }

    /** As RocketMQ's tool writes a result. */
    static String text(SendResult sent) {
        return "SendResult [sendStatus=" + sent.status() + ", msgId=" + sent.messageId() + ", offsetMsgId="
                + sent.offsetMessageId() + ", messageQueue=" + Queues.text(sent.queue()) + ", queueOffset="
                + sent.queueOffset() + ", recallHandle=" + sent.recallHandle() + "]";
    }

    @Command(name = "checkMsgSendRT", description = "Send messages to a topic and show how long each took.")
    static void checkMsgSendRT(
            @Mixin Servers servers,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-a", "--amount"},
                            defaultValue = "100",
                            description = "How many.")
                    int count,
            @Option(
                            names = {"-s", "--size"},
                            defaultValue = "128",
                            description = "Bytes of each.")
                    int size) {
        byte[] body = body(size);
        try (Session session = servers.open();
                Producer producer = Producer.start(session.config(), ProducerConfig.of(PRODUCER))) {
            session.line(SENT, "#Broker Name", "#QID", "#Send Result", "#RT");
            double sum = 0;
            for (int i = 0; i < count; i++) {
                long begun = System.nanoTime();
                SendResult sent = producer.send(Message.of(topic.strip(), body));
                double took = (System.nanoTime() - begun) / NANOS_A_MILLI;
                sum += i == 0 ? 0 : took; // the first one connects
                session.line(SENT, sent.queue().brokerName(), sent.queue().queueId(), "true", (long) took);
            }
            session.line("Avg RT: %.2f", count > 1 ? sum / (count - 1) : 0);
        }
    }

    @Command(name = "clusterRT", description = "Send to every broker, again and again, and show how long it took.")
    static void clusterRT(
            @Mixin Servers servers,
            @Option(
                            names = {"-a", "--amount"},
                            defaultValue = "100",
                            description = "How many messages a broker gets each time.")
                    int count,
            @Option(
                            names = {"-s", "--size"},
                            defaultValue = "128",
                            description = "Bytes of each.")
                    int size,
            @Option(
                            names = {"-c", "--cluster"},
                            description = "Only the brokers of this cluster.")
                    @Nullable String cluster,
            @Option(
                            names = {"-i", "--interval"},
                            defaultValue = "10",
                            description = "Seconds between two rounds.")
                    int seconds,
            @Option(
                            names = {"-m", "--machineRoom"},
                            defaultValue = "noname",
                            description = "A name for -p.")
                    String room,
            @Option(
                            names = {"-p", "--printLog"},
                            arity = "1",
                            description = "As lines of a log, not as a table: true or false.")
                    boolean asLog) {
        byte[] body = body(size);
        try (Session session = servers.open();
                Producer producer = Producer.start(session.config(), ProducerConfig.of(PRODUCER))) {
            SortedMap<String, SortedSet<String>> brokers = brokers(session, cluster);
            if (!asLog) {
                session.line(
                        "%-24s  %-24s  %-4s  %-8s  %-8s",
                        "#Cluster Name", "#Broker Name", "#RT", "#successCount", "#failCount");
            }
            session.every(
                    seconds,
                    () -> brokers.forEach((name, names) -> names.forEach(broker -> {
                        Round round = Round.play(producer, Message.of(broker, body), count);
                        if (asLog) {
                            String now = Session.seconds(session.nowMillis());
                            session.line("%s|%s|%s|%s|%d", now, room, name, broker, Math.round(round.averageMillis()));
                        } else {
                            String average = String.format(Locale.ROOT, "%.2f", round.averageMillis());
                            session.line(TIMED, name, broker, average, round.sent(), round.failed());
                        }
                    })));
        }
    }

    /** The names of the brokers by cluster. */
    private static SortedMap<String, SortedSet<String>> brokers(Session session, @Nullable String cluster) {
        SortedMap<String, SortedSet<String>> brokers = new TreeMap<>();
        for (BrokerAddresses broker :
                session.admin().cluster().brokerAddrTable().values()) {
            if (cluster == null || cluster.strip().equals(broker.cluster())) {
                brokers.computeIfAbsent(broker.cluster(), made -> new TreeSet<>())
                        .add(broker.brokerName());
            }
        }
        return brokers;
    }

    /** What came of some messages to one broker. The first one, which connects, does not count for the time. */
    private record Round(int sent, int failed, double averageMillis) {
        static Round play(Producer producer, Message message, int count) {
            int failed = 0;
            double sum = 0;
            for (int i = 0; i < count; i++) {
                long begun = System.nanoTime();
                try {
                    producer.send(message);
                } catch (ClientException refused) {
                    failed++;
                }
                sum += i == 0 ? 0 : (System.nanoTime() - begun) / NANOS_A_MILLI;
            }
            return new Round(count - failed, failed, count > 1 ? sum / (count - 1) : sum);
        }
    }

    private static byte[] body(int size) {
        if (size < 1 || size > MAX_SIZE) {
            throw new IllegalArgumentException("the size is 1 to " + MAX_SIZE + " bytes, not " + size);
        }
        byte[] body = new byte[size];
        Arrays.fill(body, (byte) 'x');
        return body;
    }
}
