package org.merlinmq.storage.log;

/**
 * Whether the log takes writes, and if not, why, in a sentence for the one who has to act.
 *
 * @param kind the case
 * @param sentence what happened and what cures it; empty while all is well
 */
public record WriteState(Kind kind, String sentence) {
    /** All is well. */
    public static final WriteState OK = new WriteState(Kind.OK, "");

    static final WriteState CLOSED = new WriteState(Kind.CLOSED, "The store is closing; send to another broker.");

    /** The cases. */
    public enum Kind {
        /** Writes are taken. */
        OK,
        /** There is no space; writes return by themselves when there is. */
        DISK_FULL,
        /** A write or sync failed; only a restart on a sound disk brings writes back. */
        POISONED,
        /** The store is closing or closed. */
        CLOSED
    }

    /** Whether writes are taken. */
    public boolean writable() {
        return kind == Kind.OK;
    }
}
