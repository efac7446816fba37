package org.merlinmq.broker.dispatch;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** A loop counts two sends while a page of metrics reads the counter twice. */
@JCStressTest
@Description("A counter that one loop writes never goes back for a reader, and is never half a number.")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Both readings before the loop counted.")
@Outcome(id = "0, 4294967297", expect = Expect.ACCEPTABLE, desc = "The first send was counted in between.")
@Outcome(id = "0, 8589934594", expect = Expect.ACCEPTABLE, desc = "Both were counted in between.")
@Outcome(id = "4294967297, 4294967297", expect = Expect.ACCEPTABLE, desc = "Both readings between the two sends.")
@Outcome(id = "4294967297, 8589934594", expect = Expect.ACCEPTABLE, desc = "The second send was counted in between.")
@Outcome(id = "8589934594, 8589934594", expect = Expect.ACCEPTABLE, desc = "Both readings after both sends.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The counter went back, or half of a number was read.")
@State
public class LoopCountersStress {
    private static final long ONE_IN_EACH_HALF = (1L << 32) + 1;

    private final LoopCounters counters = new LoopCounters(1);

    @Actor
    public void count() {
        counters.add(0, ONE_IN_EACH_HALF);
        counters.add(0, ONE_IN_EACH_HALF);
    }

    @Actor
    public void read(JJ_Result r) {
        r.r1 = counters.value(0);
        r.r2 = counters.value(0);
    }
}
