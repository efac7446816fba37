package org.merlinmq.storage.run;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The first chunk of a tail is let go, since a run has its pairs, while somebody searches by key. */
@JCStressTest
@Description(
        "A search meets the chunks that stay, trimmed or not: r1 pairs of the key that stays, r2 of the one that goes.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Searched before the chunk was let go.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Searched after that: the run has it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A pair that no run has was not found.")
@State
public class PairTailTrimStress {
    private static final int CHUNK = 64;
    private static final long GOING = 7;
    private static final long STAYING = 8;

    private final PairTail tail = new PairTail();

    public PairTailTrimStress() {
        for (int i = 0; i < CHUNK; i++) {
            tail.add(i == 0 ? GOING : 1000 + i, i);
        }
        tail.add(STAYING, CHUNK);
    }

    @Actor
    public void trim() {
        tail.trim(CHUNK);
    }

    @Actor
    public void search(II_Result r) {
        PairTail.Snapshot snapshot = tail.snapshot();
        r.r1 = found(snapshot, STAYING);
        r.r2 = found(snapshot, GOING);
    }

    private static int found(PairTail.Snapshot snapshot, long key) {
        int[] count = new int[1];
        snapshot.newestFirst(key, value -> {
            count[0]++;
            return true;
        });
        return count[0];
    }
}
