package org.merlinmq.nameserver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A small file that is always whole: a change is written beside it, synced, and renamed over it.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link UncheckedIOException} naming the path; the old content is then still in place.
 */
final class DurableFile {
    private final Path path;

    DurableFile(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /** The content, or null if the file does not exist. */
    byte @Nullable [] read() {
        try {
            return Files.exists(path) ? Files.readAllBytes(path) : null;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    /** Replaces the content. */
    void replace(byte[] content) {
        Path fresh = path.resolveSibling(path.getFileName() + ".tmp");
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            try (FileChannel channel = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                ByteBuffer left = ByteBuffer.wrap(content);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
                channel.force(true);
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path + "; the change is not made", e);
        }
    }
}
