package org.merlinmq.storage.queue;

import static java.util.Objects.requireNonNull;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A parked pull's time is over while an append wakes it. */
@JCStressTest
@Description("A parked pull is answered by exactly one side: r1 cancelled by the timer, r2 woken by the append.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The timer was first and answers.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The append was first and answers.")
@Outcome(id = "1, 1", expect = Expect.FORBIDDEN, desc = "Answered twice.")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "Never answered.")
@State
public class QueueCancelStress {
    private static final StressQueues QUEUES = new StressQueues();

    private final Queue queue = QUEUES.next();
    private final Parked parked =
            requireNonNull(queue.await((of, tagsCode, queueOffset) -> this.woken++, 0), "an empty queue parks");
    private int woken;

    @Actor
    public void append() {
        StressQueues.append(queue);
    }

    @Actor
    public void timeOut(II_Result r) {
        r.r1 = queue.cancel(parked) ? 1 : 0;
    }

    @Arbiter
    public void afterwards(II_Result r) {
        r.r2 = woken;
    }
}
