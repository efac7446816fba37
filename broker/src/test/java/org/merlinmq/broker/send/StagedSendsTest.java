package org.merlinmq.broker.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.topic.TopicChange;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.storage.FlushMode;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.StorageConfig;

/** Who is told what became of the sends of one append. */
class StagedSendsTest {
    @TempDir
    Path folder;

    @Test
    void eachIsAnsweredWithItsOwnTokenAndPlaceInTheOrderOfTheSends() {
        try (Sending sending = new Sending(folder)) {
            for (int i = 0; i < 200; i++) {
                sending.message("T", i % 2, "x", Map.of("UNIQ_KEY", "U" + i));
                assertThat(sending.stage("c" + i, 1000 + i)).isNull();
            }
            sending.commit();
            assertThat(sending.answers).hasSize(200);
            for (int i = 0; i < 200; i++) {
                Sending.Answer answer = sending.answers.get(i);
                assertThat(answer.client()).isEqualTo("c" + i);
                assertThat(answer.token()).isEqualTo(1000 + i);
                assertThat(answer.what()).endsWith("queue " + i % 2 + " offset " + i / 2 + " key U" + i);
            }
            assertThat(sending.counters.messages()).isEqualTo(200);
        }
    }

    @Test
    void whatTheLogRefusesIsAnsweredToEachAndCounted() {
        try (Sending sending = new Sending(folder)) {
            sending.message("T", 0, "x", Map.of());
            sending.stage("a", 1);
            sending.message("T", 1, "x", Map.of());
            sending.stage("b", 2);
            sending.store.storage().close();
            sending.commit();
            assertThat(sending.answers).extracting(Sending.Answer::client).containsExactly("a", "b");
            assertThat(sending.answers)
                    .allSatisfy(answer -> assertThat(answer.what()).startsWith("SERVICE_NOT_AVAILABLE "));
            assertThat(sending.counters.failures()).isEqualTo(2);
            assertThat(sending.counters.messages()).isZero();
        }
    }

    @Test
    void anAppendThatNobodyWantsToWaitForDoesNotWaitForTheDisk() {
        StorageConfig sync = TestStore.config(folder).withFlush(FlushMode.SYNC);
        try (Sending sending = new Sending(sync, Sending.CONFIG)) {
            sending.message("T", 0, "x", Map.of("WAIT", "false"));
            sending.stage("a", 1);
            sending.commit();
            assertThat(sending.answers).as("told before commit returns").hasSize(1);
        }
    }

    @Test
    void whoeverWaitsForCopiesIsAnsweredWithWhatIsKnownOfThem() {
        AtomicInteger slaves = new AtomicInteger(1);
        try (Sending sending = new Sending(folder)) {
            Storage storage = sending.store.storage();
            storage.copies().require(1, 1, Duration.ofMinutes(1), slaves::get);
            sending.configure(Sending.CONFIG);
            send(sending, "copied", Map.of());
            assertThat(sending.answers).isEmpty();
            storage.copies().confirmed(1, storage.maxLogOffset());
            assertThat(lastAnswer(sending)).startsWith("SUCCESS ");
            send(sending, "not waiting", Map.of("WAIT", "false"));
            assertThat(lastAnswer(sending)).startsWith("SUCCESS ");
            send(sending, "too late", Map.of());
            assertThat(sending.answers).hasSize(2);
            storage.copies().stopLeading();
            assertThat(lastAnswer(sending)).startsWith("FLUSH_SLAVE_TIMEOUT ");
            slaves.set(0);
            send(sending, "alone", Map.of());
            assertThat(lastAnswer(sending)).startsWith("SLAVE_NOT_AVAILABLE ");
            assertThat(sending.store.read("T", 0)).as("stored all the same").hasSize(4);
        }
    }

    @Test
    void aTopicSaysForHowManySlavesItsSendersWait() {
        try (Sending sending = new Sending(folder)) {
            Storage storage = sending.store.storage();
            storage.copies().require(0, 2, Duration.ofMinutes(1), () -> 2);
            sending.configure(Sending.CONFIG);
            copies(sending, "+copies", "2");
            send(sending, "two copies", Map.of());
            storage.copies().confirmed(1, storage.maxLogOffset());
            assertThat(sending.answers).as("one has it").isEmpty();
            storage.copies().confirmed(2, storage.maxLogOffset());
            assertThat(lastAnswer(sending)).startsWith("SUCCESS ");
            send(sending, "not waiting", Map.of("WAIT", "false"));
            assertThat(sending.answers).hasSize(2);
            copies(sending, "+copies", "3");
            send(sending, "more than there are", Map.of());
            assertThat(lastAnswer(sending)).startsWith("SLAVE_NOT_AVAILABLE ");
            copies(sending, "-copies", "");
            send(sending, "as configured", Map.of());
            assertThat(lastAnswer(sending)).startsWith("SUCCESS ");
        }
    }

    private static void copies(Sending sending, String edit, String value) {
        TopicConfig of = TopicConfig.of("T", 4);
        TopicChange change = sending.topics.put(new TopicConfig(
                "T", 4, 4, of.perm(), of.topicFilterType(), of.topicSysFlag(), of.order(), Map.of(edit, value)));
        assertThat(change).isInstanceOf(TopicChange.Changed.class);
    }

    private static void send(Sending sending, String body, Map<String, String> properties) {
        assertThat(sending.send(sending.message("T", 0, body, properties))).isNull();
    }

    private static String lastAnswer(Sending sending) {
        return sending.answers.getLast().what();
    }
}
