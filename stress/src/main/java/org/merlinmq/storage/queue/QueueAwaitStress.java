package org.merlinmq.storage.queue;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A pull that found nothing parks while an append publishes what it waits for and wakes whoever is parked. */
@JCStressTest
@Description("No pull stays parked on an entry that is there, and none is answered twice: r1 parked, r2 woken.")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "The entry was there already: not parked, the pull reads on.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Parked before the append looked for waiters: woken, once.")
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "Parked for ever: neither side saw the other.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Woken although it was told that it is not parked, or more than once.")
@State
public class QueueAwaitStress {
    private static final StressQueues QUEUES = new StressQueues();

    private final Queue queue = QUEUES.next();
    private int woken;

    @Actor
    public void append() {
        StressQueues.append(queue);
    }

    @Actor
    public void pull(II_Result r) {
        r.r1 = queue.await((of, tagsCode, queueOffset) -> woken++, 0) == null ? 0 : 1;
    }

    @Arbiter
    public void afterwards(II_Result r) {
        r.r2 = woken;
    }
}
