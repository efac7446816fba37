package org.merlinmq.broker.pull;

import org.merlinmq.protocol.bytes.ByteWriter;

/**
 * How a protocol's shell answers the pulls that the core decides. Each pull gets one answer: a refusal, an answer without
 * messages, or {@link #begin}, the records, {@link #end}.
 *
 * <p>Threading: called on the loop of the core.
 *
 * @param <C> the shell's kind of client
 */
public interface PullReplies<C> {
    /**
     * Whether there is still somebody to answer.
     *
     * @param client who pulled
     * @return false if it has gone
     */
    boolean isOpen(C client);

    /**
     * Answers without messages.
     *
     * @param client who pulled
     * @param token what the shell handed in with the request
     * @param result code, status and offsets; valid during the call only
     */
    void nothing(C client, long token, PullResult result);

    /**
     * Begins an answer with messages.
     *
     * @param client who pulled
     * @param token what the shell handed in with the request
     * @param result code, status and offsets; valid during the call only
     * @return takes the records, one right behind the other as they lie in the log
     */
    ByteWriter begin(C client, long token, PullResult result);

    /** Ends the answer that was begun. */
    void end();

    /** Takes back the answer that was begun, as if there had been none. */
    void abandon();

    /**
     * Refuses the pull.
     *
     * @param client who pulled
     * @param token what the shell handed in with the request
     * @param refused why
     */
    void refused(C client, long token, PullOutcome.Refused refused);
}
