package org.merlinmq.broker.reply;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.Channel;
import org.merlinmq.broker.client.ProducerGroups;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.send.SendChecks;
import org.merlinmq.broker.send.SendConfig;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.reply.SendReply;
import org.merlinmq.protocol.request.PushReplyRequest;
import org.merlinmq.protocol.request.SendRequest;
import org.merlinmq.transport.CallFailedException;
import org.merlinmq.transport.HostPort;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.Refusal;
import org.merlinmq.transport.dispatch.Request;

/**
 * Takes reply messages and pushes each to the producer that asked, whose client id stands in the message. Who replies is
 * answered when that producer has taken it, or with the reason why it has not. Replies are not stored.
 *
 * <p>Threading: on event loops. Nothing waits: the answer is completed on the loop of the producer that asked.
 * <p>Source: requests 324, 325 and 326.
 */
public final class ReplyHandlers {
    /** How long the producer that asked may take: less than the 3 s for which a client by default waits for its send. */
    public static final Duration TIMEOUT = Duration.ofMillis(2_500);

    /** In place of the id of a stored message. */
    private static final String NOT_STORED = "0";

    private static final int DEFAULT_QUEUE_COUNT = 4;

    private final SendChecks checks;
    private final TopicTable topics;
    private final ProducerGroups producers;
    private final Supplier<SendConfig> config;
    private final String storeHost;
    private final LongSupplier nowMillis;

    /**
     * Handlers of one broker.
     *
     * @param checks whether sends are taken now
     * @param topics the topics that exist
     * @param producers who is connected
     * @param config region and trace switch, for the answers
     * @param identity stands in the replies as their store
     * @param nowMillis the wall clock
     */
    public ReplyHandlers(
            SendChecks checks,
            TopicTable topics,
            ProducerGroups producers,
            Supplier<SendConfig> config,
            BrokerIdentity identity,
            LongSupplier nowMillis) {
        this.checks = checks;
        this.topics = topics;
        this.producers = producers;
        this.config = config;
        this.storeHost = identity.address();
        this.nowMillis = nowMillis;
    }

    /**
     * Registers requests 324 and 325.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        Access access = Access.of(Resource.TOPIC, Action.PUB);
        handlers.on(RequestCode.SEND_REPLY_MESSAGE, access, request -> reply(named(request), request))
                .on(RequestCode.SEND_REPLY_MESSAGE_V2, access, request -> reply(lettered(request), request));
    }

    private Answer reply(SendRequest reply, Request request) {
        return reply(reply, request.body(), request.connection().remote());
    }

    /** The header of 324. As with sends, less is needed than clients write. */
    static SendRequest named(Fields from) {
        return new SendRequest(
                from.requiredText("producerGroup"),
                from.requiredText("topic"),
                from.textOr("defaultTopic", ""),
                from.intOr("defaultTopicQueueNums", DEFAULT_QUEUE_COUNT),
                from.requiredInt("queueId"),
                from.intOr("sysFlag", 0),
                from.longOr("bornTimestamp", 0),
                from.intOr("flag", 0),
                from.text("properties"),
                from.intOr("reconsumeTimes", 0),
                from.flagOr("unitMode", false),
                null,
                from.flagOr("batch", false),
                null);
    }

    /** The header of 325. */
    static SendRequest lettered(Fields from) {
        return new SendRequest(
                from.requiredText("a"),
                from.requiredText("b"),
                from.textOr("c", ""),
                from.intOr("d", DEFAULT_QUEUE_COUNT),
                from.requiredInt("e"),
                from.intOr("f", 0),
                from.longOr("g", 0),
                from.intOr("h", 0),
                from.text("i"),
                from.intOr("j", 0),
                from.flagOr("k", false),
                null,
                from.flagOr("m", false),
                null);
    }

    Answer reply(SendRequest reply, byte[] body, InetSocketAddress from) {
        Refusal refusal = refusal(reply, body.length);
        if (refusal != null) {
            return Answer.refuse(refusal);
        }
        String given = reply.properties();
        String text = given == null ? "" : given;
        Map<String, String> properties = MessageProperties.read(text);
        String asker = properties.get(PropertyName.REPLY_TO_CLIENT);
        if (asker == null) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR,
                    "push reply message fail: the message has no property REPLY_TO_CLIENT, which names the client that"
                            + " asked; make replies from the request, with MessageUtil.createReplyMessage");
        }
        Channel channel = producers.channel(asker);
        if (channel == null) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR,
                    "push reply message fail, channel of <" + asker
                            + "> not found: the client that asked has stopped or"
                            + " lost its connection to this broker");
        }
        Frame push = Frame.request(RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT, header(reply, text, from), body);
        SendReply done = new SendReply(
                NOT_STORED,
                reply.queueId(),
                0,
                properties.get(PropertyName.UNIQ_KEY),
                null,
                null,
                config.get().regionId(),
                Boolean.toString(config.get().traceOn()));
        return Answer.later(
                channel.call(push, TIMEOUT).handle((answer, failure) -> outcome(asker, done, answer, failure)));
    }

    private static Answer outcome(String asker, SendReply done, @Nullable Frame answer, @Nullable Throwable failure) {
        if (answer == null) {
            return refuse(asker, reason(failure));
        }
        return answer.isOk() ? Answer.ok(done) : refuse(asker, "it answered with code " + answer.code());
    }

    /** The checks of a send, but for what concerns the disk. */
    private @Nullable Refusal refusal(SendRequest reply, int bodyBytes) {
        Refusal refusal = checks.open();
        if (refusal == null) {
            refusal = checks.body(bodyBytes);
        }
        if (refusal != null) {
            return refusal;
        }
        if (reply.batch()) {
            return new Refusal(ResponseCode.MESSAGE_ILLEGAL, "replies are sent singly, not as a batch");
        }
        Topic topic = topics.find(reply.topic());
        if (topic == null) {
            return new Refusal(
                    ResponseCode.TOPIC_NOT_EXIST,
                    "the topic " + reply.topic()
                            + " of the reply does not exist here: it is made of the request's property"
                            + " CLUSTER, which must be this broker's cluster");
        }
        return SendChecks.queue(reply.queueId(), topic);
    }

    private PushReplyRequest header(SendRequest reply, String properties, InetSocketAddress from) {
        long now = nowMillis.getAsLong();
        boolean closed = properties.isEmpty() || properties.charAt(properties.length() - 1) == '\u0002';
        return new PushReplyRequest(
                reply.producerGroup(),
                reply.topic(),
                reply.defaultTopic(),
                reply.defaultTopicQueueNums(),
                reply.queueId(),
                reply.sysFlag(),
                reply.bornTimestamp(),
                reply.flag(),
                properties + (closed ? "" : "\u0002") + PropertyName.PUSH_REPLY_TIME + '\u0001' + now + '\u0002',
                reply.reconsumeTimes(),
                reply.unitMode(),
                HostPort.hostText(from.getAddress()) + ":" + from.getPort(),
                storeHost,
                now);
    }

    private static Answer refuse(String asker, String reason) {
        return Answer.refuse(
                ResponseCode.SYSTEM_ERROR,
                "push reply message to <" + asker + "> fail: the client that asked did not take it, " + reason);
    }

    private static String reason(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (!(cause instanceof CallFailedException failed)) {
            return cause == null ? "no answer" : String.valueOf(cause.getMessage());
        }
        return switch (failed.reason()) {
            case TIMEOUT -> "no answer within " + TIMEOUT.toMillis() + " ms";
            case CLOSED, CONNECT, REJECTED -> String.valueOf(failed.getMessage());
        };
    }
}
