package org.merlinmq.storage.queue;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Topics come and go, the table grows, while a send looks one up that was there all the time. */
@JCStressTest
@Description("A look-up finds what is there throughout: r1 the topic that stays, r2 one that comes, r3 one that goes.")
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "Looked before both changes.")
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "Looked between them.")
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Looked after both.")
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "The first look was before both, the last after them.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A topic that nobody touched was not found.")
@State
public class TopicMapStress {
    private static final int UNTIL_IT_GROWS = 32;

    private final TopicMap topics = new TopicMap();
    private final TopicQueues going;

    public TopicMapStress() {
        going = topics.add("going");
        topics.add("staying");
        for (int i = 2; i < UNTIL_IT_GROWS; i++) {
            topics.add("t" + i);
        }
    }

    @Actor
    public void change() {
        topics.add("coming");
        topics.remove(going);
    }

    @Actor
    public void send(III_Result r) {
        r.r2 = topics.find("coming") == null ? 0 : 1;
        r.r1 = topics.find("staying") == null ? 0 : 1;
        r.r3 = topics.find("going") == null ? 0 : 1;
    }
}
