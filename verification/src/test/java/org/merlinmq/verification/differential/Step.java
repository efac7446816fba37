package org.merlinmq.verification.differential;

import java.util.Map;

/**
 * One thing that is sent.
 *
 * @param name names it in golden files; unique
 * @param to who gets it
 * @param kind how it is sent
 * @param code the request code
 * @param fields the header's fields; {@code $offset} stands for the log offset that the last send was answered, {@code
 *     $id} for its id, {@code $now} for the time
 * @param body the body, or for {@link Kind#BYTES} all that goes over the wire
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Step(String name, To to, Kind kind, int code, Map<String, String> fields, byte[] body) {
    enum To {
        BROKER,
        NAMESERVER
    }

    enum Kind {
        /** A request; its answer counts. */
        CALL,
        /** A one-way request; that there is no answer counts. */
        ONEWAY,
        /** Bytes on a connection of their own; whether it is closed or answered counts. */
        BYTES
    }
}
