package org.merlinmq.broker.send;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.limit.LimitConfig;
import org.merlinmq.broker.limit.RateLimit;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.message.BatchScan;
import org.merlinmq.transport.dispatch.Refusal;

/** Sends to topics and by groups that are limited. */
class HeldSendsTest {
    @TempDir
    Path folder;

    private Sending sending;

    @BeforeEach
    void open() {
        sending = new Sending(folder);
    }

    @AfterEach
    void close() {
        sending.close();
    }

    private void limit(String topic, String... attributes) {
        Map<String, String> all = new TreeMap<>();
        for (String attribute : attributes) {
            String[] pair = attribute.split("=", 2);
            all.put(pair[0], pair.length == 1 ? "" : pair[1]);
        }
        TopicConfig config = TopicConfig.of(topic, 4);
        sending.topics.put(new TopicConfig(
                topic, 4, 4, config.perm(), config.topicFilterType(), config.topicSysFlag(), config.order(), all));
    }

    private RateLimit limitOf(String topic) {
        return requireNonNull(requireNonNull(sending.topics.find(topic)).sendLimit());
    }

    private @Nullable Refusal[] send(String topic, int queue, String... bodies) {
        @Nullable Refusal[] refusals = new @Nullable Refusal[bodies.length];
        for (int i = 0; i < bodies.length; i++) {
            sending.message(topic, queue, bodies[i], Map.of());
            refusals[i] = sending.stage(bodies[i], i);
        }
        sending.commit();
        return refusals;
    }

    private List<String> stored(String topic, int queue) {
        return sending.store.read(topic, queue).stream().map(TestStore::body).toList();
    }

    @Test
    void whatComesTooFastWaitsInItsOrderAndOthersPassBy() {
        limit("T", "+limit.send.messages=10", "+limit.send.burst=100");
        sending.topics.create("Free", 4, 6, 0);
        assertThat(send("T", 0, "a", "b", "c", "d")).containsOnlyNulls();
        assertThat(send("Free", 0, "free")).containsOnlyNulls();
        assertThat(stored("T", 0)).containsExactly("a", "b");
        assertThat(stored("Free", 0)).containsExactly("free");
        assertThat(limitOf("T").waiting()).isEqualTo(2);
        sending.loop.advance(Duration.ofMillis(99));
        assertThat(stored("T", 0)).containsExactly("a", "b");
        sending.loop.advance(Duration.ofMillis(1));
        assertThat(stored("T", 0)).containsExactly("a", "b", "c");
        // Its turn would be now if nothing waited.
        assertThat(send("T", 0, "e")).containsOnlyNulls();
        sending.loop.advance(Duration.ofSeconds(1));
        assertThat(stored("T", 0)).containsExactly("a", "b", "c", "d", "e");
        assertThat(sending.answers.stream().map(Sending.Answer::client))
                .containsExactly("a", "b", "free", "c", "d", "e");
        assertThat(sending.answers).allMatch(answer -> answer.what().startsWith("SUCCESS"));
        assertThat(limitOf("T").waiting()).isZero();
        assertThat(limitOf("T").waited()).isEqualTo(3);
        assertThat(sending.heldBytes).hasValue(0);
        assertThat(sending.loop.hasLater()).isFalse();
    }

    @Test
    void whatCannotGoInTimeIsRefusedAtOnceAndTakesNoTurn() {
        sending.limits = new LimitConfig(Duration.ofMillis(250), 1 << 20);
        limit("T", "+limit.send.messages=10", "+limit.send.burst=0");
        @Nullable Refusal[] refusals = send("T", 0, "a", "b", "c", "d", "e");
        assertThat(refusals).startsWith(null, null, null);
        assertThat(requireNonNull(refusals[3]).code()).isEqualTo(ResponseCode.SYSTEM_BUSY);
        assertThat(requireNonNull(refusals[3]).sentence())
                .contains("the topic T", "10 messages a second", "limit.max-wait=250ms");
        assertThat(refusals[4]).isNotNull();
        sending.loop.advance(Duration.ofSeconds(1));
        assertThat(stored("T", 0)).containsExactly("a", "b", "c");
        assertThat(send("T", 0, "f")).containsOnlyNulls();
        assertThat(stored("T", 0)).containsExactly("a", "b", "c", "f");
        assertThat(limitOf("T").refused()).isEqualTo(2);
    }

    @Test
    void whatWaitsIsBoundedInMemory() {
        sending.limits = new LimitConfig(Duration.ofSeconds(2), 100);
        limit("T", "+limit.send.messages=1000", "+limit.send.burst=0");
        @Nullable Refusal[] refusals = send("T", 0, "a", "b".repeat(60), "c".repeat(60), "d");
        assertThat(refusals[1]).isNull();
        assertThat(requireNonNull(refusals[2]).sentence()).contains("limit.max-held=100");
        assertThat(refusals[3]).isNull();
        sending.loop.advance(Duration.ofMillis(10));
        assertThat(stored("T", 0)).containsExactly("a", "b".repeat(60), "d");
        assertThat(sending.heldBytes).hasValue(0);
    }

    @Test
    void bytesAreLimitedAndBatchesCountAsTheirMessages() {
        limit("T", "+limit.send.messages=10", "+limit.send.burst=0");
        ByteWriter batch = new ByteWriter();
        for (int i = 0; i < 5; i++) {
            BatchScan.append(batch, 0, Bytes.utf8("m" + i), Bytes.utf8("WAIT\u0001true\u0002"));
        }
        assertThat(sending.send(sending.batch("T", batch.toByteArray()))).isNull();
        assertThat(send("T", 0, "next")).containsOnlyNulls();
        sending.loop.advance(Duration.ofMillis(499));
        assertThat(stored("T", 0)).hasSize(5);
        sending.loop.advance(Duration.ofMillis(1));
        assertThat(stored("T", 0)).hasSize(6);
        limit("T", "-limit.send.messages", "+limit.send.bytes=1000");
        sending.loop.advance(Duration.ofSeconds(5));
        assertThat(send("T", 1, "x".repeat(900), "later")).containsOnlyNulls();
        assertThat(stored("T", 1)).hasSize(1);
        sending.loop.advance(Duration.ofMillis(900));
        assertThat(stored("T", 1)).hasSize(2);
    }

    @Test
    void aLimitThatIsTakenOffHoldsNobodyUp() {
        limit("T", "+limit.send.messages=1", "+limit.send.burst=0");
        send("T", 0, "a", "b");
        limit("T", "-limit.send.messages", "-limit.send.burst");
        assertThat(send("T", 0, "c")).containsOnlyNulls();
        assertThat(stored("T", 0)).as("none passes by").containsExactly("a");
        sending.loop.advance(Duration.ofSeconds(1));
        assertThat(stored("T", 0)).containsExactly("a", "b", "c");
        assertThat(send("T", 0, "d")).containsOnlyNulls();
        assertThat(stored("T", 0)).hasSize(4);
    }

    @Test
    void aProducerGroupIsLimitedOverAllTopics() {
        sending.topics.create("U", 4, 6, 0);
        Map<String, String> limited = Map.of("limit.send.messages", "10", "limit.send.burst", "0");
        sending.groups.apply(
                StateTypes.GROUP,
                StateTypes.key("P"),
                SubscriptionGroup.of("P").withAttributes(limited).write());
        assertThat(send("T", 0, "a")).containsOnlyNulls();
        assertThat(send("U", 0, "b")).containsOnlyNulls();
        sending.message("T", 0, "other", Map.of()).group.set("Q");
        assertThat(sending.stage("other", 9)).isNull();
        sending.commit();
        assertThat(stored("T", 0)).containsExactly("a", "other");
        assertThat(stored("U", 0)).isEmpty();
        sending.loop.advance(Duration.ofMillis(100));
        assertThat(stored("U", 0)).containsExactly("b");
    }

    @Test
    void whatIsRefusedAfterItHasWaitedIsAnswered() {
        limit("T", "+limit.send.messages=10", "+limit.send.burst=0");
        send("T", 0, "a", "b");
        sending.topics.delete("T");
        sending.topics.autoCreate(false);
        sending.loop.advance(Duration.ofMillis(100));
        assertThat(sending.answers).hasSize(2);
        assertThat(sending.answers.getLast().client()).isEqualTo("b");
        assertThat(sending.answers.getLast().what()).startsWith("TOPIC_NOT_EXIST");
    }

    @Test
    void ofAnUnlimitedTopicNothingIsAsked() {
        send("T", 0, "a", "b");
        assertThat(requireNonNull(sending.topics.find("T")).sendLimit()).isNull();
        assertThat(sending.loop.hasLater()).isFalse();
    }
}
