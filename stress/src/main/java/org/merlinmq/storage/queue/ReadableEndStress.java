package org.merlinmq.storage.queue;

import java.lang.invoke.VarHandle;
import org.merlinmq.storage.index.Wakeup;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A pull parks while an append publishes what it waits for, and others confirm that it may be read. */
@JCStressTest
@Description(
        "No pull stays parked on an entry that may be read, and none is answered twice: r1 parked, r2 woken, r3 for which.")
@Outcome(id = "0, 0, -1", expect = Expect.ACCEPTABLE, desc = "It could be read already: not parked.")
@Outcome(
        id = "1, 1, 0",
        expect = Expect.ACCEPTABLE,
        desc = "Parked, and woken once by the append or by the end's advance.")
@Outcome(id = "1, 0, -1", expect = Expect.FORBIDDEN, desc = "Parked for ever: nobody watched the queue.")
@Outcome(
        expect = Expect.FORBIDDEN,
        desc = "Woken twice, or although it was told that it is not parked, or behind an entry.")
@State
public class ReadableEndStress {
    private final Queue queue = StressQueues.bounded(1000);
    private int woken;
    private int arrivedAt = -1;

    @Actor
    public void append() {
        for (int entry = 0; entry < 2; entry++) {
            long at = queue.reserve(1);
            queue.publish(at, 1000 + entry, 1, 10, 1);
            VarHandle.fullFence(); // as the log does, once for all queues of an append
            Wakeup.wakeAll(queue.published(at, 1000 + entry, null));
        }
    }

    @Actor
    public void confirm() {
        Wakeup.wakeAll(queue.readableEnd().advance(1001));
        Wakeup.wakeAll(queue.readableEnd().advance(1002));
    }

    @Actor
    public void pull(III_Result r) {
        r.r1 = queue.await(this::arrived, 0) == null ? 0 : 1;
    }

    private void arrived(Queue of, long tagsCode, long queueOffset) {
        woken++;
        arrivedAt = (int) queueOffset;
    }

    @Arbiter
    public void afterwards(III_Result r) {
        r.r2 = woken;
        r.r3 = arrivedAt;
    }
}
