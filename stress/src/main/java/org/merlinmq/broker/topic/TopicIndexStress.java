package org.merlinmq.broker.topic;

import java.util.ArrayList;
import java.util.List;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.bytes.Bytes;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** At neighbouring slots of the index a topic comes and another goes while a send looks up a third. */
@JCStressTest
@Description("A look-up finds what is there throughout: r1 the topic that stays, r2 one that comes, r3 one that goes.")
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "Looked before both changes.")
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "Looked between them.")
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Looked after both.")
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "The first look was before both, the last after them.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A topic that nobody touched was not found.")
@State
public class TopicIndexStress {
    /** Topics whose look-up begins at one slot of a small index. */
    private static final List<Topic> TOPICS = ofOneSlot();

    private final TopicIndex index = new TopicIndex();

    public TopicIndexStress() {
        index.add(TOPICS.get(0));
        index.add(TOPICS.get(1));
    }

    private static List<Topic> ofOneSlot() {
        TopicRules rules = new TopicRules(TopicSettings.defaults("C", "b"));
        QueueSource noQueues = QueueSource.of(
                (topic, queueId) -> {
                    throw new IllegalStateException("no queue is asked for here");
                },
                (topic, queueId) -> null,
                (topic, queueId) -> {
                    throw new IllegalStateException("no queue is asked for here");
                });
        List<Topic> found = new ArrayList<>();
        for (int i = 0; found.size() < 3; i++) {
            byte[] name = Bytes.utf8("topic-" + i);
            if ((Bytes.hash(name, 0, name.length) & 0x1FF) == 0) {
                found.add(new Topic(TopicConfig.of("topic-" + i, 1), rules, noQueues));
            }
        }
        return List.copyOf(found);
    }

    @Actor
    public void change() {
        index.add(TOPICS.get(2));
        index.remove(TOPICS.get(0));
    }

    @Actor
    public void send(III_Result r) {
        r.r2 = find(TOPICS.get(2));
        r.r1 = find(TOPICS.get(1));
        r.r3 = find(TOPICS.get(0));
    }

    private int find(Topic topic) {
        byte[] name = topic.nameBytes();
        return index.find(name, 0, name.length) == topic ? 1 : 0;
    }
}
