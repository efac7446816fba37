package org.merlinmq.storage;

import java.util.List;
import org.merlinmq.storage.log.EpochTable.Epoch;

/**
 * What the log of a store has that was set aside, and counts until the copy in its place is level.
 *
 * @param epochs oldest first, at least one
 * @param begin where it begins
 * @param end where its last whole record ends
 */
public record SetAsideLog(List<Epoch> epochs, long begin, long end) {
    /** Checks the epochs. */
    public SetAsideLog {
        epochs = List.copyOf(epochs);
        if (epochs.isEmpty()) {
            throw new IllegalArgumentException("a log has at least one epoch");
        }
    }
}
