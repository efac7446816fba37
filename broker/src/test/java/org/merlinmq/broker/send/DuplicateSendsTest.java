package org.merlinmq.broker.send;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.dedup.DedupTable;
import org.merlinmq.broker.limit.LimitConfig;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.message.BatchScan;
import org.merlinmq.storage.facts.KeyHash;
import org.merlinmq.storage.log.CopyWaits;

/** Sends to topics with a window. */
class DuplicateSendsTest {
    @TempDir
    Path folder;

    @TempDir
    Path other;

    private Sending sending;

    @BeforeEach
    void open() {
        sending = new Sending(folder);
        window("T", "+dedup.window=60000");
    }

    @AfterEach
    void close() {
        sending.close();
    }

    private void window(String topic, String edit) {
        Map<String, String> attributes = new TreeMap<>();
        String[] pair = edit.split("=", 2);
        attributes.put(pair[0], pair.length == 1 ? "" : pair[1]);
        TopicConfig config = TopicConfig.of(topic, 4);
        sending.topics.put(new TopicConfig(
                topic,
                4,
                4,
                config.perm(),
                config.topicFilterType(),
                config.topicSysFlag(),
                config.order(),
                attributes));
    }

    private Topic topic(String name) {
        return requireNonNull(sending.topics.find(name));
    }

    /** Sends one message by itself and returns its answer. */
    private String send(int queue, String body, Map<String, String> properties) {
        int before = sending.answers.size();
        assertThat(sending.send(sending.message("T", queue, body, properties))).isNull();
        sending.loop.run();
        assertThat(sending.answers).hasSize(before + 1);
        return sending.answers.getLast().what();
    }

    private String send(int queue, String body, String key) {
        return send(queue, body, Map.of("UNIQ_KEY", key));
    }

    private List<String> stored(String topic, int queue) {
        return sending.store.read(topic, queue).stream().map(TestStore::body).toList();
    }

    private static byte[] batch(String... keys) {
        ByteWriter batch = new ByteWriter();
        for (String key : keys) {
            BatchScan.append(batch, 0, Bytes.utf8("of " + key), Bytes.utf8("UNIQ_KEY\u0001" + key + "\u0002"));
        }
        return batch.toByteArray();
    }

    private String sendBatch(String... keys) {
        assertThat(sending.send(sending.batch("T", batch(keys)))).isNull();
        sending.loop.run();
        return sending.answers.getLast().what();
    }

    @Test
    void aSecondSendIsAnsweredAsTheFirstAndNotStored() {
        send(1, "other", "U0");
        String first = send(1, "a", "U1");
        assertThat(first).contains("queue 1 offset 1 key U1");
        assertThat(send(2, "a", "U1")).isEqualTo(first);
        assertThat(send(1, "b", "U2")).contains("queue 1 offset 2");
        assertThat(stored("T", 1)).containsExactly("other", "a", "b");
        assertThat(stored("T", 2)).isEmpty();
        assertThat(sending.counters.duplicates()).isEqualTo(1);
        assertThat(sending.counters.messages()).isEqualTo(3);
    }

    /** The settings ask for none: what a topic asks for counts. */
    @Test
    void aSecondSendIsNoSaferThanItsTopicAsksFor() {
        AtomicInteger slaves = new AtomicInteger();
        CopyWaits copies = sending.store.storage().copies();
        copies.require(0, 2, Duration.ofSeconds(60), slaves::get);
        window("T", "+copies=2");
        assertThat(send(1, "a", "U1")).startsWith("SLAVE_NOT_AVAILABLE ");
        assertThat(send(1, "a", "U1")).startsWith("FLUSH_SLAVE_TIMEOUT ");
        copies.confirmed(1, sending.store.storage().maxLogOffset());
        assertThat(send(1, "a", "U1")).startsWith("FLUSH_SLAVE_TIMEOUT ");
        copies.confirmed(2, sending.store.storage().maxLogOffset());
        assertThat(send(1, "a", "U1")).startsWith("SUCCESS ");
        assertThat(stored("T", 1)).containsExactly("a");
    }

    /** The settings ask for one, and the topic for none. */
    @Test
    void aSecondSendIsAsSafeAsItsTopicAsksFor() {
        sending.store.storage().copies().require(1, 2, Duration.ofSeconds(60), () -> 0);
        assertThat(send(1, "a", "U1")).startsWith("SLAVE_NOT_AVAILABLE ");
        assertThat(send(1, "a", "U1")).startsWith("FLUSH_SLAVE_TIMEOUT ");
        window("T", "+copies=0");
        assertThat(send(1, "b", "U2")).startsWith("SUCCESS ");
        assertThat(send(1, "b", "U2")).startsWith("SUCCESS ");
    }

    @Test
    void ofTwoThatComeTogetherOneIsStoredAndBothAreAnswered() {
        sending.message("T", 0, "a", Map.of("UNIQ_KEY", "U1"));
        sending.stage("first", 1);
        sending.message("T", 0, "a", Map.of("UNIQ_KEY", "U1"));
        sending.stage("second", 2);
        sending.message("T", 0, "b", Map.of("UNIQ_KEY", "U2"));
        sending.stage("third", 3);
        sending.commit();
        sending.loop.run();
        assertThat(stored("T", 0)).containsExactly("a", "b");
        assertThat(sending.answers).extracting(Sending.Answer::client).containsExactly("first", "third", "second");
        assertThat(sending.answers.get(2).what())
                .isEqualTo(sending.answers.get(0).what());
        assertThat(sending.heldBytes).hasValue(0);
    }

    /** As another loop does whose append was refused. */
    @Test
    void aSendWhoseFirstWasRefusedIsStoredItself() {
        byte[] name = Bytes.utf8("T");
        byte[] key = Bytes.utf8("U1");
        long hash = DedupTable.hash(KeyHash.topic(name, 0, name.length), key, 0, key.length);
        DedupTable table = requireNonNull(topic("T").dedup(sending.dedups.memory()));
        assertThat(table.claim(hash, sending.clock.millis(), DedupTable.NO_PLACE))
                .isEqualTo(DedupTable.CLAIMED);
        sending.message("T", 0, "a", Map.of("UNIQ_KEY", "U1"));
        assertThat(sending.stage("client", 1)).isNull();
        sending.commit();
        sending.loop.run();
        assertThat(sending.answers).isEmpty();
        table.release(hash);
        sending.loop.run();
        assertThat(stored("T", 0)).containsExactly("a");
        assertThat(sending.answers.getLast().what()).startsWith("SUCCESS");
    }

    @Test
    void whatWaitsForItsFirstIsBoundedInMemory() {
        sending.limits = new LimitConfig(Duration.ofSeconds(2), 10);
        sending.message("T", 0, "a", Map.of("UNIQ_KEY", "U1"));
        sending.stage("first", 1);
        sending.message("T", 0, "a", Map.of("UNIQ_KEY", "U1"));
        assertThat(requireNonNull(sending.stage("second", 2)).code()).isEqualTo(ResponseCode.SYSTEM_BUSY);
        sending.commit();
        assertThat(stored("T", 0)).containsExactly("a");
        assertThat(sending.heldBytes).hasValue(0);
    }

    @Test
    void afterTheWindowASendIsStoredAgain() {
        send(0, "a", "U1");
        sending.loop.advance(Duration.ofMinutes(1));
        assertThat(send(0, "a", "U1")).contains("offset 0");
        sending.loop.advance(Duration.ofMillis(1));
        assertThat(send(0, "a", "U1")).contains("offset 1");
        assertThat(send(0, "a", "U1")).contains("offset 1");
        assertThat(stored("T", 0)).hasSize(2);
    }

    @Test
    void aBatchIsStoredOnceAsAWhole() {
        String first = sendBatch("A", "B", "C");
        assertThat(sendBatch("A", "B", "C")).isEqualTo(first);
        assertThat(stored("T", 0)).containsExactly("of A", "of B", "of C");
        assertThat(sendBatch("A", "D")).as("another batch").isNotEqualTo(first);
        assertThat(stored("T", 0)).hasSize(5);
    }

    @Test
    void aDelayedMessageWaitsOnceAndIsTakenBackByTheFirstHandle() {
        Map<String, String> delayed = Map.of("UNIQ_KEY", "U1", "TIMER_DELAY_MS", "30000");
        String first = send(3, "a", delayed);
        assertThat(first).contains("queue 3").contains("recall");
        sending.loop.advance(Duration.ofMillis(5));
        assertThat(send(3, "a", delayed)).isEqualTo(first);
        Map<String, String> byLevel = Map.of("UNIQ_KEY", "U2", "DELAY", "3");
        assertThat(send(2, "b", byLevel)).isEqualTo(send(2, "b", byLevel)).contains("queue 2");
        assertThat(sending.store.storage().timers().count()).isEqualTo(2);
    }

    @Test
    void aHalfMessageIsADuplicateWhileTheFirstIsOpen() {
        Map<String, String> half = Map.of("UNIQ_KEY", "U1", "TRAN_MSG", "true", "PGROUP", "P");
        String first = send(1, "a", half);
        assertThat(send(1, "a", half)).isEqualTo(first).contains("queue 1");
        assertThat(sending.store.storage().transactions().count()).isEqualTo(1);
    }

    @Test
    void messagesWithoutAKeyAndOtherTopicsAreNotLookedAt() {
        send(0, "a", Map.of());
        send(0, "a", Map.of());
        assertThat(stored("T", 0)).hasSize(2);
        assertThat(topic("T").knownDedup()).isNull();
        sending.topics.create("U", 4, 6, 0);
        for (int i = 0; i < 2; i++) {
            sending.send(sending.message("U", 0, "a", Map.of("UNIQ_KEY", "U1")));
        }
        assertThat(stored("U", 0)).hasSize(2);
    }

    @Test
    void oneKeyInTwoTopicsIsTwoSends() {
        window("V", "+dedup.window=60000");
        send(0, "a", "U1");
        sending.send(sending.message("V", 0, "a", Map.of("UNIQ_KEY", "U1")));
        assertThat(stored("V", 0)).hasSize(1);
    }

    @Test
    void withoutTheAttributeNothingIsKept() {
        send(0, "a", "U1");
        assertThat(sending.dedups.memory().usedBytes()).isPositive();
        window("T", "-dedup.window");
        assertThat(sending.dedups.memory().usedBytes()).isZero();
        send(0, "a", "U1");
        assertThat(stored("T", 0)).hasSize(2);
    }

    @Test
    void aTopicThatWasDeletedAndMadeAgainBeginsAnew() {
        send(0, "a", "U1");
        sending.topics.delete("T");
        assertThat(sending.dedups.memory().usedBytes()).isZero();
        window("T", "+dedup.window=60000");
        assertThat(send(0, "a", "U1")).contains("offset 0");
        assertThat(stored("T", 0)).containsExactly("a");
    }

    @Test
    void aRestartForgetsNothing() {
        String first = send(1, "a", "U1");
        String together = sendBatch("A", "B");
        String delayed = send(0, "d", Map.of("UNIQ_KEY", "U3", "TIMER_DELAY_MS", "30000"));
        sending.close();
        sending = new Sending(folder);
        assertThat(send(1, "a", "U1")).isEqualTo(first);
        assertThat(send(1, "a", "U1")).isEqualTo(first);
        assertThat(sendBatch("A", "B")).isEqualTo(together);
        assertThat(send(0, "d", Map.of("UNIQ_KEY", "U3", "TIMER_DELAY_MS", "30000")))
                .isEqualTo(delayed);
        assertThat(stored("T", 1)).hasSize(1);
        assertThat(sending.counters.messages()).isZero();
    }

    @Test
    void aBrokerThatIsKilledForgetsNothing() throws IOException {
        String first = send(1, "a", "U1");
        Path left = other.resolve("left");
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.toList()) {
                Files.copy(file, left.resolve(folder.relativize(file)));
            }
        }
        sending.close();
        sending = new Sending(left);
        assertThat(send(1, "a", "U1")).isEqualTo(first);
        assertThat(stored("T", 1)).hasSize(1);
    }

    @Test
    void theLogAloneIsEnoughAfterARestart() {
        String first = send(1, "a", "U1");
        sending.close();
        TestStore.keepOnlyTheLog(folder);
        sending = new Sending(folder);
        assertThat(send(1, "a", "U1")).isEqualTo(first);
        assertThat(stored("T", 1)).hasSize(1);
    }

    @Test
    void aWindowEndsAfterARestartAsItDoesOtherwise() {
        send(1, "a", "U1");
        long now = sending.clock.millis();
        sending.close();
        sending = new Sending(folder);
        sending.clock.set(now + 60_001);
        assertThat(send(1, "a", "U1")).contains("offset 1");
        sending.loop.advance(Duration.ofMinutes(1));
        send(1, "b", "U2");
        assertThat(send(1, "b", "U2")).contains("offset 2");
    }
}
