package org.merlinmq.broker.group;

import java.util.ArrayList;
import java.util.List;
import org.merlinmq.broker.state.Journal;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.storage.state.StateVisitor;

/** A journal in memory. */
public final class FakeJournal implements Journal {
    private final List<StateChange> changes = new ArrayList<>();

    /** An empty journal. */
    public FakeJournal() {}

    @Override
    public long append(StateChange change) {
        changes.add(change);
        return changes.size();
    }

    /**
     * How much was written.
     *
     * @return changes
     */
    public int size() {
        return changes.size();
    }

    /** Forgets what was written. */
    public void clear() {
        changes.clear();
    }

    /**
     * Hands all entries to a table.
     *
     * @param table takes them
     */
    public void replay(StateVisitor table) {
        changes.forEach(change -> change.forEach(table));
    }
}
