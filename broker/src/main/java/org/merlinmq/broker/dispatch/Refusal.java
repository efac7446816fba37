package org.merlinmq.broker.dispatch;

import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.storage.disk.DiskException;

/**
 * An expected no: what the client is told, and what it can do about it. Refusals are returned, never thrown.
 *
 * @param code the response code that clients act on
 * @param sentence for a person: the thing refused, and the cure
 */
public record Refusal(ResponseCode code, String sentence) {
    /**
     * What is asked cannot be written down now.
     *
     * @param cause what the disk said
     * @return SERVICE_NOT_AVAILABLE with the cause and its cure
     */
    public static Refusal of(DiskException cause) {
        return new Refusal(
                ResponseCode.SERVICE_NOT_AVAILABLE,
                cause.getMessage() + (cause.full() ? "; free space there, then try again" : "; check the disk"));
    }
}
