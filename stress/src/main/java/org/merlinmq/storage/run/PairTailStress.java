package org.merlinmq.storage.run;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Keys of new messages come in, the last of a chunk and the first of the next, while somebody searches by key. */
@JCStressTest
@Description("A snapshot of a tail holds whole pairs, without a gap: r1 how many, r2 whether all are right.")
@Outcome(id = "63, 1", expect = Expect.ACCEPTABLE, desc = "Taken before the two were added.")
@Outcome(id = "64, 1", expect = Expect.ACCEPTABLE, desc = "Taken between them.")
@Outcome(id = "65, 1", expect = Expect.ACCEPTABLE, desc = "Taken after both, over both chunks.")
@Outcome(
        expect = Expect.FORBIDDEN,
        desc = "A pair was counted before it was written, or a chunk before the one below it.")
@State
public class PairTailStress {
    private static final int ALMOST_A_CHUNK = 63;

    private final PairTail tail = new PairTail();

    public PairTailStress() {
        for (int i = 0; i < ALMOST_A_CHUNK; i++) {
            tail.add(1 + i, 1000 + i);
        }
    }

    @Actor
    public void add() {
        tail.add(1 + ALMOST_A_CHUNK, 1000 + ALMOST_A_CHUNK);
        tail.add(2 + ALMOST_A_CHUNK, 1001 + ALMOST_A_CHUNK);
    }

    @Actor
    public void search(II_Result r) {
        PairTail.Snapshot snapshot = tail.snapshot();
        long[] pairs = snapshot.toArray(0);
        r.r1 = snapshot.size();
        r.r2 = pairs.length == snapshot.size() * 2 ? 1 : 0;
        for (int i = 0; i < pairs.length; i += 2) {
            r.r2 = pairs[i] == 1 + i / 2 && pairs[i + 1] == 1000 + i / 2 ? r.r2 : 0;
        }
    }
}
