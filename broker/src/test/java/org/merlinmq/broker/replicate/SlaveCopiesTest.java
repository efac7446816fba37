package org.merlinmq.broker.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.follow.ReplicaView;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.CopyWaits;
import org.merlinmq.testkit.SimClock;

/** What is confirmed by what slaves report. */
class SlaveCopiesTest {
    private static final SocketAddress FIRST = slave(1);
    private static final SocketAddress SECOND = slave(2);
    private static final SocketAddress THIRD = slave(3);

    @TempDir
    Path folder;

    private long logEnd = 1000;

    private static SocketAddress slave(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private SlaveCopies copies(TestStore store, int count) {
        CopyConfig config = new CopyConfig(count, Duration.ofSeconds(3));
        return new SlaveCopies(store.storage().copies(), config, () -> logEnd);
    }

    private TestStore open() {
        return new TestStore(folder, new SimClock(), RecordRule.NONE);
    }

    @Test
    void whatSoManySlavesHaveIsConfirmed() {
        try (TestStore store = open()) {
            CopyWaits waits = store.storage().copies();
            SlaveCopies copies = copies(store, 2);
            copies.reported(FIRST, 700);
            assertThat(waits.confirmedEnd()).as("one has it").isZero();
            copies.reported(SECOND, 500);
            assertThat(waits.confirmedEnd()).isEqualTo(500);
            copies.reported(THIRD, 600);
            assertThat(waits.confirmedEnd()).isEqualTo(600);
            copies.reported(SECOND, 900);
            assertThat(waits.confirmedEnd()).isEqualTo(700);
            copies.gone(FIRST);
            copies.reported(THIRD, 650);
            assertThat(waits.confirmedEnd()).as("it does not go back").isEqualTo(700);
        }
    }

    @Test
    void aSlaveThatLagsOrIsGoneDoesNotCountAsThere() {
        try (TestStore store = open()) {
            SlaveCopies copies = copies(store, 1);
            assertThat(copies.inSync()).isZero();
            copies.reported(FIRST, 1000);
            logEnd = 2000 + ReplicaView.MAX_GAP_BYTES;
            copies.reported(SECOND, 2000);
            assertThat(copies.inSync()).as("the first lags").isEqualTo(1);
            copies.reported(FIRST, 2000);
            assertThat(copies.inSync()).isEqualTo(2);
            copies.gone(FIRST);
            copies.gone(SECOND);
            assertThat(copies.inSync()).isZero();
        }
    }
}
