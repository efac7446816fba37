package org.merlinmq.cli.mqadmin;

import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.cli.CommandFailure;
import org.merlinmq.client.ClientException;
import org.merlinmq.client.Message;
import org.merlinmq.client.Producer;
import org.merlinmq.client.ProducerConfig;
import org.merlinmq.client.PullResult;
import org.merlinmq.client.Puller;
import org.merlinmq.client.ReceivedMessage;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.request.ConsumeDirectlyRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that find messages. */
final class QueryCommands {
    private static final String FOUND = "%-50s %4s %40s %-200s";
    private static final long MILLIS_AN_HOUR = 3_600_000;

    private QueryCommands() {}

    /** Where a message is shown again or given to a consumer. */
    static final class Direct {
        @Option(
                names = {"-g", "--consumerGroup"},
                description = "With -d: give the message to a member of this group, in place of showing it.")
        private @Nullable String group;

        @Option(
                names = {"-d", "--clientId"},
                description = "With -g: the member that consumes it.")
        private @Nullable String clientId;

        /** Gives a message to the member; returns false if none was named. */
        boolean consume(Session session, ReceivedMessage message) {
            if (group == null || clientId == null) {
                if (group != null || clientId != null) {
                    throw new IllegalArgumentException("-g and -d name a member of a group together");
                }
                return false;
            }
            JsonObject result = JsonReader.readObject(session.ask(
                    message.storeHost(),
                    RequestCode.CONSUME_MESSAGE_DIRECTLY,
                    new ConsumeDirectlyRequest(group.strip(), clientId.strip(), message.offsetMessageId())));
            session.line(
                    "ConsumeMessageDirectlyResult [order=%s, autoCommit=%s, consumeResult=%s, remark=%s, spentTimeMills=%d]",
                    result.booleanOr("order", false),
                    result.booleanOr("autoCommit", true),
                    result.text("consumeResult"),
                    result.text("remark"),
                    result.longOr("spentTimeMills", 0));
            return true;
        }
    }

    @Command(name = "queryMsgById", description = "Show messages by the broker's ids, or a producer's.")
    static void queryMsgById(
            @Mixin Servers servers,
            @Mixin Direct direct,
            @Option(
                            names = {"-i", "--msgId"},
                            required = true,
                            split = ",",
                            description = "The ids, with commas between them.")
                    List<String> ids,
            @Option(
                            names = {"-t", "--topic"},
                            description = "The topic, for ids that producers gave.")
                    @Nullable String topic,
            @Option(
                            names = {"-f", "--bodyFormat"},
                            description = "Print the body too, as text in this character set.")
                    @Nullable Charset charset,
            @Option(
                            names = {"-s", "--sendMessage"},
                            arity = "1",
                            description = "Send the messages again, in place of showing them: true or false.")
                    boolean again,
            @Option(
                            names = {"-c", "--cluster"},
                            description = "Not used.")
                    @Nullable String cluster,
            @Option(
                            names = {"-u", "--unitName"},
                            description = "Not used.")
                    @Nullable String unit) {
        try (Session session = servers.open()) {
            for (String id : ids) {
                ReceivedMessage message = byId(session, id.strip(), topic);
                if (again) {
                    send(session, id.strip(), message);
                } else if (!direct.consume(session, message)) {
                    session.line(ShownMessage.FIELD, "OffsetID:", message.offsetMessageId());
                    ShownMessage.show(session, new ShownMessage.Found(message, null, 0), charset);
                }
            }
        }
    }

    /** By the broker's id; where that names no message, by the producer's, which may look the same. */
    private static ReceivedMessage byId(Session session, String id, @Nullable String topic) {
        try {
            return session.admin().viewById(id);
        } catch (ClientException | IllegalArgumentException notOne) {
            List<ReceivedMessage> found =
                    topic == null ? List.of() : session.admin().queryByUniqueKey(topic.strip(), id);
            if (found.isEmpty()) {
                throw notOne;
            }
            return found.getFirst();
        }
    }

    private static void send(Session session, String id, ReceivedMessage stored) {
        Message message = Message.of(stored.topic(), stored.body());
        for (Map.Entry<String, String> property : stored.properties().entrySet()) {
            message = message.withProperty(property.getKey(), property.getValue());
        }
        try (Producer producer = Producer.start(session.config(), ProducerConfig.of(SendCommands.PRODUCER))) {
            session.line("prepare resend msg. originalMsgId=%s%s", id, SendCommands.text(producer.send(message)));
        }
    }

    @Command(name = "queryMsgByUniqueKey", description = "Show a message by its producer's id.")
    static void queryMsgByUniqueKey(
            @Mixin Servers servers,
            @Mixin Direct direct,
            @Option(
                            names = {"-i", "--msgId"},
                            required = true,
                            description = "The id.")
                    String id,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-a", "--showAll"},
                            description = "All messages of this id, not the first only.")
                    boolean all,
            @Option(
                            names = {"-s", "--startTime"},
                            defaultValue = "0",
                            description = "Stored at this time or later: milliseconds since 1970.")
                    long begin,
            @Option(
                            names = {"-e", "--endTime"},
                            defaultValue = "9223372036854775807",
                            description = "Stored at this time or earlier.")
                    long end,
            @Option(
                            names = {"-c", "--cluster"},
                            description = "Not used.")
                    @Nullable String cluster) {
        try (Session session = servers.open()) {
            List<ReceivedMessage> found = session.admin().queryByUniqueKey(topic.strip(), id.strip()).stream()
                    .filter(message -> message.storeMillis() >= begin && message.storeMillis() <= end)
                    .toList();
            if (found.isEmpty()) {
                throw new CommandFailure("the topic " + topic + " has no message of the id " + id);
            }
            for (int i = 0; i < (all ? found.size() : 1); i++) {
                if (!direct.consume(session, found.get(i))) {
                    ShownMessage.show(session, new ShownMessage.Found(found.get(i), null, i), null);
                }
            }
        }
    }

    @Command(name = "queryMsgByOffset", description = "Show the message at an offset of a queue.")
    static void queryMsgByOffset(
            @Mixin Servers servers,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-b", "--brokerName"},
                            required = true,
                            description = "The broker's name.")
                    String broker,
            @Option(
                            names = {"-i", "--queueId"},
                            required = true,
                            description = "The queue's id.")
                    int queueId,
            @Option(
                            names = {"-o", "--offset"},
                            required = true,
                            description = "The offset.")
                    long offset,
            @Option(
                            names = {"-f", "--bodyFormat"},
                            description = "Print the body too, as text in this character set.")
                    @Nullable Charset charset,
            @Option(
                            names = {"-r", "--routeTopic"},
                            description = "Not used: a topic has its own route.")
                    @Nullable String route) {
        try (Session session = servers.open();
                Puller puller = Puller.open(session.config(), PrintCommands.READER)) {
            PullResult pulled = puller.pull(new MessageQueueId(topic.strip(), broker.strip(), queueId), offset);
            if (!pulled.messages().isEmpty() && pulled.messages().getFirst().queueOffset() == offset) {
                ReceivedMessage message = pulled.messages().getFirst();
                session.line(ShownMessage.FIELD, "OffsetID:", message.offsetMessageId());
                ShownMessage.show(session, new ShownMessage.Found(message, pulled, 0), charset);
            }
        }
    }

    @Command(name = "queryMsgByKey", description = "Find messages by a key.")
    static void queryMsgByKey(
            @Mixin Servers servers,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-k", "--msgKey"},
                            required = true,
                            description = "The key.")
                    String key,
            @Option(
                            names = {"-b", "--beginTimestamp"},
                            defaultValue = "0",
                            description = "Stored at this time or later: milliseconds since 1970.")
                    long begin,
            @Option(
                            names = {"-e", "--endTimestamp"},
                            defaultValue = "9223372036854775807",
                            description = "Stored at this time or earlier.")
                    long end,
            @Option(
                            names = {"-m", "--maxNum"},
                            defaultValue = "64",
                            description = "How many of each broker at most. Default: ${DEFAULT-VALUE}.")
                    int max,
            @Option(
                            names = {"-p", "--keyType"},
                            defaultValue = "K",
                            description = "K; tags are not in the index.")
                    String type,
            @Option(
                            names = {"-l", "--lastKey"},
                            description = "Not used: all that were found are listed at once.")
                    @Nullable String last,
            @Option(
                            names = {"-c", "--cluster"},
                            description = "Not used.")
                    @Nullable String cluster) {
        if (!type.strip().equals("K")) {
            throw new IllegalArgumentException(
                    "-p is K: tags are not in the index; printMsg -s finds messages by a tag");
        }
        try (Session session = servers.open()) {
            List<ReceivedMessage> found = session.admin().queryByKey(topic.strip(), key.strip(), max, begin, end);
            if (found.isEmpty()) {
                throw new CommandFailure("the topic " + topic + " has no message of the key " + key);
            }
            list(session, found.reversed(), key.strip());
        }
    }

    private static void list(Session session, List<ReceivedMessage> found, String key) {
        session.line(FOUND, "#Message ID", "#QID", "#Offset", "#IndexKey");
        for (ReceivedMessage message : found) {
            session.line(
                    FOUND,
                    message.messageId(),
                    message.queue().queueId(),
                    message.queueOffset(),
                    indexKey(message, key));
        }
    }

    /** As the index of RocketMQ has it, by the hour. */
    private static String indexKey(ReceivedMessage message, String key) {
        return String.join(
                "@",
                String.valueOf(message.storeMillis() / MILLIS_AN_HOUR * MILLIS_AN_HOUR),
                message.topic(),
                "K",
                key,
                message.messageId(),
                String.valueOf(message.logOffset()));
    }
}
