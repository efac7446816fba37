package org.merlinmq.storage.queue;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A topic gets its second queue, for which its array must grow, while a pull looks up the first. */
@JCStressTest
@Description("A queue once there is always found, and a new one is found whole: r1 the old one, r2 the new one.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The new queue is not there yet.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Both are there; the new one knows its number.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The old queue was lost, or the new one seen before it was made.")
@State
public class TopicQueuesStress {
    private static final StressQueues QUEUES = new StressQueues();

    private final TopicQueues topic = new TopicQueues("T", "T".getBytes(StandardCharsets.UTF_8), 0);

    public TopicQueuesStress() {
        topic.add(QUEUES.next(topic, 0));
    }

    @Actor
    public void make() {
        topic.add(QUEUES.next(topic, 1));
    }

    @Actor
    public void pull(II_Result r) {
        Queue fresh = topic.queue(1);
        r.r2 = fresh == null ? 0 : is(fresh, 1);
        r.r1 = is(topic.queue(0), 0);
    }

    private static int is(@Nullable Queue queue, int queueId) {
        return queue != null && queue.queueId() == queueId && queue.topic().equals("T") ? 1 : -1;
    }
}
