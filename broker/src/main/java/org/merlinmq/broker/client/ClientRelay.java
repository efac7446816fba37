package org.merlinmq.broker.client;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.ConsumerStatus;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.ResetOffsets;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.Language;
import org.merlinmq.protocol.request.ConsumeDirectlyRequest;
import org.merlinmq.protocol.request.ConsumerStatusRequest;
import org.merlinmq.protocol.request.ResetClientOffsetRequest;
import org.merlinmq.protocol.request.RunningStateRequest;
import org.merlinmq.transport.CallFailedException;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.Request;

/**
 * Relays requests of administrators to a connected consumer, and its answer back.
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
     * @param brokerName stands in the requests to clients
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
        handlers.on(RequestCode.GET_CONSUMER_RUNNING_INFO, Access.of(Resource.GROUP, Action.GET), request -> {
            RunningStateRequest header = RunningStateRequest.read(request);
            return relay(
                    header.consumerGroup(),
                    header.clientId(),
                    question(RequestCode.GET_CONSUMER_RUNNING_INFO, request.frame(), NO_BODY));
        });
        handlers.blocking(
                RequestCode.CONSUME_MESSAGE_DIRECTLY, Access.of(Resource.GROUP, Action.UPDATE), this::consumeDirectly);
        handlers.on(
                RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS,
                Access.of(Resource.GROUP, Action.GET),
                request -> status(ConsumerStatusRequest.read(request)));
    }

    private Answer consumeDirectly(Request request) {
        ConsumeDirectlyRequest header = ConsumeDirectlyRequest.read(request);
        byte[] record = messages.record(header.msgId());
        return record == null
                ? Answer.refuse(
                        ResponseCode.SYSTEM_ERROR,
                        "no message is stored at the place that the id " + header.msgId() + " names")
                : relay(
                        header.consumerGroup(),
                        header.clientId(),
                        question(RequestCode.CONSUME_MESSAGE_DIRECTLY, request.frame(), record));
    }

    /** The administrator's request as the client gets it: the fields as they came, and the broker that asks. */
    Frame question(RequestCode code, Frame asked, byte[] body) {
        Map<String, String> fields = new HashMap<>(asked.fields());
        fields.put("brokerName", brokerName);
        return Frame.request(code, null, body).withFields(fields);
    }

    Answer relay(String group, @Nullable String clientId, Frame question) {
        Member member = member(group, clientId);
        if (member == null) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR, "The Consumer <" + group + "> <" + clientId + "> not online");
        }
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

    /** Request 223: asks each client of a group, or one of them, for its offsets in a topic. */
    Answer status(ConsumerStatusRequest request) {
        ConsumerGroup group = groups.find(request.group());
        if (group == null) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR, "no consumer of the group " + request.group() + " is online");
        }
        String only = Objects.requireNonNullElse(request.clientAddr(), "");
        Map<String, CompletableFuture<Frame>> asked = new TreeMap<>();
        Frame question = Frame.request(
                RequestCode.GET_CONSUMER_STATUS_FROM_CLIENT,
                new ConsumerStatusRequest(request.topic(), request.group(), null));
        for (Member member : group.members()) {
            if (only.isEmpty() || only.equals(member.clientId())) {
                asked.put(member.clientId(), member.channel().call(question, TIMEOUT));
            }
        }
        return Answer.later(CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .handle((done, failure) -> Answer.ok(statusOf(asked).write())));
    }

    private static ConsumerStatus statusOf(Map<String, CompletableFuture<Frame>> asked) {
        Map<String, Map<MessageQueueId, Long>> byClient = new TreeMap<>();
        asked.forEach((clientId, answer) -> {
            Frame reply = answer.isCompletedExceptionally() ? null : answer.getNow(null);
            if (reply != null && reply.isOk()) {
                byClient.put(clientId, ConsumerStatus.read(reply.body()).messageQueueTable());
            }
        });
        return new ConsumerStatus(byClient, Map.of());
    }

    /**
     * Has the connected members of a group start queues of a topic again from offsets, by a one-way request: otherwise they
     * learn it from their next pull only.
     *
     * @param header group, topic and time of the reset
     * @param offsets the offsets by queue
     */
    public void sendReset(ResetClientOffsetRequest header, ResetOffsets offsets) {
        ConsumerGroup of = groups.find(header.group());
        if (of == null) {
            return;
        }
        for (Member member : of.members()) {
            boolean asList = Language.of(member.language()) == Language.CPP;
            byte[] body = asList ? offsets.writeAsList() : offsets.write();
            member.channel().send(Frame.oneway(RequestCode.RESET_CONSUMER_CLIENT_OFFSET, header, body));
        }
    }
}
