package org.merlinmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.body.TopicConfigTable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.replication.apache.ApacheMaster;

/** A broker as the slave of one that speaks RocketMQ's replication; here the master is ours, too. */
class SlaveTest {
    static void await(String what, Callable<Boolean> holds) throws Exception {
        long started = System.nanoTime();
        while (!holds.call()) {
            assertThat(System.nanoTime() - started).as(what).isLessThan(TimeUnit.SECONDS.toNanos(120));
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static Map<String, String> offset(String group, long queueOffset) {
        Map<String, String> fields = new HashMap<>(Map.of("consumerGroup", group, "topic", "T", "queueId", "0"));
        fields.put("commitOffset", Long.toString(queueOffset));
        return fields;
    }

    private static long committed(RunningBroker broker, String group) throws InterruptedException {
        Frame answer = broker.ask(
                RequestCode.QUERY_CONSUMER_OFFSET, Map.of("consumerGroup", group, "topic", "T", "queueId", "0"));
        return answer.isOk() ? answer.requiredLong("offset") : -1;
    }

    @Test
    void aSlaveServesWhatItsMasterHasAndTakesNothingElse() throws Exception {
        try (RunningBroker master = new RunningBroker()) {
            master.topic("T", 2, 2);
            for (int i = 0; i < 50; i++) {
                assertThat(master.send("T", 0, "message " + i).isOk()).isTrue();
            }
            master.heartbeat("G");
            master.ask(RequestCode.UPDATE_CONSUMER_OFFSET, offset("G", 7));
            try (ApacheMaster served = master.serveSlaves();
                    RunningBroker slave = new RunningBroker(master, served.port())) {
                await(
                        "the topic",
                        () -> TopicConfigTable.read(slave.ask(RequestCode.GET_ALL_TOPIC_CONFIG, Map.of())
                                        .body())
                                .topicConfigTable()
                                .containsKey("T"));
                await("the offset", () -> committed(slave, "G") == 7);
                await("the messages", () -> slave.log().length == master.log().length);
                Map<String, String> pull = RunningBroker.pull("G", "T", 0, 18);
                Frame there = master.ask(RequestCode.PULL_MESSAGE, pull);
                Frame here = slave.ask(RequestCode.PULL_MESSAGE, pull);
                assertThat(here.isOk()).as("%s", here.remark()).isTrue();
                assertThat(here.body()).isEqualTo(there.body());

                assertThat(slave.send("T", 0, "refused").isOk()).isFalse();
                assertThat(slave.topic("Another", 1, 1).isOk()).isFalse();
                assertThat(slave.heartbeat("OfTheSlave").isOk()).isTrue();
                assertThat(slave.ask(RequestCode.UPDATE_CONSUMER_OFFSET, offset("OfTheSlave", 3))
                                .isOk())
                        .isTrue();
                assertThat(committed(slave, "OfTheSlave")).isEqualTo(3);
                master.send("T", 0, "one more");
                await("one more", () -> slave.log().length == master.log().length);
                assertThat(slave.log()).as("nothing of its own").isEqualTo(master.log());
                assertThat(new String(slave.log(), UTF_8)).contains("one more");
            }
        }
    }
}
