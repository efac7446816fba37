package org.merlinmq.client;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.code.ResponseCode;

/** How safely a message that was sent is stored. */
public enum SendStatus {
    /** Stored as the broker is configured to. */
    SEND_OK,
    /** Stored, but the broker's disk did not confirm in time. */
    FLUSH_DISK_TIMEOUT,
    /** Stored by the master, but no slave confirmed in time. */
    FLUSH_SLAVE_TIMEOUT,
    /** Stored by the master, but no slave is in sync. */
    SLAVE_NOT_AVAILABLE;

    /** The status of an answer's code; null if the message was not stored. */
    static @Nullable SendStatus of(int code) {
        ResponseCode known = ResponseCode.of(code);
        if (known == null) {
            return null;
        }
        return switch (known) {
            case SUCCESS -> SEND_OK;
            case FLUSH_DISK_TIMEOUT -> FLUSH_DISK_TIMEOUT;
            case FLUSH_SLAVE_TIMEOUT -> FLUSH_SLAVE_TIMEOUT;
            case SLAVE_NOT_AVAILABLE -> SLAVE_NOT_AVAILABLE;
            default -> null;
        };
    }
}
