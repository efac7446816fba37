package org.merlinmq.broker.client;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.Answer;
import org.merlinmq.broker.dispatch.Handlers;
import org.merlinmq.broker.dispatch.Request;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.Header;
import org.merlinmq.protocol.frame.Language;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonValue;
import org.merlinmq.protocol.json.JsonWriter;
import org.merlinmq.transport.CallFailedException;

/**
 * What an administrator asks of a connected consumer: the broker passes the question on and the answer back.
 *
 * <p>Threading: on event loops; answers are completed on the loop of the client asked.
 * <p>Source: requests 307, 309, 223 and 221.
 */
public final class ClientRelay {
    /** How long a client may think. */
    public static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final byte[] NO_BODY = {};

    private final ConsumerGroups groups;
    private final MessageSource messages;
    private final String brokerName;

    /** Where the message of request 309 comes from. */
    @FunctionalInterface
    public interface MessageSource {
        /**
         * A stored message.
         *
         * @param offsetMessageId its id, of the kind that holds its place in the log
         * @return its record, or null if there is none there
         */
        byte @Nullable [] record(String offsetMessageId);
    }

    /**
     * A relay to the members of these groups.
     *
     * @param groups who is connected
     * @param messages finds the message that is to be consumed directly
     * @param brokerName told to the client with that message
     */
    public ClientRelay(ConsumerGroups groups, MessageSource messages, String brokerName) {
        this.groups = groups;
        this.messages = messages;
        this.brokerName = brokerName;
    }

    /**
     * Registers requests 307, 309 and 223.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.on(RequestCode.GET_CONSUMER_RUNNING_INFO, request -> pass(request, request.frame(), NO_BODY));
        handlers.blocking(RequestCode.CONSUME_MESSAGE_DIRECTLY, this::consumeDirectly);
        handlers.on(RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS, request -> status(request.frame()));
    }

    private Answer consumeDirectly(Request request) {
        String id = request.requiredText("msgId");
        byte[] record = messages.record(id);
        return record == null
                ? Answer.refuse(
                        ResponseCode.SYSTEM_ERROR, "no message is stored at the place that the id " + id + " names")
                : pass(request, request.frame(), record);
    }

    private Answer pass(Request request, Frame frame, byte[] body) {
        RequestCode code = RequestCode.of(request.code());
        return code == null
                ? Answer.refuse(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, "request type " + request.code())
                : pass(code, frame, body);
    }

    Answer pass(RequestCode code, Frame frame, byte[] body) {
        String group = frame.requiredText("consumerGroup");
        String clientId = frame.text("clientId");
        Member member = member(group, clientId);
        if (member == null) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR, "The Consumer <" + group + "> <" + clientId + "> not online");
        }
        Map<String, String> fields = new HashMap<>(frame.fields());
        fields.put("brokerName", brokerName);
        Frame question = Frame.request(code, null, body).withFields(fields);
        CompletableFuture<Answer> answer = member.channel()
                .call(question, TIMEOUT)
                .handle((reply, failure) ->
                        reply == null ? unanswered(group, member.clientId(), failure) : relayed(reply));
        return Answer.later(answer);
    }

    private static Answer unanswered(String group, String clientId, @Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        String who = "consumer <" + group + "> <" + clientId + "> ";
        if (cause instanceof CallFailedException failed && failed.reason() != CallFailedException.Reason.TIMEOUT) {
            return Answer.refuse(ResponseCode.SYSTEM_ERROR, who + "cannot be asked: " + failed.getMessage());
        }
        return Answer.refuse(
                ResponseCode.CONSUME_MSG_TIMEOUT,
                who + "Timeout: " + (cause == null ? "no answer" : cause.getMessage()));
    }

    private @Nullable Member member(String group, @Nullable String clientId) {
        ConsumerGroup of = groups.find(group);
        if (of == null) {
            return null;
        }
        return clientId != null && !clientId.isEmpty()
                ? of.member(clientId)
                : of.members().stream().findFirst().orElse(null);
    }

    private static Answer relayed(Frame reply) {
        if (reply.isOk()) {
            return Answer.ok(reply.body());
        }
        ResponseCode code = ResponseCode.of(reply.code());
        String remark = reply.remark();
        return Answer.refuse(
                code == null ? ResponseCode.SYSTEM_ERROR : code,
                remark == null ? "the client answered with code " + reply.code() : remark);
    }

    /** Request 223: asks each client of a group, or one of them, where it stands in a topic. */
    Answer status(Frame frame) {
        String topic = frame.requiredText("topic");
        String name = frame.requiredText("group");
        String only = frame.textOr("clientAddr", "");
        ConsumerGroup group = groups.find(name);
        if (group == null) {
            return Answer.refuse(ResponseCode.SYSTEM_ERROR, "no consumer of the group " + name + " is online");
        }
        Map<String, CompletableFuture<Frame>> asked = new TreeMap<>();
        Frame question = Frame.request(
                RequestCode.GET_CONSUMER_STATUS_FROM_CLIENT,
                out -> out.put("topic", topic).put("group", name));
        for (Member member : group.members()) {
            if (only.isEmpty() || only.equals(member.clientId())) {
                asked.put(member.clientId(), member.channel().call(question, TIMEOUT));
            }
        }
        return Answer.later(CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .handle((done, failure) -> Answer.ok(statusOf(asked))));
    }

    private static byte[] statusOf(Map<String, CompletableFuture<Frame>> asked) {
        JsonWriter out = new JsonWriter().beginObject().key("consumerTable").beginObject();
        asked.forEach((clientId, answer) -> {
            Frame reply = answer.isCompletedExceptionally() ? null : answer.getNow(null);
            JsonValue table = reply == null || !reply.isOk() ? null : queueTable(reply.body());
            if (table != null) {
                out.key(clientId).value(table);
            }
        });
        return out.endObject()
                .key("messageQueueTable")
                .beginObject()
                .endObject()
                .endObject()
                .toByteArray();
    }

    private static @Nullable JsonValue queueTable(byte[] body) {
        JsonObject answer = JsonReader.readObject(body);
        return answer.value("messageQueueTable");
    }

    /**
     * Tells the members of a group, one-way, to start queues of a topic again from offsets: for clients that would
     * otherwise learn it only from their next pull.
     *
     * @param group the group
     * @param topic the topic
     * @param timestamp the time asked for
     * @param body the offsets by queue, as in the answer of request 222
     * @param listed the same in the form that C++ clients read
     */
    public void tellReset(String group, String topic, long timestamp, byte[] body, byte[] listed) {
        ConsumerGroup of = groups.find(group);
        if (of == null) {
            return;
        }
        Header header = out -> out.put("topic", topic)
                .put("group", group)
                .put("timestamp", timestamp)
                .put("isForce", true);
        for (Member member : of.members()) {
            byte[] fitting = Language.of(member.language()) == Language.CPP ? listed : body;
            member.channel().send(Frame.oneway(RequestCode.RESET_CONSUMER_CLIENT_OFFSET, header, fitting));
        }
    }
}
