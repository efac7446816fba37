package org.merlinmq.benchmarks;

import org.merlinmq.storage.Storage;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.queue.Queue;

/** Appends copies of one record as an event loop does: staged in a batch, with one append, completed when it is stored. */
final class Appender {
    /** Any part of the record will do: the topic's hash makes the keys differ. */
    private static final int KEY_BYTES = 32;

    private final Storage storage;
    private final Queue queue;
    private final byte[] record;
    private final AppendBatch batch;
    private final RecordFacts facts = new RecordFacts();
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
            facts.begin(batch.bytes().array(), at, keyHash += 0x9E3779B97F4A7C15L);
            facts.uniqueKey(at, KEY_BYTES);
            batch.add(queue, at, record.length, facts);
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
