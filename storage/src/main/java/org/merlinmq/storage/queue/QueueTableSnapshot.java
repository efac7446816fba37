package org.merlinmq.storage.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.state.StateVisitor;

/**
 * What a snapshot of the queue table holds; docs/formats/queue-table.md.
 *
 * <pre>
 * HANDLES  key none                  value handle 4                            the lowest handle never used
 * END      key topic                 value logOffset 8                         records of the topic below are dead
 * QUEUE    key queueId 4 | topic     value handle 4 | bornAt 8 | queueOffset 8 a queue
 * </pre>
 *
 * A queue's records below {@code bornAt} are of a former queue of that name; at {@code queueOffset} a queue goes on of which
 * the log has nothing any more.
 */
final class QueueTableSnapshot {
    private static final int HANDLES = 1;
    private static final int END = 2;
    private static final int QUEUE = 3;

    private QueueTableSnapshot() {}

    /** Writes entries. */
    static final class Writer {
        private final StateVisitor into;

        Writer(StateVisitor into) {
            this.into = into;
        }

        void handles(int next) {
            into.entry(HANDLES, new byte[0], ByteBuffer.allocate(4).putInt(next).array());
        }

        void end(String topic, long logOffset) {
            into.entry(
                    END, bytes(topic), ByteBuffer.allocate(8).putLong(logOffset).array());
        }

        void queue(Queue queue, long next) {
            byte[] topic = bytes(queue.topic());
            byte[] key = ByteBuffer.allocate(4 + topic.length)
                    .putInt(queue.queueId())
                    .put(topic)
                    .array();
            byte[] value = ByteBuffer.allocate(20)
                    .putInt(queue.handle())
                    .putLong(queue.bornAt())
                    .putLong(next)
                    .array();
            into.entry(QUEUE, key, value);
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** Takes a queue. */
    @FunctionalInterface
    interface QueueSink {
        void queue(String topic, int queueId, int handle, long bornAt, long next);
    }

    /** Takes the end of a topic's life. */
    @FunctionalInterface
    interface EndSink {
        void end(String topic, long logOffset);
    }

    /** Reads entries. */
    static final class Reader implements StateVisitor {
        private final QueueSink queues;
        private final EndSink ends;
        private int nextHandle;

        Reader(QueueSink queues, EndSink ends) {
            this.queues = queues;
            this.ends = ends;
        }

        /** The lowest handle never used. */
        int nextHandle() {
            return nextHandle;
        }

        void handles(int next) {
            nextHandle = Math.max(nextHandle, next);
        }

        void queue(String topic, int queueId, int handle, long bornAt, long next) {
            handles(handle + 1);
            queues.queue(topic, queueId, handle, bornAt, next);
        }

        void end(String topic, long logOffset) {
            ends.end(topic, logOffset);
        }

        @Override
        public void entry(int type, byte[] key, byte @Nullable [] value) {
            ByteBuffer in = ByteBuffer.wrap(value == null ? new byte[0] : value);
            switch (type) {
                case HANDLES -> handles(in.getInt());
                case END -> end(text(key, 0), in.getLong());
                case QUEUE ->
                    queue(text(key, 4), ByteBuffer.wrap(key).getInt(), in.getInt(), in.getLong(), in.getLong());
                default ->
                    throw new DiskException(
                            "the queue table has an entry of type " + type
                                    + ", which this version of MerlinMQ does not know; start the version that wrote it",
                            false,
                            null);
            }
        }

        private static String text(byte[] bytes, int from) {
            return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
        }
    }
}
