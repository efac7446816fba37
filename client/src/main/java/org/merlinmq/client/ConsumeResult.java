package org.merlinmq.client;

/** The result of consuming messages. */
public enum ConsumeResult {
    /** All of them are consumed. */
    SUCCESS,
    /** All of them are delivered again later: after 10 s, 30 s, 1 m …, and after the group's last retry to its dead letters. */
    RETRY_LATER
}
