package org.merlinmq.transport.dispatch;

import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.frame.Header;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.frame.ReplyWriter;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.transport.Connection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How one event loop answers: frames are written straight into the connection's output, in the form of the request.
 *
 * <p>Threading: on its loop only, except {@link #answerLater}.
 */
public final class LoopReplies {
    private static final Logger LOG = LoggerFactory.getLogger(LoopReplies.class);

    private static final long REQUEST_ID = 0xFFFF_FFFFL;
    private static final long BINARY = 1L << 32;

    private final ReplyWriter writer = new ReplyWriter();

    private final OnewayRefusals onewayRefusals;
    private final FaultMapping faults;

    /** Knows the faults of one server that are no bugs. */
    @FunctionalInterface
    public interface FaultMapping {
        /**
         * What a request is answered with that failed.
         *
         * @param code the request's code
         * @param connection where it came from
         * @param fault how it failed
         * @return null if the fault is a bug
         */
        @Nullable Refusal refusal(int code, Connection connection, Throwable fault);
    }

    /**
     * Makes the replies of one loop.
     *
     * @param onewayRefusals counts what is refused and cannot be answered
     * @param faults knows the faults that are no bugs
     */
    public LoopReplies(OnewayRefusals onewayRefusals, FaultMapping faults) {
        this.onewayRefusals = onewayRefusals;
        this.faults = faults;
    }

    /**
     * The writer, for handlers that write frames of their own.
     *
     * @return the loop's writer; used up to its {@code end()} before anything else is answered
     */
    public ReplyWriter writer() {
        return writer;
    }

    /**
     * What a core hands back to its shell with an answer: which request of its connection it answers, and in which form.
     *
     * @param frame the request
     * @return for {@link #begin}
     */
    public static long token(FrameScan frame) {
        return (frame.form() == HeaderForm.BINARY ? BINARY : 0) | (frame.requestId() & REQUEST_ID);
    }

    /**
     * Begins an answer.
     *
     * @param connection who asked
     * @param token names the request
     * @param code the response code
     * @return the writer, for remark, fields and body up to its {@code end()}
     */
    public ReplyWriter begin(Connection connection, long token, ResponseCode code) {
        HeaderForm form = (token & BINARY) != 0 ? HeaderForm.BINARY : HeaderForm.JSON;
        writer.begin(connection.out(), form, code.number(), (int) token);
        return writer;
    }

    /**
     * Answers with a refusal; of a one-way request it is only counted.
     *
     * @param connection who asked
     * @param frame what was asked
     * @param refusal code and sentence
     */
    public void refuse(Connection connection, FrameScan frame, Refusal refusal) {
        if (frame.isOneway()) {
            countOneway(connection, frame.code(), refusal.code(), refusal.sentence());
        } else {
            refuse(connection, frame.form(), frame.requestId(), refusal.code(), refusal.sentence());
        }
    }

    /**
     * A one-way request was handled; counts it if it was refused. Any thread.
     *
     * @param connection where it came from
     * @param requestCode the request
     * @param code the response code that nobody gets
     * @param sentence its sentence
     */
    public void countOneway(Connection connection, int requestCode, ResponseCode code, @Nullable String sentence) {
        if (code != ResponseCode.SUCCESS) {
            onewayRefusals.add(requestCode, connection.remote(), code, sentence);
        }
    }

    /**
     * Answers with a code and a sentence.
     *
     * @param connection who asked
     * @param form the form of the request
     * @param requestId its id
     * @param code the response code
     * @param sentence for a person
     */
    public void refuse(Connection connection, HeaderForm form, int requestId, ResponseCode code, String sentence) {
        writer.begin(connection.out(), form, code.number(), requestId);
        writer.remark(sentence);
        writer.endHeader();
        writer.end();
        connection.touch();
    }

    /**
     * Answers as a handler said.
     *
     * @param connection who asked
     * @param form the form of the request
     * @param requestId its id
     * @param answer a finished answer
     */
    public void answer(Connection connection, HeaderForm form, int requestId, Answer answer) {
        writer.begin(connection.out(), form, answer.code().number(), requestId);
        writer.remark(answer.remark());
        Header header = answer.header();
        if (header != null) {
            header.write(writer);
        }
        writer.endHeader();
        connection.out().put(answer.body());
        writer.end();
        connection.touch();
    }

    /**
     * Answers when a promise is kept. Any thread.
     *
     * @param request what was asked
     * @param answer the promise
     */
    @SuppressWarnings("FutureReturnValueIgnored") // what follows the answer cannot fail
    void answerLater(Request request, Answer answer) {
        if (answer.later() == null) {
            onLoop(request, answer);
        } else {
            Objects.requireNonNull(answer.later())
                    .whenComplete((done, fault) -> onLoop(request, outcome(request, done, fault)));
        }
    }

    private void onLoop(Request request, Answer answer) {
        Connection connection = request.connection();
        if (request.isOneway()) {
            countOneway(connection, request.code(), answer.code(), answer.remark());
            return;
        }
        connection.loop().execute(() -> {
            if (connection.isOpen()) {
                answer(connection, request.frame().form(), request.frame().requestId(), answer);
            }
        });
    }

    private Answer outcome(Request request, @Nullable Answer done, @Nullable Throwable fault) {
        if (done != null) {
            return done;
        }
        Throwable cause = fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
        return fault(
                request.code(), request.connection(), cause == null ? new IllegalStateException("no answer") : cause);
    }

    /** What a handler's failure is answered with; logged, unless it is the client's and not ours. */
    Answer fault(int code, Connection connection, Throwable cause) {
        Refusal refusal = refusal(code, connection, cause);
        if (refusal != null) {
            return Answer.refuse(refusal);
        }
        LOG.error("request-failed code={} peer={}", code, connection.remote(), cause);
        return Answer.refuse(ResponseCode.SYSTEM_ERROR, cause.getClass().getSimpleName() + ": " + cause.getMessage());
    }

    /** What a failure that is no bug is answered with; null if it is one. */
    @Nullable Refusal refusal(int code, Connection connection, Throwable cause) {
        return cause instanceof FieldException || cause instanceof JsonException
                ? new Refusal(ResponseCode.SYSTEM_ERROR, String.valueOf(cause.getMessage()))
                : faults.refusal(code, connection, cause);
    }
}
