package org.merlinmq.broker.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.bytes.ByteWriter;

class DelayRuleTest {
    private static final long NOW = 1_795_422_312_027L;
    private final DelayRule rule = new DelayRule(ScheduleConfig.defaults());

    private int decide(String properties) {
        byte[] bytes = wire("#" + properties);
        return rule.decide(bytes, 1, bytes.length - 1, NOW);
    }

    private String written(String properties) {
        byte[] bytes = wire(properties);
        byte[] topic = "TopicX".getBytes(StandardCharsets.UTF_8);
        ByteWriter out = new ByteWriter();
        rule.writeProperties(bytes, 0, bytes.length, topic, 0, topic.length, 3, out);
        return new String(out.array(), 0, out.length(), StandardCharsets.UTF_8)
                .replace('\u0001', '=')
                .replace('\u0002', ';');
    }

    private static byte[] wire(String properties) {
        return properties.replace('=', '\u0001').replace(';', '\u0002').getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aLevelSaysTopicQueueAndTime() {
        assertThat(decide("TAGS=a;DELAY=3;")).isEqualTo(DelayRule.HELD);
        assertThat(new String(rule.topic(), StandardCharsets.UTF_8)).isEqualTo("SCHEDULE_TOPIC_XXXX");
        assertThat(rule.queueId()).isEqualTo(2);
        assertThat(rule.dueMillis()).isEqualTo(NOW + 10_000);
        assertThat(written("TAGS=a;DELAY=3;")).isEqualTo("TAGS=a;DELAY=3;REAL_TOPIC=TopicX;REAL_QID=3;");
    }

    @Test
    void aLevelBeyondTheLastIsTheLast() {
        assertThat(decide("DELAY=99;")).isEqualTo(DelayRule.HELD);
        assertThat(rule.queueId()).isEqualTo(17);
        assertThat(rule.dueMillis()).isEqualTo(NOW + 7_200_000);
    }

    @Test
    void noLevelIsNoDelay() {
        assertThat(decide("DELAY=0;")).isEqualTo(DelayRule.AT_ONCE);
        assertThat(decide("DELAY=-1;")).isEqualTo(DelayRule.REFUSED);
        assertThat(decide("DELAY=x;")).isEqualTo(DelayRule.REFUSED);
        assertThat(decide("XDELAY=3;DELAYX=3;")).isEqualTo(DelayRule.AT_ONCE);
    }

    @Test
    void timersAreKeptToTheMillisecond() {
        assertThat(decide("TIMER_DELAY_MS=1")).isEqualTo(DelayRule.HELD);
        assertThat(new String(rule.topic(), StandardCharsets.UTF_8)).isEqualTo("rmq_sys_wheel_timer");
        assertThat(rule.dueMillis()).isEqualTo(NOW + 1);
        assertThat(rule.queueId()).isZero();
        assertThat(written("TIMER_DELAY_MS=1"))
                .isEqualTo("TIMER_DELAY_MS=1;REAL_TOPIC=TopicX;REAL_QID=3;TIMER_OUT_MS=" + (NOW + 1) + ";");
        assertThat(decide("TIMER_DELIVER_MS=" + (NOW + 77) + ";")).isEqualTo(DelayRule.HELD);
        assertThat(rule.dueMillis()).isEqualTo(NOW + 77);
        assertThat(decide("TIMER_DELAY_MS=5;TIMER_DELAY_SEC=2;TIMER_DELIVER_MS=1;"))
                .isEqualTo(DelayRule.HELD);
        assertThat(rule.dueMillis()).as("seconds come first").isEqualTo(NOW + 2000);
    }

    @Test
    void aPastTimeIsDeliveredAtOnceAndASenselessOneRefused() {
        assertThat(decide("TIMER_DELIVER_MS=" + NOW + ";")).isEqualTo(DelayRule.AT_ONCE);
        assertThat(decide("TIMER_DELIVER_MS=5;")).isEqualTo(DelayRule.AT_ONCE);
        assertThat(decide("TIMER_DELAY_SEC=999999999999999999;")).isEqualTo(DelayRule.REFUSED);
        assertThat(decide("TIMER_DELIVER_MS=999999999999999999;")).isEqualTo(DelayRule.REFUSED);
        assertThat(decide("TIMER_DELAY_SEC=soon;")).isEqualTo(DelayRule.REFUSED);
        DelayRule strict = new DelayRule(new ScheduleConfig(DelayLevels.STANDARD, true, Duration.ofDays(3), true));
        byte[] fourDays = wire("TIMER_DELAY_SEC=345600;");
        assertThat(strict.decide(fourDays, 0, fourDays.length, NOW)).isEqualTo(DelayRule.REFUSED);
    }

    @Test
    void aLevelWinsOverTimersWhichAreThenNotStored() {
        String both = "TIMER_DELAY_SEC=100;DELAY=1;REAL_TOPIC=old;REAL_QID=9;";
        assertThat(decide(both)).isEqualTo(DelayRule.HELD);
        assertThat(rule.dueMillis()).isEqualTo(NOW + 1000);
        assertThat(written(both)).isEqualTo("DELAY=1;REAL_TOPIC=TopicX;REAL_QID=3;");
    }
}
