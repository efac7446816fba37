package org.merlinmq.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;

/** A journal in memory. */
public final class FakeJournal implements Journal {
    private final List<Integer> types = new ArrayList<>();
    private final List<byte[]> records = new ArrayList<>();

    /** An empty journal. */
    public FakeJournal() {}

    @Override
    public void append(int type, byte[] record) {
        types.add(type);
        records.add(record);
    }

    /**
     * How much was written.
     *
     * @return records
     */
    public int size() {
        return records.size();
    }

    /** Forgets what was written. */
    public void clear() {
        types.clear();
        records.clear();
    }

    /**
     * Hands all to a table, which must know every type.
     *
     * @param apply the table's own
     */
    public void replay(BiPredicate<Integer, byte[]> apply) {
        List<Integer> then = List.copyOf(types);
        List<byte[]> all = List.copyOf(records);
        for (int i = 0; i < all.size(); i++) {
            assertThat(apply.test(then.get(i), all.get(i))).isTrue();
        }
    }
}
