package org.merlinmq.broker.send;

/**
 * How messages are taken in.
 *
 * @param maxMessageBytes largest body, in bytes (maxMessageSize)
 * @param regionId stored with each message as MSG_REGION
 * @param traceOn stored with each message as TRACE_ON and told to producers
 * @param permission the broker's own permission bits: 2 write, 4 read (brokerPermission)
 * @param acceptFromMillis sends before this time are refused (startAcceptSendRequestTimeStamp); 0 for no such time
 */
public record SendConfig(int maxMessageBytes, String regionId, boolean traceOn, int permission, long acceptFromMillis) {

    /** Checks the bounds. */
    public SendConfig {
        if (maxMessageBytes < 1 || maxMessageBytes > 16_000_000) {
            throw new IllegalArgumentException(
                    "maxMessageSize must lie between 1 and 16000000 bytes, not " + maxMessageBytes);
        }
    }
}
