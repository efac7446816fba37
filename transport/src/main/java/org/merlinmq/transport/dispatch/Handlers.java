package org.merlinmq.transport.dispatch;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.code.RequestCode;

/**
 * Which handler answers which request code.
 *
 * <p>Threading: filled by one thread before the first connection; read by all event loops after that.
 */
public final class Handlers {
    private final Map<RequestCode, Entry> entries = new EnumMap<>(RequestCode.class);

    private final Map<RequestCode, String> instead = new EnumMap<>(RequestCode.class);

    private final RunningRequests running = new RunningRequests();

    /** An empty table. */
    public Handlers() {}

    /**
     * Registers a handler that never blocks: it runs on the event loop.
     *
     * @param code the request code it answers
     * @param access what the request does, for access control
     * @param handler the handler
     * @return this
     * @throws IllegalStateException if the code has a handler already
     */
    public Handlers on(RequestCode code, Access access, Handler handler) {
        return put(code, new Entry(access, handler, false));
    }

    /**
     * Registers a handler that may wait for disk or peers: it runs by the dispatcher's executor for those.
     *
     * @param code the request code it answers
     * @param access what the request does, for access control
     * @param handler the handler
     * @return this
     * @throws IllegalStateException if the code has a handler already
     */
    public Handlers blocking(RequestCode code, Access access, Handler handler) {
        return put(code, new Entry(access, handler, true));
    }

    private Handlers put(RequestCode code, Entry entry) {
        if (instead.containsKey(code) || entries.putIfAbsent(code, entry) != null) {
            throw new IllegalStateException("two handlers for " + code);
        }
        return this;
    }

    /**
     * Adds a sentence to the refusal of a request that nobody answers.
     *
     * @param code the request code
     * @param sentence why it is not served, and what to use instead
     * @return this
     * @throws IllegalStateException if the code has a handler or a sentence already
     */
    public Handlers notServed(RequestCode code, String sentence) {
        if (entries.containsKey(code) || instead.putIfAbsent(code, sentence) != null) {
            throw new IllegalStateException("two answers for " + code);
        }
        return this;
    }

    /** What a request is refused with that nobody answers: RocketMQ's words, and what there is to use instead. */
    String refusal(int code) {
        RequestCode known = RequestCode.of(code);
        String sentence = known == null ? null : instead.get(known);
        // The blank in front is RocketMQ's.
        return " request type " + code + " not supported" + (sentence == null ? "" : ": " + sentence);
    }

    /** The requests that are worked on off the event loops now. */
    public RunningRequests running() {
        return running;
    }

    /**
     * What a request does.
     *
     * @param code its code
     * @return null if nobody answers it
     */
    public @Nullable Access access(RequestCode code) {
        Entry entry = entries.get(code);
        return entry == null ? null : entry.access();
    }

    @Nullable Entry find(int code) {
        RequestCode known = RequestCode.of(code);
        return known == null ? null : entries.get(known);
    }

    /** A handler, what it does, and where it runs. */
    record Entry(Access access, Handler handler, boolean blocking) {}
}
