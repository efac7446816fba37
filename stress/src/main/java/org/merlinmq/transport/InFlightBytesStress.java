package org.merlinmq.transport;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Two loops take and give back bytes of their common bound. */
@JCStressTest
@Description("Loops that count in cells of their own lose nothing: r1 a sum read by one of them, r2 the sum at rest.")
@Outcome(id = "30, 37", expect = Expect.ACCEPTABLE, desc = "The other loop had counted nothing yet that was seen.")
@Outcome(id = "130, 37", expect = Expect.ACCEPTABLE, desc = "The other loop was seen to hold what it gives back later.")
@Outcome(id = "37, 37", expect = Expect.ACCEPTABLE, desc = "The other loop was seen after both its changes.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A change was lost: the bound would close too early or never.")
@State
public class InFlightBytesStress {
    private final InFlightBytes bytes = new InFlightBytes(2, 1000);

    @Actor
    public void firstLoop() {
        bytes.add(0, 100);
        bytes.add(0, -93);
    }

    @Actor
    public void secondLoop(JJ_Result r) {
        bytes.add(1, 30);
        r.r1 = bytes.bytes();
    }

    @Arbiter
    public void afterwards(JJ_Result r) {
        r.r2 = bytes.bytes();
    }
}
