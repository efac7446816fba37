package org.merlinmq.client;

import java.time.Instant;

/** Where in a queue reading begins. */
public sealed interface StartAt {
    /** The oldest message there is. */
    static StartAt first() {
        return new First();
    }

    /** Behind the newest message: what comes from now on. */
    static StartAt last() {
        return new Last();
    }

    /** The first message that the broker stored at a time or later. */
    static StartAt time(Instant when) {
        return new Time(when);
    }

    /** The oldest message there is. */
    record First() implements StartAt {}

    /** Behind the newest message. */
    record Last() implements StartAt {}

    /**
     * The first message that the broker stored at a time or later.
     *
     * @param when the time
     */
    record Time(Instant when) implements StartAt {}
}
