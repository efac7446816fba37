package org.merlinmq.storage.state;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;

/**
 * Entries of a table in memory, as bytes that can go to another store.
 *
 * <p>Threading: filled by one thread; then any.
 *
 * <p>Format: as in docs/formats/state-record.md.
 */
public final class StateEntries implements StateVisitor {
    private final ByteWriter bytes = new ByteWriter(1 << 10);
    private long count;

    /** No entries. */
    public StateEntries() {}

    @Override
    public void entry(int type, byte[] key, byte @Nullable [] value) {
        EntryFormat.put(bytes, type, key, value);
        count++;
    }

    /**
     * Hands over all entries.
     *
     * @param into takes them
     */
    public void forEach(StateVisitor into) {
        EntryFormat.visit(ByteBuffer.wrap(bytes.array(), 0, bytes.length()), count, into);
    }
}
