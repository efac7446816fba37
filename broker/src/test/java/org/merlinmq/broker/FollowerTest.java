package org.merlinmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.protocol.body.TopicConfigTable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;

/** A broker that does not lead its group: its tables are those of the log that it is given. */
class FollowerTest {
    private static void commit(RunningBroker broker, String group, long queueOffset) throws InterruptedException {
        Map<String, String> fields = new HashMap<>(Map.of("consumerGroup", group, "topic", "T", "queueId", "0"));
        fields.put("commitOffset", Long.toString(queueOffset));
        assertThat(broker.ask(RequestCode.UPDATE_CONSUMER_OFFSET, fields).isOk())
                .isTrue();
    }

    private static long committed(RunningBroker broker, String group) throws InterruptedException {
        Frame answer = broker.ask(
                RequestCode.QUERY_CONSUMER_OFFSET, Map.of("consumerGroup", group, "topic", "T", "queueId", "0"));
        return answer.isOk() ? answer.requiredLong("offset") : -1;
    }

    private static boolean hasTopic(RunningBroker broker, String topic) throws InterruptedException {
        return TopicConfigTable.read(
                        broker.ask(RequestCode.GET_ALL_TOPIC_CONFIG, Map.of()).body())
                .topicConfigTable()
                .containsKey(topic);
    }

    @Test
    void itHasWhatTheLogSaysAsSoonAsItHasTheLog() throws Exception {
        try (RunningBroker leader = new RunningBroker();
                RunningBroker follower = RunningBroker.follower(leader)) {
            leader.topic("T", 2, 2);
            leader.send("T", 0, "first");
            follower.takeLogOf(leader);
            assertThat(hasTopic(follower, "T")).isTrue();
            Map<String, String> pull = RunningBroker.pull("G", "T", 0, 0);
            assertThat(leader.heartbeat("G").isOk()).isTrue();
            follower.takeLogOf(leader);
            Frame there = leader.ask(RequestCode.PULL_MESSAGE, pull);
            Frame here = follower.ask(RequestCode.PULL_MESSAGE, pull);
            assertThat(here.isOk()).as("%s", here.remark()).isTrue();
            assertThat(here.body()).isEqualTo(there.body());
            leader.ask(RequestCode.DELETE_TOPIC_IN_BROKER, Map.of("topic", "T"));
            follower.takeLogOf(leader);
            assertThat(hasTopic(follower, "T")).isFalse();
            assertThat(follower.log()).as("nothing of its own").isEqualTo(leader.log());
        }
    }

    @Test
    void itTakesNothingUntilItLeadsAndThenHasWhatWasCommittedAtIt() throws Exception {
        try (RunningBroker leader = new RunningBroker();
                RunningBroker follower = RunningBroker.follower(leader)) {
            leader.topic("T", 1, 1);
            leader.heartbeat("G");
            leader.send("T", 0, "first");
            follower.takeLogOf(leader);
            assertThat(follower.send("T", 0, "refused").code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE.number());
            assertThat(follower.topic("Another", 1, 1).isOk()).isFalse();
            byte[] log = leader.log();
            commit(follower, "G", 1);
            assertThat(committed(follower, "G")).isEqualTo(1);
            assertThat(follower.log()).isEqualTo(log);
            follower.lead();
            assertThat(follower.send("T", 0, "taken").isOk()).isTrue();
            assertThat(follower.topic("Another", 1, 1).isOk()).isTrue();
            assertThat(committed(follower, "G")).as("while it followed").isEqualTo(1);
        }
    }

    @Test
    void itsLeaderGetsWhatIsCommittedAtItAndTellsItByItsLog() throws Exception {
        try (RunningBroker leader = new RunningBroker();
                RunningBroker follower = RunningBroker.follower(leader)) {
            leader.topic("T", 1, 1);
            leader.heartbeat("G");
            for (int i = 0; i < 5; i++) {
                leader.send("T", 0, "message " + i);
            }
            commit(leader, "G", 1);
            SlaveTest.await("the log", () -> {
                follower.takeLogOf(leader);
                return committed(follower, "G") == 1;
            });
            int end = leader.log().length;
            commit(follower, "G", 3);
            SlaveTest.await("the hand-over", () -> committed(leader, "G") == 3);
            SlaveTest.await("its record", () -> leader.log().length > end);
            follower.takeLogOf(leader);
            commit(leader, "G", 2);
            SlaveTest.await("the offset that the leader was set back to", () -> {
                follower.takeLogOf(leader);
                return committed(follower, "G") == 2;
            });
        }
    }

    @Test
    void administratorsSeeItsRoleAndHowToPromoteIt() throws Exception {
        try (RunningBroker master = new RunningBroker()) {
            master.topic("T", 1, 1);
            ReplicationStatus status = ReplicationStatus.read(
                    master.ask(RequestCode.SHOW_REPLICATION, Map.of()).body());
            assertThat(status.role()).isEqualTo(ReplicationStatus.MASTER);
            assertThat(status.endLogOffset()).isEqualTo(master.log().length);
            assertThat(status.copies()).isZero();
            assertThat(status.replicas()).isEmpty();
            Frame promoted = master.ask(RequestCode.PROMOTE_BROKER, Map.of());
            assertThat(promoted.code()).isEqualTo(ResponseCode.SYSTEM_ERROR.number());
            assertThat(promoted.remark()).contains("is the master of its name already");
        }
    }
}
