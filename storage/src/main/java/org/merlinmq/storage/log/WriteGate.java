package org.merlinmq.storage.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the log takes writes: not after a failed write or sync, not while the disk is too full or there is no segment, and
 * not once it is closed.
 *
 * <p>Threading: any thread. Its monitor is a leaf: nothing is locked under it.
 */
final class WriteGate {
    private static final Logger LOG = LoggerFactory.getLogger(WriteGate.class);

    private static final String FOLLOWS =
            "This store follows another one, which alone decides what is in it; send there.";

    private static final String STANDS_BY =
            "This broker does not lead its group, and takes nothing by itself; send to the one that does.";

    private volatile WriteState state = WriteState.OK;

    /** Whether the log takes the bytes of another one, and nothing else. */
    private volatile boolean following;

    /** Whether the log neither follows another one nor may grow by itself. */
    private volatile boolean standingBy;

    /** Why there is no next segment, empty if there is or may be one. */
    private volatile String noSegment = "";

    /** Why whoever watches the disk's space refuses writes, empty if it does not. Guarded by this. */
    private String forbidden = "";

    WriteState state() {
        return state;
    }

    /**
     * Why a batch is not taken; null if it is, as far as it finds a place.
     *
     * @param rule what it may take of a disk that is too full for messages
     */
    @Nullable String refusal(SpaceRule rule) {
        if (following) {
            return FOLLOWS;
        }
        if (standingBy) {
            return STANDS_BY;
        }
        WriteState now = state;
        boolean full = now.kind() == WriteState.Kind.DISK_FULL;
        boolean taken = switch (rule) {
            case MESSAGE -> now.writable();
            case MAKES_ROOM -> now.writable() || (full && noSegment.isEmpty());
            case STATE -> now.writable() || full;
        };
        return taken ? null : now.sentence();
    }

    /** Refuses all writes from now on. The text begins a sentence. */
    synchronized void poison(String what, @Nullable Throwable cause) {
        if (state.kind() == WriteState.Kind.POISONED) {
            return;
        }
        String why = cause == null ? "" : ": " + cause.getMessage();
        state = new WriteState(
                WriteState.Kind.POISONED,
                what + why + ". Nothing more is stored; reading goes on. Check the disk, then restart the broker.");
        LOG.error("log-poisoned sentence=\"{}\"", state.sentence(), cause);
    }

    /** Begins to refuse appends, or ends it, because the log follows another one. */
    void following(boolean follows) {
        following = follows;
    }

    boolean isFollowing() {
        return following;
    }

    /** Begins to refuse appends, or ends it, because another broker of the group leads, or may. */
    void standBy(boolean standsBy) {
        standingBy = standsBy;
    }

    boolean isStandingBy() {
        return standingBy;
    }

    boolean lacksSegment() {
        return !noSegment.isEmpty();
    }

    /** Refuses writes since the next segment could not be made; returns why. */
    synchronized String lackSegment(String cause) {
        boolean first = noSegment.isEmpty();
        noSegment = "The next segment of the log cannot be made: " + cause + " Writes return when it can.";
        decide();
        if (first) {
            LOG.error("log-full sentence=\"{}\"", noSegment);
        }
        return state.sentence();
    }

    /** Takes writes again, as far as segments are concerned. */
    synchronized void haveSegment() {
        if (!noSegment.isEmpty()) {
            noSegment = "";
            decide();
            LOG.warn("log-writable cause=\"the next segment could be made\"");
        }
    }

    /** Refuses writes while there is too little space; with an empty sentence takes them again. */
    synchronized void forbid(String sentence) {
        if (!forbidden.equals(sentence)) {
            LOG.warn("log-space sentence=\"{}\"", sentence.isEmpty() ? "there is space again" : sentence);
        }
        forbidden = sentence;
        decide();
    }

    private void decide() {
        if (state.kind() == WriteState.Kind.OK || state.kind() == WriteState.Kind.DISK_FULL) {
            String sentence = noSegment.isEmpty() ? forbidden : noSegment;
            state = sentence.isEmpty() ? WriteState.OK : new WriteState(WriteState.Kind.DISK_FULL, sentence);
        }
    }

    /** Returns false if it was closed before. */
    synchronized boolean close() {
        boolean first = state.kind() != WriteState.Kind.CLOSED;
        state = WriteState.CLOSED;
        return first;
    }
}
