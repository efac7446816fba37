package org.merlinmq.broker.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.storage.FlushMode;
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
}
