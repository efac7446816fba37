package org.merlinmq.transport.dispatch;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Header;

/**
 * What a handler gives back: a value that the dispatcher turns into a frame.
 *
 * <p>Threading: immutable; any thread.
 */
public final class Answer {
    private static final byte[] NO_BODY = {};
    private static final Answer OK = new Answer(ResponseCode.SUCCESS, null, null, NO_BODY, null);

    private final ResponseCode code;
    private final @Nullable String remark;
    private final @Nullable Header header;
    private final byte[] body;
    private final @Nullable CompletableFuture<Answer> later;

    private Answer(
            ResponseCode code,
            @Nullable String remark,
            @Nullable Header header,
            byte[] body,
            @Nullable CompletableFuture<Answer> later) {
        this.code = code;
        this.remark = remark;
        this.header = header;
        this.body = body;
        this.later = later;
    }

    /** Success without header fields and body. */
    public static Answer ok() {
        return OK;
    }

    /**
     * Done.
     *
     * @param header the reply's header fields
     * @return success with them
     */
    public static Answer ok(Header header) {
        return new Answer(ResponseCode.SUCCESS, null, header, NO_BODY, null);
    }

    /**
     * Done.
     *
     * @param body the reply's body; not copied
     * @return success with it
     */
    public static Answer ok(byte[] body) {
        return new Answer(ResponseCode.SUCCESS, null, null, body, null);
    }

    /**
     * Done.
     *
     * @param header the reply's header fields
     * @param body the reply's body; not copied
     * @return success with both
     */
    public static Answer ok(Header header, byte[] body) {
        return new Answer(ResponseCode.SUCCESS, null, header, body, null);
    }

    /**
     * Another code than success, with header fields that its receiver expects.
     *
     * @param code the response code
     * @param remark the sentence for a person
     * @param header the reply's header fields
     * @return the answer
     */
    public static Answer of(ResponseCode code, @Nullable String remark, @Nullable Header header) {
        return new Answer(code, remark, header, NO_BODY, null);
    }

    /**
     * An expected no.
     *
     * @param code the response code
     * @param sentence what is refused, and the cure
     * @return the answer
     */
    public static Answer refuse(ResponseCode code, String sentence) {
        return new Answer(code, sentence, null, NO_BODY, null);
    }

    /**
     * An expected no.
     *
     * @param refusal code and sentence
     * @return the answer
     */
    public static Answer refuse(Refusal refusal) {
        return refuse(refusal.code(), refusal.sentence());
    }

    /**
     * An answer that is still being made.
     *
     * @param answer completed on any thread, with an answer that is not itself later
     * @return the promise of it
     */
    public static Answer later(CompletableFuture<Answer> answer) {
        return new Answer(ResponseCode.SUCCESS, null, null, NO_BODY, answer);
    }

    /** The response code; meaningless while {@link #later()} is not null. */
    public ResponseCode code() {
        return code;
    }

    /** The sentence for a person; null if there is none. */
    public @Nullable String remark() {
        return remark;
    }

    /** The header fields; null if this kind of reply has none. */
    public @Nullable Header header() {
        return header;
    }

    /** The body, possibly empty. */
    public byte[] body() {
        return body;
    }

    /** The answer that is still being made; null for a finished one. */
    public @Nullable CompletableFuture<Answer> later() {
        return later;
    }
}
