package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.merlinmq.storage.log.AckLevel;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.LogReceiver;
import org.merlinmq.testkit.SimDisk;
import org.merlinmq.testkit.SimThreads;

/** What becomes of batches that wait until other brokers have them. */
final class CopyWaitsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final SimThreads threads = new SimThreads(new Random(1));
    private final List<String> told = new ArrayList<>();
    private final Records records = new Records();
    private int inSync = 1;

    private Storage open(FlushMode mode) {
        Storage storage = new Fixture(new SimDisk(), Fixture.CONFIG.withFlush(mode), threads).storage;
        storage.copies().require(1, 2, TIMEOUT, () -> inSync);
        return storage;
    }

    /** Appends one message; returns where it ends. */
    private long append(Storage storage, String name) {
        AppendBatch batch = storage.newBatch(done -> told.add(name + " " + done.status()));
        return append(storage, batch, name);
    }

    private long append(Storage storage, AppendBatch batch, String name) {
        records.add(batch, storage.queue("T", 0), name);
        storage.append(batch);
        return batch.logOffset(0) + batch.recordBytes(0);
    }

    @Test
    void eachIsToldWhenEnoughHaveAllOfItAndNoSooner() {
        try (Storage storage = open(FlushMode.ASYNC)) {
            long first = append(storage, "a");
            long second = append(storage, "b");
            append(storage, "c");
            assertThat(told).isEmpty();
            assertThat(storage.copies().waiting()).isEqualTo(3);
            storage.copies().confirmed(1, first - 1);
            assertThat(told).isEmpty();
            storage.copies().confirmed(1, first);
            assertThat(told).containsExactly("a STORED");
            storage.copies().confirmed(1, second + 1);
            assertThat(told).containsExactly("a STORED", "b STORED");
            assertThat(storage.copies().waiting()).isEqualTo(1);
            storage.copies().confirmed(1, storage.maxLogOffset());
            assertThat(told).hasSize(3);
            assertThat(storage.copies().waiting()).isZero();
        }
    }

    @Test
    void whoeverDoesNotAskForCopiesDoesNotWaitForThem() {
        try (Storage storage = open(FlushMode.ASYNC)) {
            AppendBatch batch = storage.newBatch(done -> told.add(String.valueOf(done.status())));
            batch.ackLevel(AckLevel.WRITTEN);
            append(storage, batch, "a");
            assertThat(told).containsExactly("STORED");
        }
    }

    @Test
    void eachWaitsForAsManyAsItNeeds() {
        inSync = 2;
        try (Storage storage = open(FlushMode.ASYNC)) {
            long first = append(storage, "a", 2);
            append(storage, "b");
            append(storage, "c", 0);
            assertThat(told).containsExactly("c STORED");
            storage.copies().confirmed(1, storage.maxLogOffset());
            assertThat(told).containsExactly("c STORED", "b STORED");
            storage.copies().confirmed(2, first);
            assertThat(told).last().isEqualTo("a STORED");
            append(storage, "d", 3);
            assertThat(told).as("more than there will ever be").last().isEqualTo("d TOO_FEW_COPIES");
            append(storage, "e", 2);
            append(storage, "f");
            storage.copies().confirmed(2, storage.maxLogOffset());
            assertThat(told).as("what two have one has").hasSize(6).contains("e STORED", "f STORED");
            append(storage, "g", 2);
            append(storage, "h");
            inSync = 1;
            storage.copies().inSyncChanged();
            assertThat(told).last().isEqualTo("g TOO_FEW_COPIES");
            assertThat(storage.copies().waiting()).isEqualTo(1);
        }
    }

    private long append(Storage storage, String name, int copies) {
        AppendBatch batch = storage.newBatch(done -> told.add(name + " " + done.status()));
        batch.copies(copies);
        return append(storage, batch, name);
    }

    @Test
    void withSyncFlushBothTheOwnDiskAndTheOthersAreWaitedFor() {
        try (Storage storage = open(FlushMode.SYNC)) {
            long end = append(storage, "a");
            storage.copies().confirmed(1, end);
            assertThat(told).as("before the own disk has it").isEmpty();
            threads.run();
            assertThat(told).containsExactly("a STORED");
            end = append(storage, "b");
            threads.run();
            assertThat(told).as("before the others have it").hasSize(1);
            storage.copies().confirmed(1, end);
            assertThat(told).containsExactly("a STORED", "b STORED");
        }
    }

    @Test
    void aWaitEndsAtItsTimeAndNoOtherWithIt() {
        try (Storage storage = open(FlushMode.ASYNC)) {
            append(storage, "a");
            threads.advance(TIMEOUT.dividedBy(2));
            long second = append(storage, "b");
            threads.advance(TIMEOUT.dividedBy(2).minusNanos(1));
            assertThat(told).isEmpty();
            threads.advance(Duration.ofNanos(1));
            assertThat(told).containsExactly("a COPY_TIMEOUT");
            storage.copies().confirmed(1, second);
            assertThat(told).containsExactly("a COPY_TIMEOUT", "b STORED");
            append(storage, "c");
            threads.advance(TIMEOUT);
            assertThat(told).last().isEqualTo("c COPY_TIMEOUT");
        }
    }

    @Test
    void whereTooFewKeepUpNobodyWaits() {
        try (Storage storage = open(FlushMode.ASYNC)) {
            append(storage, "a");
            inSync = 0;
            storage.copies().inSyncChanged();
            assertThat(told).containsExactly("a TOO_FEW_COPIES");
            append(storage, "b");
            assertThat(told).containsExactly("a TOO_FEW_COPIES", "b TOO_FEW_COPIES");
            inSync = 1;
            storage.copies().inSyncChanged();
            long third = append(storage, "c");
            storage.copies().confirmed(1, third);
            assertThat(told).last().isEqualTo("c STORED");
        }
    }

    @Test
    void aLeaderThatStepsDownOrClosesDoesNotKnow() {
        Storage storage = open(FlushMode.ASYNC);
        append(storage, "a");
        storage.copies().stopLeading();
        assertThat(told).containsExactly("a COPY_TIMEOUT");
        append(storage, "b");
        storage.close();
        assertThat(told).containsExactly("a COPY_TIMEOUT", "b COPY_TIMEOUT");
    }

    @Test
    void aBatchThatWasConfirmedCanBeUsedAtOnceByItsListener() {
        try (Storage storage = open(FlushMode.ASYNC)) {
            AppendBatch again = storage.newBatch(done -> {
                told.add("again " + done.status());
                if (told.size() < 3) {
                    done.clear();
                    append(storage, done, "more");
                }
            });
            append(storage, again, "first");
            append(storage, "behind");
            storage.copies().confirmed(1, storage.maxLogOffset());
            assertThat(told).containsExactly("again STORED", "behind STORED");
            storage.copies().confirmed(1, storage.maxLogOffset());
            assertThat(told).containsExactly("again STORED", "behind STORED", "again STORED");
        }
    }

    @Test
    void aStoreThatStandsByTakesNothingOfItsOwnAndFollows() {
        Fixture leads = new Fixture(new SimDisk());
        Fixture stands = new Fixture(new SimDisk());
        leads.append("T", 0, "of the leader");
        stands.storage.standBy();
        stands.append("T", 0, "its own");
        assertThat(stands.status).isEqualTo(AppendStatus.REFUSED);
        assertThat(stands.batch.reason()).contains("does not lead its group");
        byte[] log = new byte[4096];
        int count = leads.storage.copyLog(0, log, 0, log.length);
        try (LogReceiver receiver = stands.storage.follow()) {
            receiver.append(0, log, 0, count);
        }
        stands.append("T", 0, "still its own");
        assertThat(stands.status).as("after it followed").isEqualTo(AppendStatus.REFUSED);
        assertThat(stands.read("T", 0)).containsValue("of the leader").hasSize(1);
        stands.storage.takeAppends();
        stands.append("T", 0, "now");
        assertThat(stands.status).isEqualTo(AppendStatus.STORED);
        leads.storage.close();
        stands.storage.close();
    }
}
