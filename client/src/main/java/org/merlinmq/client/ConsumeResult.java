package org.merlinmq.client;

/** What became of messages that a listener was given. */
public enum ConsumeResult {
    /** Done with all of them. */
    SUCCESS,
    /** All of them shall come again later: after 10 s, 30 s, 1 m …, and after the group's last retry to its dead letters. */
    RETRY_LATER
}
