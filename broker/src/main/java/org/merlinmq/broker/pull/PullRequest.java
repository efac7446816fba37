package org.merlinmq.broker.pull;

import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.protocol.bytes.ByteSlice;

/**
 * A client's wish for the messages of a queue from an offset on: what the core knows of a pull, whatever it came in. One per
 * event loop, filled anew by the protocol's shell for each request.
 *
 * <p>Threading: its loop; the slices are valid during the call that hands it to the core.
 */
final class PullRequest {
    /** In place of an offset to commit: none. */
    static final long COMMITS_NOTHING = -1;

    final ByteSlice group = new ByteSlice();
    final ByteSlice topic = new ByteSlice();
    int queueId;

    /** The first message wanted. */
    long queueOffset;

    int maxMessages;
    int maxBytes;

    /** The next message to consume, to be stored first; or {@link #COMMITS_NOTHING}. */
    long commitOffset;

    /** How long to wait for a message if there is none; below 0 for an answer at once. */
    long suspendMillis;

    /** Whether the subscription comes with the pull; else that of the group's heartbeats holds. */
    boolean bringsSubscription;

    /** Empty for all messages. */
    final ByteSlice expression = new ByteSlice();

    /** Empty for {@code TAG}. */
    final ByteSlice expressionType = new ByteSlice();

    /** Which version of its group's subscription the client pulls by. */
    long subscriptionVersion;

    /** A pull that no push consumer makes, which can be switched off. */
    boolean lite;

    private @Nullable Session session;

    /** Begins a request of a client. */
    @SuppressWarnings("ReferenceEquality") // the very same session
    PullRequest of(Session from) {
        // Not stored again if it is the same, for the reason in ByteSlice.
        if (session != from) {
            session = from;
        }
        return this;
    }

    /** Who pulls, as far as its heartbeats on this connection tell; null if it is not known. */
    @Nullable Session session() {
        return session;
    }

    boolean suspends() {
        return suspendMillis >= 0;
    }

    /** A copy that outlives the call. */
    PullRequest copy() {
        PullRequest copy = new PullRequest();
        copy.group.copyOf(group);
        copy.topic.copyOf(topic);
        copy.queueId = queueId;
        copy.queueOffset = queueOffset;
        copy.maxMessages = maxMessages;
        copy.maxBytes = maxBytes;
        copy.commitOffset = commitOffset;
        copy.suspendMillis = suspendMillis;
        copy.bringsSubscription = bringsSubscription;
        copy.expression.copyOf(expression);
        copy.expressionType.copyOf(expressionType);
        copy.subscriptionVersion = subscriptionVersion;
        copy.lite = lite;
        copy.session = session;
        return copy;
    }
}
