package org.merlinmq.broker.offset;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** One consumer commits to a queue that has room while another commits to one that needs more. */
@JCStressTest
@Description("Making room for more queues loses no commit: r1 the queue with room, r2 the one without.")
@Outcome(id = "5, 7", expect = Expect.ACCEPTABLE, desc = "Both commits stand.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A commit went into room that was given up: messages would come again.")
@State
public class ConsumeProgressStress {
    private static final int BEYOND = 8;

    private final ConsumeProgress of = Stress.progress(changed -> {});

    public ConsumeProgressStress() {
        of.commit(0, 4);
    }

    @Actor
    public void commitWithRoom() {
        of.commit(0, 5);
    }

    @Actor
    public void commitBeyond() {
        of.commit(BEYOND, 7);
    }

    @Arbiter
    public void afterwards(II_Result r) {
        r.r1 = (int) of.committed(0);
        r.r2 = (int) of.committed(BEYOND);
    }
}
