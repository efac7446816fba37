package org.merlinmq.storage;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.transaction.CheckRule;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.testkit.SimClock;

/** Prints what open transactions cost: {@code main FOLDER [COUNT]}, with the test class path. */
final class OpenTransactionsMeasure {
    private static final int BATCH = 200;
    private static final int BODY_BYTES = 100;

    private OpenTransactionsMeasure() {}

    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[0]));
        int count = args.length > 1 ? Integer.parseInt(args[1]) : 1_000_000;
        try (Storage empty = open(folder.resolve("empty"))) {
            print("an empty store, open", empty.transactions().count(), "");
        }
        reopen(folder.resolve("empty"), "an empty store, open again");
        long before = used();
        Path full = folder.resolve("full");
        try (Storage store = open(full)) {
            long start = System.nanoTime();
            fill(store, count);
            print("append", (System.nanoTime() - start) / count, "ns each");
            print("open", store.transactions().count(), "");
            store.checkpoint();
            print("heap of all", used() - before, "bytes");
            walk(store, count);
        }
        reopen(full, "a store with them, open again");
    }

    private static void walk(Storage store, int count) {
        List<OpenHalf> due = new ArrayList<>();
        long start = System.nanoTime();
        store.transactions().takeDue(Long.MAX_VALUE / 4, new CheckRule(1, 9, group -> false), Integer.MAX_VALUE, due);
        print("a pass over them, no producer", (System.nanoTime() - start) / 1000, "us");
        start = System.nanoTime();
        store.checkpoint();
        print("a checkpoint", (System.nanoTime() - start) / 1000, "us, " + count);
    }

    private static Storage open(Path folder) {
        StorageConfig config = StorageConfig.defaults(folder).withDiskLimits(1, 1, 1);
        return Storage.open(config, new RealDisk(), SimClock.ticking(), Progress.SILENT);
    }

    private static void reopen(Path folder, String what) {
        for (int round = 0; round < 3; round++) {
            long start = System.nanoTime();
            try (Storage store = open(folder)) {
                print(
                        what,
                        (System.nanoTime() - start) / 1000,
                        "us, " + store.transactions().count() + " open");
            }
        }
    }

    private static void fill(Storage store, int count) {
        Semaphore appended = new Semaphore(0);
        AppendBatch batch = store.newBatch(done -> appended.release());
        RecordWriter writer = new RecordWriter()
                .bornHost(new byte[4], 1)
                .storeHost(new byte[4], 2)
                .bornMillis(1);
        RecordView view = new RecordView();
        RecordFacts facts = new RecordFacts();
        byte[] topic = Bytes.ascii(RecordFacts.HALF_TOPIC_NAME);
        byte[] body = new byte[BODY_BYTES];
        for (int sent = 0; sent < count; ) {
            for (int i = 0; i < BATCH; i++, sent++) {
                ByteWriter out = batch.bytes();
                int at = writer.begin(out, body, 0, body.length, topic, 0, topic.length);
                out.putAscii("PGROUP\u0001G" + sent % 10 + "\u0002UNIQ_KEY\u0001K" + sent + "\u0002");
                int size = writer.end(out);
                view.on(out.array(), at, size);
                batch.add(store.queue(RecordFacts.HALF_TOPIC_NAME, 0), at, size, facts.read(view, RecordRule.NONE));
            }
            store.append(batch);
            appended.acquireUninterruptibly();
            batch.clear();
        }
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void print(String what, long value, String unit) {
        System.out.printf("%-40s %,14d %s%n", what, value, unit);
    }
}
