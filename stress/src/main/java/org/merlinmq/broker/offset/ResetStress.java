package org.merlinmq.broker.offset;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A pull takes a reset while an administrator resets another queue, for which there is no room yet. */
@JCStressTest
@Description("A reset is told to one pull, once: r1 what the pull took, r2 what the next one takes.")
@Outcome(id = "5, -1", expect = Expect.ACCEPTABLE, desc = "Taken, and gone.")
@Outcome(id = "5, 5", expect = Expect.FORBIDDEN, desc = "Told twice: what was consumed in between would come again.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Not told.")
@State
public class ResetStress {
    private static final int BEYOND = 8;

    private final ConsumeProgress of = Stress.progress(changed -> {});

    public ResetStress() {
        of.startAgain(0, 5);
    }

    @Actor
    public void pull(II_Result r) {
        r.r1 = (int) of.takeReset(0);
    }

    @Actor
    public void resetAnother() {
        of.startAgain(BEYOND, 7);
    }

    @Arbiter
    public void afterwards(II_Result r) {
        r.r2 = (int) of.takeReset(0);
    }
}
