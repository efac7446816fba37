package org.merlinmq.nameserver;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Header;

/**
 * The answer to a request, before it is a frame.
 *
 * @param code success or the kind of refusal
 * @param remark a sentence for people, or null
 * @param header header fields, or null for none
 * @param body the body, possibly empty
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Reply(
        ResponseCode code,
        @Nullable String remark,
        @Nullable Header header,
        byte[] body) {
    private static final byte[] NO_BODY = {};

    static Reply ok() {
        return ok(NO_BODY);
    }

    static Reply ok(byte[] body) {
        return new Reply(ResponseCode.SUCCESS, null, null, body);
    }

    static Reply ok(Header header) {
        return new Reply(ResponseCode.SUCCESS, null, header, NO_BODY);
    }

    static Reply ok(Header header, byte[] body) {
        return new Reply(ResponseCode.SUCCESS, null, header, body);
    }

    static Reply refuse(ResponseCode code, String sentence) {
        return new Reply(code, sentence, null, NO_BODY);
    }
}
