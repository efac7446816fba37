package org.merlinmq.storage.queue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.storage.index.Wakeup;

/**
 * Queues without end for tests that use one each. A table remembers the queues that were written to until it flushes, so
 * it is given up after a while, and with it its queues.
 *
 * <p>Threading: any thread.
 */
final class StressQueues {
    private static final int QUEUES_PER_TABLE = 10_000;

    /** Of tables that write nothing. */
    private static final Path EMPTY = emptyFolder();

    private final ReentrantLock appendLock = new ReentrantLock();
    private QueueTable table = table();
    private int made;

    /** A queue of a table of its own, in which the records that begin below a log offset may be read. */
    static Queue bounded(long readableEnd) {
        QueueTable table = QueueTable.open(new RealDisk(), EMPTY, new ReentrantLock(), damage -> {
            throw new IllegalStateException(damage.toString());
        });
        table.readable().bound(readableEnd);
        return new Queue(table, new TopicQueues("T", "T".getBytes(StandardCharsets.UTF_8), 0), 0, 0, 0);
    }

    private static Path emptyFolder() {
        try {
            Path folder = Files.createTempDirectory("stress-queues");
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    private QueueTable table() {
        try {
            Path folder = Files.createTempDirectory("stress-queues");
            QueueTable fresh = QueueTable.open(new RealDisk(), folder, appendLock, damage -> {
                throw new IllegalStateException(damage.toString());
            });
            // What the tests look at is in memory; the files are only there because a table has some.
            fresh.close();
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
            return fresh;
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    /** A queue of a topic of its own. */
    Queue next() {
        return next(new TopicQueues("T", "T".getBytes(StandardCharsets.UTF_8), 0), 0);
    }

    /** One entry, and whoever waits for it is woken: what an append does to a queue. */
    static void append(Queue queue) {
        long at = queue.reserve(1);
        queue.publish(at, 1000, 100, 10, 1);
        VarHandle.fullFence(); // as the log does, once for all queues of an append
        Wakeup.wakeAll(queue.takeWaiters(1, at, null));
    }

    synchronized Queue next(TopicQueues topic, int queueId) {
        if (++made % QUEUES_PER_TABLE == 0) {
            table = table();
        }
        return new Queue(table, topic, queueId, queueId, 0);
    }
}
