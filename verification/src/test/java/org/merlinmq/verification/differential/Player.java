package org.merlinmq.verification.differential;

import static java.util.Objects.requireNonNull;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameFlag;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.frame.ProtocolVersion;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.verification.server.RawConnection;
import org.merlinmq.verification.server.Server;

/** Sends a script to a server and writes down what came. */
final class Player implements AutoCloseable {
    private static final int ANSWER_MILLIS = 30_000;
    private static final int SILENCE_MILLIS = 4_000;
    private static final long HELD_MILLIS = 900;

    private final Server server;
    private final Map<Step.To, RawConnection> connections = new LinkedHashMap<>();
    private String lastId = "";

    Player(Server server) {
        this.server = server;
    }

    /** All answers by the names of their steps. */
    Map<String, List<String>> play(List<Step> script) throws IOException {
        Map<String, List<String>> answers = new LinkedHashMap<>();
        for (Step step : script) {
            answers.put(step.name(), play(step));
        }
        return answers;
    }

    private List<String> play(Step step) throws IOException {
        return switch (step.kind()) {
            case CALL -> call(step);
            case ONEWAY -> oneway(step);
            case BYTES -> bytes(step);
        };
    }

    private List<String> call(Step step) throws IOException {
        long began = System.nanoTime();
        Frame reply;
        try {
            reply = connection(step.to()).call(frame(step, 0));
        } catch (EOFException closed) {
            requireNonNull(connections.remove(step.to())).close();
            return List.of("connection closed");
        }
        List<String> lines = new ArrayList<>(Answers.lines(step, reply));
        if (isPull(step) && isHeld(began) && isHeldAgain(step)) {
            lines.add("held");
        }
        String id = reply.text("msgId");
        if (id != null) {
            lastId = id;
        }
        if (step.name().equals("send what is to be found")) {
            awaitIndexed();
        }
        return lines;
    }

    private static boolean isHeld(long beganNanos) {
        return (System.nanoTime() - beganNanos) / 1_000_000 >= HELD_MILLIS;
    }

    /** An answer may also be late because the machine is busy. */
    private boolean isHeldAgain(Step step) throws IOException {
        long began = System.nanoTime();
        connection(step.to()).call(frame(step, 0));
        return isHeld(began);
    }

    private static boolean isPull(Step step) {
        return step.code() == RequestCode.PULL_MESSAGE.number();
    }

    /** Indexes may lag behind sends. */
    private void awaitIndexed() {
        Map<String, String> fields = Map.of(
                "topic",
                "DiffTopic",
                "key",
                "find",
                "maxNum",
                "1",
                "beginTimestamp",
                "0",
                "endTimestamp",
                "9999999999999");
        org.awaitility.Awaitility.await("the key index")
                .atMost(Duration.ofMinutes(1))
                .until(() -> connection(Step.To.BROKER)
                        .call(Frame.request(RequestCode.QUERY_MESSAGE, null).withFields(fields))
                        .isOk());
    }

    private List<String> oneway(Step step) throws IOException {
        RawConnection connection = connection(step.to());
        connection.send(frame(step, FrameFlag.ONEWAY).withRequestId(1_000_000));
        Frame probe = Frame.request(RequestCode.GET_MAX_OFFSET, null)
                .withFields(Map.of("topic", "DiffTopic", "queueId", "1"))
                .withRequestId(1_000_001);
        connection.send(probe);
        for (int i = 0; i < 3; i++) {
            Frame frame = connection.read();
            if (frame.isResponse()) {
                return List.of(frame.requestId() == probe.requestId() ? "no answer" : "an answer");
            }
        }
        return List.of("requests only");
    }

    private List<String> bytes(Step step) throws IOException {
        try (RawConnection connection = new RawConnection(
                step.to() == Step.To.BROKER ? server.broker() : server.nameserver(), SILENCE_MILLIS)) {
            connection.send(step.body());
            @Nullable Frame frame = connection.readIfAny();
            if (frame == null) {
                return List.of("no answer, connection open");
            }
            return Answers.lines(step, frame);
        } catch (EOFException closed) {
            return List.of("connection closed");
        }
    }

    private Frame frame(Step step, int flag) {
        Map<String, String> fields = new LinkedHashMap<>();
        step.fields().forEach((name, value) -> fields.put(name, filled(value)));
        return new Frame(HeaderForm.JSON, step.code(), 0, ProtocolVersion.CURRENT, 0, flag, null, fields, step.body());
    }

    private String filled(String value) {
        return switch (value) {
            case "$now" -> Long.toString(System.currentTimeMillis());
            case "$id" -> lastId;
            case "$offset" -> Long.toString(MessageId.decode(lastId).logOffset());
            default -> value;
        };
    }

    private RawConnection connection(Step.To to) throws IOException {
        RawConnection connection = connections.get(to);
        if (connection == null) {
            connection = new RawConnection(to == Step.To.BROKER ? server.broker() : server.nameserver(), ANSWER_MILLIS);
            connections.put(to, connection);
        }
        return connection;
    }

    @Override
    public void close() {
        connections.values().forEach(RawConnection::close);
    }
}
