package org.merlinmq.broker.schedule;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.group.FakeTopics;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.testkit.SimClock;

/** A store with its schedule, at a time that stands still, for one test. */
@SuppressWarnings("NullAway.Init") // each test opens the store its own way
class DelayedStore {
    @TempDir
    Path folder;

    final SimClock clock = new SimClock(1_795_422_312_000L);
    final FakeTopics topics = new FakeTopics();
    final Deadlines deadlines = new Deadlines(clock::millis, bug -> {
        throw new AssertionError(bug);
    });
    TestStore store;
    DelayService service;

    /** Opens it on what an earlier one left in the folder. */
    void open(RocketMqDelayProgress before) {
        open(TestStore.config(folder), before);
    }

    void open(StorageConfig config, RocketMqDelayProgress before) {
        store = new TestStore(config, clock, new DelayedRecords(DelayLevels.STANDARD, before));
        service = new DelayService(store.storage(), topics, DelayLevels.STANDARD, deadlines, clock::millis);
        service.start();
    }

    @AfterEach
    void close() {
        service.close();
        store.close();
    }
}
