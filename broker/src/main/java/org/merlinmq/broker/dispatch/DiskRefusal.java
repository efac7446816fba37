package org.merlinmq.broker.dispatch;

import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.dispatch.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How requests are refused that the disk did not let happen.
 *
 * <p>Threading: any thread.
 */
public final class DiskRefusal {
    private static final Logger LOG = LoggerFactory.getLogger(DiskRefusal.class);

    private DiskRefusal() {}

    /**
     * What is asked cannot be written down or read now.
     *
     * @param cause the disk's failure
     * @return SERVICE_NOT_AVAILABLE with the cause and its cure
     */
    public static Refusal of(DiskException cause) {
        return new Refusal(
                ResponseCode.SERVICE_NOT_AVAILABLE,
                cause.getMessage() + (cause.full() ? "; free space there, then try again" : "; check the disk"));
    }

    /**
     * The refusal of a request that failed, for the dispatch of all requests.
     *
     * @param code the request's code
     * @param connection where it came from
     * @param fault how it failed
     * @return null if the disk is not the cause
     */
    public static @Nullable Refusal of(int code, Connection connection, Throwable fault) {
        if (!(fault instanceof DiskException cause)) {
            return null;
        }
        LOG.warn("request-not-written code={} peer={} cause=\"{}\"", code, connection.remote(), cause.getMessage());
        return of(cause);
    }
}
