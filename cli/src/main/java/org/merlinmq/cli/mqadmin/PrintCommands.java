package org.merlinmq.cli.mqadmin;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.PullResult;
import org.merlinmq.client.Puller;
import org.merlinmq.client.ReceivedMessage;
import org.merlinmq.client.StartAt;
import org.merlinmq.protocol.body.MessageQueueId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that print the messages of queues, one a line. */
final class PrintCommands {
    /** The group that RocketMQ's tool reads by. */
    static final String READER = "TOOLS_CONSUMER";

    private static final int RULE_WIDTH = 56;

    private PrintCommands() {}

    /** Which part of a topic is printed. */
    static final class Part {
        @Option(
                names = {"-t", "--topic"},
                required = true,
                description = "The topic.")
        private String topic = "";

        @Option(
                names = {"-b", "--beginTimestamp"},
                description = "From this time on: milliseconds since 1970 or yyyy-MM-dd#HH:mm:ss:SSS.")
        private @Nullable String begin;

        @Option(
                names = {"-e", "--endTimestamp"},
                description = "Up to this time.")
        private @Nullable String end;

        @Option(
                names = {"-s", "--subExpression"},
                defaultValue = "*",
                description = "The tags, with || between them.")
        private String tags = "*";

        @Option(
                names = {"-c", "--charsetName"},
                defaultValue = "UTF-8",
                description = "How bodies are text. Default: ${DEFAULT-VALUE}.")
        private Charset charset = StandardCharsets.UTF_8;

        /** Reads the part of a queue. */
        void read(Puller puller, MessageQueueId queue, Batches batches) {
            ZoneId zone = ZoneId.systemDefault();
            StartAt start = begin == null
                    ? StartAt.first()
                    : StartAt.time(Instant.ofEpochMilli(Times.millis("-b", begin, zone)));
            long endMillis = end == null ? Long.MAX_VALUE : Times.millis("-e", end, zone);
            PrintCommands.read(puller, queue, puller.offset(queue, start), endMillis, tags, batches);
        }

        /** Prints one of its messages. */
        void print(Session session, ReceivedMessage message, PullResult pulled, boolean bodies) {
            session.text(text(message, pulled, bodies ? body(message, charset) : "NOT PRINT BODY"));
        }
    }

    /** Takes what one pull brought, without messages behind the end; false ends the reading. */
    interface Batches {
        boolean take(PullResult pulled, List<ReceivedMessage> messages);
    }

    private static void read(
            Puller puller, MessageQueueId queue, long from, long endMillis, String tags, Batches batches) {
        long next = from;
        boolean more = true;
        while (more) {
            PullResult pulled = puller.pull(queue, next, tags, Puller.DEFAULT_MAX_MESSAGES, Duration.ZERO);
            List<ReceivedMessage> messages = new ArrayList<>(pulled.messages());
            boolean ended = messages.removeIf(message -> message.storeMillis() > endMillis);
            more = batches.take(pulled, messages)
                    && !ended
                    && pulled.status() != PullResult.Status.NO_NEW_MESSAGE
                    && pulled.nextOffset() != next;
            next = pulled.nextOffset();
        }
    }

    @Command(name = "printMsg", description = "Print the messages of a topic.")
    static void printMsg(
            @Mixin Servers servers,
            @Mixin Part part,
            @Option(
                            names = {"-d", "--printBody"},
                            arity = "1",
                            defaultValue = "true",
                            description = "Whether bodies are printed: true or false. Default: ${DEFAULT-VALUE}.")
                    boolean bodies,
            @Option(
                            names = {"-l", "--lmqParentTopic"},
                            description = "Not used: there are no light queues.")
                    @Nullable String parent) {
        try (Session session = servers.open();
                Puller puller = Puller.open(session.config(), READER)) {
            for (MessageQueueId queue : puller.queues(part.topic.strip())) {
                session.line(
                        "minOffset=%d, maxOffset=%d, %s",
                        session.admin().minOffset(queue), session.admin().maxOffset(queue), Queues.text(queue));
                part.read(puller, queue, (pulled, messages) -> {
                    if (pulled.status() == PullResult.Status.NO_MATCHED_MESSAGE) {
                        session.line(
                                "%s no matched msg. status=NO_MATCHED_MSG, offset=%d",
                                Queues.text(queue), pulled.nextOffset());
                    }
                    messages.forEach(message -> part.print(session, message, pulled, bodies));
                    return true;
                });
                session.text("-".repeat(RULE_WIDTH));
            }
        }
    }

    @Command(name = "printMsgByQueue", description = "Print the messages of a queue.")
    static void printMsgByQueue(
            @Mixin Servers servers,
            @Mixin Part part,
            @Option(
                            names = {"-a", "--brokerName"},
                            required = true,
                            description = "The broker's name.")
                    String broker,
            @Option(
                            names = {"-i", "--queueId"},
                            required = true,
                            description = "The queue's id.")
                    int queueId,
            @Option(
                            names = {"-p", "--printMsg"},
                            arity = "1",
                            description = "Whether they are printed: true or false.")
                    boolean print,
            @Option(
                            names = {"-d", "--printBody"},
                            arity = "1",
                            description = "Whether their bodies are, too: true or false.")
                    boolean bodies,
            @Option(
                            names = {"-f", "--calculate"},
                            arity = "1",
                            description = "Whether they are counted by tag: true or false.")
                    boolean byTag) {
        try (Session session = servers.open();
                Puller puller = Puller.open(session.config(), READER)) {
            Map<String, Long> counts = new TreeMap<>();
            part.read(puller, new MessageQueueId(part.topic.strip(), broker.strip(), queueId), (pulled, messages) -> {
                for (ReceivedMessage message : messages) {
                    String tag = message.tag();
                    if (print) {
                        part.print(session, message, pulled, bodies);
                    }
                    if (tag != null) {
                        counts.merge(tag, 1L, Long::sum);
                    }
                }
                return true;
            });
            if (byTag) {
                counts.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                        .forEach(tag -> session.line("Tag: %-30s Count: %d", tag.getKey(), tag.getValue()));
            }
        }
    }

    @Command(name = "consumeMessage", description = "Print messages without moving the group.")
    static void consumeMessage(
            @Mixin Servers servers,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-b", "--brokerName"},
                            description = "The broker's name, with -i.")
                    @Nullable String broker,
            @Option(
                            names = {"-i", "--queueId"},
                            description = "The queue's id, with -b.")
                    @Nullable Integer queueId,
            @Option(
                            names = {"-o", "--offset"},
                            description = "From this offset of the queue on.")
                    @Nullable Long offset,
            @Option(
                            names = {"-g", "--consumerGroup"},
                            defaultValue = READER,
                            description = "The group to read as.")
                    String group,
            @Option(
                            names = {"-c", "--MessageNumber"},
                            defaultValue = "128",
                            description = "How many at most. Default: ${DEFAULT-VALUE}.")
                    long count,
            @Option(
                            names = {"-s", "--beginTimestamp"},
                            description = "From this time on.")
                    @Nullable String begin,
            @Option(
                            names = {"-e", "--endTimestamp"},
                            description = "Up to this time.")
                    @Nullable String end) {
        boolean oneQueue = broker != null && queueId != null;
        if (!oneQueue && (broker != null || queueId != null || offset != null)) {
            throw new IllegalArgumentException("-b and -i name a queue together, and -o needs both");
        }
        ZoneId zone = ZoneId.systemDefault();
        long endMillis = end == null ? Long.MAX_VALUE : Times.millis("-e", end, zone);
        StartAt start =
                begin == null ? StartAt.first() : StartAt.time(Instant.ofEpochMilli(Times.millis("-s", begin, zone)));
        try (Session session = servers.open();
                Puller puller = Puller.open(session.config(), group.strip())) {
            long left = count;
            for (MessageQueueId queue : broker == null || queueId == null
                    ? puller.queues(topic.strip())
                    : List.of(new MessageQueueId(topic.strip(), broker.strip(), queueId))) {
                long first = offset == null ? puller.offset(queue, start) : offset;
                left -= left > 0 ? print(session, puller, queue, first, endMillis, left) : 0;
            }
        }
    }

    /** Prints so many messages at most; returns how many. */
    private static long print(
            Session session, Puller puller, MessageQueueId queue, long first, long endMillis, long most) {
        boolean limited = session.admin().maxOffset(queue) - first > most;
        if (limited) {
            session.line("The older %d message of the %d queue will be provided", most, queue.queueId());
        }
        long[] printed = {0};
        read(puller, queue, first, endMillis, "*", (pulled, messages) -> {
            List<ReceivedMessage> some = messages.subList(0, (int) Math.min(messages.size(), most - printed[0]));
            if (!some.isEmpty()) {
                session.text("Consume ok");
            }
            some.forEach(message -> session.text(text(message, pulled, body(message, StandardCharsets.UTF_8))));
            printed[0] += some.size();
            if (!limited && pulled.status() != PullResult.Status.FOUND) {
                session.text(ended(queue, pulled));
            }
            return printed[0] < most || !limited;
        });
        return printed[0];
    }

    private static String ended(MessageQueueId queue, PullResult pulled) {
        return pulled.status() == PullResult.Status.NO_NEW_MESSAGE
                ? Queues.text(queue) + " print msg finished. status=NO_NEW_MSG, offset=" + pulled.nextOffset()
                : Queues.text(queue) + " no matched msg, offset=" + pulled.nextOffset();
    }

    /** The body as text; as it is stored where it cannot be expanded. */
    static String body(ReceivedMessage message, Charset charset) {
        return new String(bytes(message), charset);
    }

    /** The body; as it is stored where it cannot be expanded. */
    static byte[] bytes(ReceivedMessage message) {
        return message.isReadable() ? message.body() : message.storedBody();
    }

    /** What a message has for properties, with the ends of its queue that RocketMQ's consumer adds. */
    static Map<String, String> properties(ReceivedMessage message, @Nullable PullResult pulled) {
        Map<String, String> properties = new TreeMap<>(message.properties());
        if (pulled != null) {
            properties.put("MIN_OFFSET", Long.toString(pulled.minOffset()));
            properties.put("MAX_OFFSET", Long.toString(pulled.maxOffset()));
        }
        return properties;
    }

    private static String text(ReceivedMessage message, PullResult pulled, String body) {
        return "MSGID: " + message.messageId() + " MessageExt [brokerName="
                + message.queue().brokerName() + ", queueId=" + message.queue().queueId() + ", storeSize="
                + message.recordBytes() + ", queueOffset=" + message.queueOffset() + ", sysFlag=" + message.sysFlag()
                + ", bornTimestamp=" + message.bornMillis() + ", bornHost=/" + message.bornHost() + ", storeTimestamp="
                + message.storeMillis() + ", storeHost=/" + message.storeHost() + ", msgId=" + message.offsetMessageId()
                + ", commitLogOffset=" + message.logOffset() + ", bodyCRC=" + crc(message.storedBody())
                + ", reconsumeTimes=" + message.reconsumeTimes() + ", preparedTransactionOffset="
                + message.preparedLogOffset() + ", toString()=Message{topic='" + message.topic() + "', flag="
                + message.flag() + ", properties=" + properties(message, pulled) + ", body="
                + Arrays.toString(bytes(message)) + ", transactionId='null'}] BODY: " + body;
    }

    /** Without its highest bit, as records have it. */
    private static long crc(byte[] body) {
        CRC32 crc = new CRC32();
        crc.update(body);
        return crc.getValue() & Integer.MAX_VALUE;
    }
}
