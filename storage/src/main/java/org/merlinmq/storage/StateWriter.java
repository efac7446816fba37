package org.merlinmq.storage;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.Semaphore;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AckLevel;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.CommitLog;
import org.merlinmq.storage.log.SpaceRule;
import org.merlinmq.storage.log.WriteState;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.storage.state.StateIndex;

/**
 * Appends changes of the state as records of the log.
 *
 * <p>Threading: any thread; one change at a time.
 *
 * <p>Format: docs/formats/state-record.md.
 */
final class StateWriter {
    private static final byte[] TOPIC = StateIndex.TOPIC_NAME.getBytes(StandardCharsets.UTF_8);
    /** What a record has besides its body and its topic, and room to spare. */
    private static final int HEAD_BYTES = 128;

    private static final byte[] NO_HOST = {0, 0, 0, 0};

    private final CommitLog log;
    private final Queue queue;
    private final Clock clock;
    private final RecordWriter writer = new RecordWriter().bornHost(NO_HOST, 0).storeHost(NO_HOST, 0);
    private final RecordView view = new RecordView();
    private final RecordFacts facts = new RecordFacts();
    private final Semaphore appended = new Semaphore(0);
    private final AppendBatch batch;

    StateWriter(CommitLog log, Queue queue, Clock clock) {
        this.log = log;
        this.queue = queue;
        this.clock = clock;
        batch = log.newBatch(AckLevel.WRITTEN, done -> appended.release());
        batch.spaceRule(SpaceRule.STATE);
    }

    /** Returns the log offset behind the change's record, once it is published. */
    synchronized long append(StateChange change) {
        if (change.bytes() + TOPIC.length + HEAD_BYTES > log.maxRecordBytes()) {
            throw new DiskException(
                    "A change of the state has " + change.bytes() + " bytes, and a record of this log at most "
                            + log.maxRecordBytes() + ".",
                    false,
                    null);
        }
        batch.clear();
        writer.bornMillis(clock.millis());
        int at = writer.begin(batch.bytes(), change.body(), 0, change.bytes(), TOPIC, 0, TOPIC.length);
        int size = writer.end(batch.bytes());
        view.on(batch.bytes().array(), at, size);
        batch.add(queue, at, size, facts.read(view, RecordRule.NONE));
        log.append(batch);
        appended.acquireUninterruptibly();
        if (batch.status() != AppendStatus.STORED) {
            boolean full = log.writeState().kind() == WriteState.Kind.DISK_FULL;
            throw new DiskException(batch.reason(), full, null);
        }
        return batch.logOffset(0) + batch.recordBytes(0);
    }
}
