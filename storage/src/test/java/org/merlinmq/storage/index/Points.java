package org.merlinmq.storage.index;

import java.nio.ByteBuffer;
import org.merlinmq.storage.index.LogIndex.RecoveryPoint;

/** Checkpoints of single indexes, in memory. */
public final class Points {
    /** An index begins anew. */
    public static final RecoveryPoint NONE = RecoveryPoint.none(0, 0);

    private Points() {}

    /**
     * What the checkpoint would have of an index that was just flushed.
     *
     * @param index the index
     * @param upToLogOffset up to where it was flushed
     * @return the point
     */
    public static RecoveryPoint of(LogIndex index, long upToLogOffset) {
        return new RecoveryPoint(upToLogOffset, 0, Long.MAX_VALUE, index.version(), ByteBuffer.wrap(index.progress()));
    }
}
