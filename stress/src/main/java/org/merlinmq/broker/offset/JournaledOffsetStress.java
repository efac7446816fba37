package org.merlinmq.broker.offset;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.Bytes;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A consumer commits while the journal takes what has changed. */
@JCStressTest
@Description("What is committed while the journal collects is collected then or asked for again: "
        + "r1 what this collection got, r2 what the journal has after the next one, if one was asked for.")
@Outcome(id = "4, 5", expect = Expect.ACCEPTABLE, desc = "Committed behind the collection: the next one gets it.")
@Outcome(id = "5, 5", expect = Expect.ACCEPTABLE, desc = "Committed before it, or in the middle of it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The commit is in memory only and nobody is asked to write it.")
@State
public class JournaledOffsetStress {
    private final ConsumeProgress of = Stress.progress(this::asked);
    private volatile @Nullable ConsumeProgress asked;
    private long journaled;

    public JournaledOffsetStress() {
        of.commit(0, 4);
        asked = null; // taken off the list: the collection below is the one that this asked for
    }

    private void asked(ConsumeProgress changed) {
        asked = changed;
    }

    @Actor
    public void commit() {
        of.commit(0, 5);
    }

    @Actor
    public void collect(II_Result r) {
        collect();
        r.r1 = (int) journaled;
    }

    private void collect() {
        OffsetEntries entries = new OffsetEntries(change -> {
            change.forEach((type, key, value) -> journaled = value == null ? 0 : Bytes.getLong(value, 0));
            return 0;
        });
        of.collectChanged(entries);
        entries.write();
    }

    @Arbiter
    public void afterwards(II_Result r) {
        if (asked != null) {
            collect();
        }
        r.r2 = (int) journaled;
    }
}
