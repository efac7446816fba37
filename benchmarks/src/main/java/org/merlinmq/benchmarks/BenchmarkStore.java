package org.merlinmq.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.stream.Stream;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.Progress;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.StorageConfig;

/** A real store in a folder of its own under {@code -Dbenchmarks.data}, deleted at the end. */
final class BenchmarkStore implements AutoCloseable {
    private final Path folder;
    private Storage storage;

    private BenchmarkStore(Path folder) {
        this.folder = folder;
        this.storage = open(folder);
    }

    static BenchmarkStore open() {
        try {
            Path data = Path.of(System.getProperty("benchmarks.data", System.getProperty("java.io.tmpdir")));
            return new BenchmarkStore(Files.createTempDirectory(Files.createDirectories(data), "store"));
        } catch (IOException noFolder) {
            throw new UncheckedIOException(noFolder);
        }
    }

    private static Storage open(Path folder) {
        return Storage.open(StorageConfig.defaults(folder), new RealDisk(), Clock.systemUTC(), Progress.SILENT);
    }

    Storage storage() {
        return storage;
    }

    /** Closes the store and opens it again: what was in memory is in sorted runs on the disk then. */
    void reopen() {
        storage.close();
        storage = open(folder);
    }

    /** A whole record of a message with such a body. */
    static byte[] record(int bodyBytes) {
        byte[] body = Frames.body(bodyBytes);
        byte[] topic = Bytes.ascii("bench");
        ByteWriter out = new ByteWriter(256 + bodyBytes);
        RecordWriter writer = new RecordWriter()
                .bornHost(new byte[] {127, 0, 0, 1}, 50_000)
                .storeHost(new byte[] {127, 0, 0, 1}, 10_911);
        writer.begin(out, body, 0, body.length, topic, 0, topic.length);
        out.put(Bytes.ascii(Frames.PROPERTIES));
        byte[] record = new byte[writer.end(out)];
        System.arraycopy(out.array(), 0, record, 0, record.length);
        return record;
    }

    @Override
    public void close() {
        storage.close();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException notDeleted) {
            throw new UncheckedIOException(notDeleted);
        }
    }
}
