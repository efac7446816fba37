package org.merlinmq.storage;

import java.nio.charset.StandardCharsets;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.queue.Queue;

/** Makes records for tests. */
final class Records {
    private final RecordWriter writer = new RecordWriter();
    private final RecordView view = new RecordView();
    private final RecordFacts facts = new RecordFacts();

    private final RecordRule rule;

    Records() {
        this(RecordRule.NONE);
    }

    Records(RecordRule rule) {
        this.rule = rule;
        writer.bornHost(new byte[] {127, 0, 0, 1}, 4711).storeHost(new byte[] {127, 0, 0, 1}, 10911);
    }

    /** Encodes a record into a batch; returns its index. */
    int add(AppendBatch batch, Queue queue, byte[] body, String properties) {
        ByteWriter out = batch.bytes();
        byte[] topic = queue.topic().getBytes(StandardCharsets.UTF_8);
        writer.queueId(queue.queueId()).bornMillis(1000);
        int at = writer.begin(out, body, 0, body.length, topic, 0, topic.length);
        out.putUtf8(properties);
        int bytes = writer.end(out);
        view.on(out.array(), at, bytes);
        return batch.add(queue, at, bytes, facts.read(view, rule));
    }

    int add(AppendBatch batch, Queue queue, String body) {
        return add(batch, queue, body.getBytes(StandardCharsets.UTF_8), "");
    }
}
