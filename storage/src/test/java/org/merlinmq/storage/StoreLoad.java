package org.merlinmq.storage;

import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.LogStats;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimClock;

/**
 * Fills a store on a real disk, to be measured or killed. Arguments: folder, ASYNC or SYNC, bytes of a body, messages of a
 * batch, megabytes to write.
 */
final class StoreLoad {
    private StoreLoad() {}

    static void main(String[] args) {
        StorageConfig config = StorageConfig.defaults(Path.of(args[0])).withFlush(FlushMode.valueOf(args[1]));
        int batchMessages = Integer.parseInt(args[3]);
        long wanted = Long.parseLong(args[4]) << 20;
        long begun = System.nanoTime();
        try (Storage storage = Storage.open(config, new RealDisk(), SimClock.ticking(), Progress.SILENT)) {
            System.out.printf(
                    "open after %.3f s, log %d MB%n", (System.nanoTime() - begun) / 1e9, storage.maxLogOffset() >> 20);
            Semaphore free = new Semaphore(1);
            AppendBatch batch = storage.newBatch(b -> free.release());
            Records records = new Records();
            byte[] body = new byte[Integer.parseInt(args[2])];
            Queue[] queues = new Queue[16];
            for (int i = 0; i < queues.length; i++) {
                queues[i] = storage.queue("T", i);
            }
            long end = storage.maxLogOffset() + wanted;
            long start = System.nanoTime();
            long messages = 0;
            while (storage.maxLogOffset() < end) {
                free.acquireUninterruptibly();
                batch.clear();
                for (int i = 0; i < batchMessages; i++) {
                    records.add(batch, queues[(int) (messages++ & 15)], body, "UNIQ_KEY\0010123456789ABCDEF\002");
                }
                storage.append(batch);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            LogStats stats = storage.stats();
            System.out.printf(
                    "%d messages in %.2f s: %.0f/s, %.0f ns each, %d syncs of %.2f ms%n",
                    messages,
                    seconds,
                    messages / seconds,
                    seconds * 1e9 / messages,
                    stats.syncs().total(),
                    stats.syncs().sumNanos() / 1e6 / Math.max(1, stats.syncs().total()));
        }
        System.out.printf("closed after %.3f s%n", (System.nanoTime() - begun) / 1e9);
    }
}
