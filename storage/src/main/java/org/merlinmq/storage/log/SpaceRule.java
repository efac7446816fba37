package org.merlinmq.storage.log;

/** How much of a nearly full disk a batch may take. */
public enum SpaceRule {
    /** Nothing while sends are refused, and not the reserve at the end of the last segment. */
    MESSAGE,

    /**
     * What the log has a segment for, even while sends are refused: the batch copies what lies in the log already, so that
     * segments can be deleted.
     */
    MAKES_ROOM,

    /** The reserve too: changes of the state, by which an administrator makes room and consumers keep their offsets. */
    STATE
}
