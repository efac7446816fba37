package org.merlinmq.storage.state;

import java.nio.ByteBuffer;
import java.util.Arrays;
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

    /** Takes a part of the entries. */
    @FunctionalInterface
    public interface PartVisitor {
        /**
         * A part.
         *
         * @param bytes whole entries, the visitor's from now on
         * @param entries how many
         */
        void part(byte[] bytes, int entries);
    }

    /**
     * Hands over all entries as bytes, in parts that {@link #addPart} takes.
     *
     * @param maxBytes the most in one part, if no entry is longer
     * @param into takes the parts: at least one, which may be empty
     */
    public void forEachPart(int maxBytes, PartVisitor into) {
        byte[] all = bytes.array();
        int begin = 0;
        int at = 0;
        int entries = 0;
        while (at < bytes.length()) {
            int next = at + EntryFormat.bytesAt(all, at);
            if (entries > 0 && next - begin > maxBytes) {
                into.part(Arrays.copyOfRange(all, begin, at), entries);
                begin = at;
                entries = 0;
            }
            at = next;
            entries++;
        }
        into.part(Arrays.copyOfRange(all, begin, at), entries);
    }

    /**
     * Takes a part.
     *
     * @param part whole entries
     * @param entries how many
     * @throws IllegalArgumentException if that many entries do not fill the part
     */
    public void addPart(byte[] part, int entries) {
        ByteBuffer in = ByteBuffer.wrap(part);
        EntryFormat.visit(in, entries, this);
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes follow the last of " + entries + " entries");
        }
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
