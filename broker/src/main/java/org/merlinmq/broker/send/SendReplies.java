package org.merlinmq.broker.send;

import org.merlinmq.transport.dispatch.Refusal;

/**
 * How a protocol's shell answers sends that the core took in.
 *
 * <p>Threading: called on the loop of the core.
 *
 * @param <C> the shell's kind of client
 */
public interface SendReplies<C> {
    /**
     * All messages of a send are stored.
     *
     * @param client who sent; may have gone
     * @param token what the shell handed in with the request
     * @param what where they are; valid during the call only
     */
    void stored(C client, long token, StoredSend what);

    /**
     * The log did not store the messages of a send.
     *
     * @param client who sent; may have gone
     * @param token what the shell handed in with the request
     * @param why code and sentence
     */
    void refused(C client, long token, Refusal why);
}
