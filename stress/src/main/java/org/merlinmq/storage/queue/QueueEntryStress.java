package org.merlinmq.storage.queue;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** An appender publishes six entries, so that the tail begins and grows, while a pull reads. */
@JCStressTest
@Description("What a reader gets of a queue's tail is whole: first the entries, then the maximum, then their chunk.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "Read before the first entry was published.")
@Outcome(id = "[1-5], 1", expect = Expect.ACCEPTABLE, desc = "Read in between: as many as were published, all whole.")
@Outcome(id = "6, 1", expect = Expect.ACCEPTABLE, desc = "Read after the last one, over both chunks, all whole.")
@Outcome(expect = Expect.FORBIDDEN, desc = "An entry was visible before its fields were.")
@State
public class QueueEntryStress {
    private static final int ENTRIES = TailChunk.FIRST_CAPACITY + 2;
    private static final StressQueues QUEUES = new StressQueues();

    private final Queue queue = QUEUES.next();

    @Actor
    public void append() {
        long first = queue.reserve(ENTRIES);
        for (long at = first; at < first + ENTRIES; at++) {
            queue.publish(at, 1000 + at, (int) (100 + at), (int) (10 + at), 1 + at);
        }
    }

    @Actor
    public void pull(II_Result r) {
        EntrySlice slice = new EntrySlice(ENTRIES);
        r.r1 = queue.read(0, ENTRIES, slice);
        r.r2 = 1;
        for (int i = 0; i < r.r1; i++) {
            boolean whole = slice.logOffset[i] == 1000 + i
                    && slice.size[i] == 100 + i
                    && slice.crc[i] == 10 + i
                    && slice.tagsCode[i] == 1 + i;
            r.r2 = whole ? r.r2 : 0;
        }
    }
}
