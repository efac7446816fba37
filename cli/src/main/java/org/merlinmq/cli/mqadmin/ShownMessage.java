package org.merlinmq.cli.mqadmin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.PullResult;
import org.merlinmq.client.ReceivedMessage;
import org.merlinmq.protocol.body.ConsumeType;
import org.merlinmq.protocol.body.ConsumerConnections;
import org.merlinmq.protocol.body.GroupList;
import org.merlinmq.protocol.body.MessageModel;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.QueueProgress;
import org.merlinmq.protocol.body.SubscriptionEntry;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.request.TopicRequest;

/** A message as the commands that look for one print it. */
final class ShownMessage {
    static final String FIELD = "%-20s %s";
    private static final Path BODIES = Path.of("/tmp/rocketmq/msgbodys");

    private ShownMessage() {}

    /** A message, the pull that brought it, if one did, and which one it is of several with one id. */
    record Found(ReceivedMessage message, @Nullable PullResult pulled, int number) {}

    /** Prints it, and writes its body to a file. */
    static void show(Session session, Found found, @Nullable Charset charset) {
        ReceivedMessage message = found.message();
        session.line(FIELD, "Topic:", message.topic());
        session.line(FIELD, "Tags:", "[" + message.tag() + "]");
        session.line(FIELD, "Keys:", "[" + message.properties().get("KEYS") + "]");
        session.line(FIELD, "Queue ID:", message.queue().queueId());
        session.line(FIELD, "Queue Offset:", message.queueOffset());
        session.line(FIELD, "CommitLog Offset:", message.logOffset());
        session.line(FIELD, "Reconsume Times:", message.reconsumeTimes());
        session.line(FIELD, "Born Timestamp:", Session.millis(message.bornMillis()));
        session.line(FIELD, "Store Timestamp:", Session.millis(message.storeMillis()));
        session.line(FIELD, "Born Host:", message.bornHost());
        session.line(FIELD, "Store Host:", message.storeHost());
        session.line(FIELD, "System Flag:", message.sysFlag());
        session.line(FIELD, "Properties:", PrintCommands.properties(message, found.pulled()));
        session.line(FIELD, "Message Body Path:", bodyFile(message, found.number()));
        if (charset != null) {
            session.line(FIELD, "Message Body:", PrintCommands.body(message, charset));
        }
        session.text("");
        session.text("");
        tracks(session, message);
    }

    /** Writes the body where RocketMQ's tool does. A file or link that is there already is not written into. */
    private static Path bodyFile(ReceivedMessage message, int number) {
        Path file = BODIES.resolve(message.messageId().replace('/', '_') + (number == 0 ? "" : "_" + number));
        try {
            Files.createDirectories(BODIES);
            Files.deleteIfExists(file);
            Files.write(file, PrintCommands.bytes(message), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException("the file " + file + " cannot be written: " + e.getMessage(), e);
        }
        return file;
    }

    /** Prints whether each group that consumes the topic has come past a message. */
    private static void tracks(Session session, ReceivedMessage message) {
        Map<String, String> masters = session.masters(session.admin().route(message.topic()));
        TreeSet<String> groups = new TreeSet<>();
        String brokerName = message.queue().brokerName();
        for (Map.Entry<String, String> master : masters.entrySet()) {
            groups.addAll(GroupList.read(session.ask(
                            master.getValue(),
                            RequestCode.QUERY_TOPIC_CONSUME_BY_WHO,
                            new TopicRequest(message.topic())))
                    .groupList());
            brokerName = master.getValue().equals(message.storeHost()) ? master.getKey() : brokerName;
        }
        MessageQueueId queue =
                new MessageQueueId(message.topic(), brokerName, message.queue().queueId());
        for (String group : groups) {
            session.line("MessageTrack [consumerGroup=%s, %s]", group, track(session, group, message, queue));
        }
    }

    private static String track(Session session, String group, ReceivedMessage message, MessageQueueId queue) {
        ConsumerConnections members = ClientCommands.members(session, group);
        if (members == null) {
            return "trackType=NOT_ONLINE, exceptionDesc=CODE:206 DESC:the consumer group[" + group + "] not online";
        }
        return "trackType=" + type(session, group, members, message, queue) + ", exceptionDesc=null";
    }

    private static String type(
            Session session, String group, ConsumerConnections members, ReceivedMessage message, MessageQueueId queue) {
        if (members.consumeType() == ConsumeType.CONSUME_ACTIVELY) {
            return "PULL";
        } else if (members.messageModel() == MessageModel.BROADCASTING) {
            return "CONSUME_BROADCASTING";
        }
        QueueProgress at = session.admin().progress(group, queue.topic()).get(queue);
        if (at == null) {
            return "UNKNOWN";
        } else if (at.consumerOffset() <= message.queueOffset()) {
            return "NOT_CONSUME_YET";
        }
        SubscriptionEntry subscription = members.subscriptionTable().get(queue.topic());
        boolean filtered = subscription != null
                && subscription.expressionType().equals("TAG")
                && !subscription.tagsSet().isEmpty()
                && !subscription.tagsSet().contains(String.valueOf(message.tag()));
        return filtered ? "CONSUMED_BUT_FILTERED" : "CONSUMED";
    }
}
