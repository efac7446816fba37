package org.merlinmq.benchmarks;

import org.merlinmq.storage.AppendBatch;
import org.merlinmq.storage.AppendStatus;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.queue.Queue;

/** Appends copies of one record as an event loop does: staged in a batch, one append, told when it is stored. */
final class Appender {
    private final Storage storage;
    private final Queue queue;
    private final byte[] record;
    private final AppendBatch batch;
    private volatile boolean done;
    private long keyHash = 1;

    Appender(Storage storage, Queue queue, byte[] record) {
        this.storage = storage;
        this.queue = queue;
        this.record = record;
        this.batch = storage.newBatch(stored -> done = true);
    }

    /** Appends so many records in one batch and waits until they are stored; the queue offset of the last one. */
    @SuppressWarnings("ThreadPriorityCheck") // another appender may hold the only other core
    long append(int records) {
        batch.clear();
        for (int i = 0; i < records; i++) {
            int at = batch.bytes().length();
            batch.bytes().put(record);
            batch.add(queue, at, record.length, 0, 0);
            batch.addKey(keyHash += 0x9E3779B97F4A7C15L);
        }
        done = false;
        storage.append(batch);
        while (!done) {
            Thread.yield();
        }
        if (batch.status() != AppendStatus.STORED) {
            throw new IllegalStateException("not stored: " + batch.reason());
        }
        return batch.queueOffset(records - 1);
    }
}
