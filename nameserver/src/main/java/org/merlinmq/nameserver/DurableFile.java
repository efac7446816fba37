package org.merlinmq.nameserver;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * A small file that is always whole: a change is written beside it, synced, and renamed over it. Its last version is kept with
 * {@code .bak} behind its name, as RocketMQ does.
 *
 * <p>The nameserver stands beside {@code storage}, not on it, so these two rare writes go through the plain file API.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link UncheckedIOException} naming the path for a failed write, after which the old content is still in place;
 * {@link DamagedFileException} for a file that cannot be read.
 */
final class DurableFile {
    private final Path path;

    DurableFile(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /** The last version. */
    DurableFile copy() {
        return new DurableFile(path.resolveSibling(path.getFileName() + ".bak"));
    }

    /** The content, or null if the file does not exist. */
    byte @Nullable [] read() {
        try {
            return Files.exists(path) ? Files.readAllBytes(path) : null;
        } catch (IOException e) {
            throw new DamagedFileException(
                    path + " cannot be read (" + e.getMessage() + "); make it readable, or move it away", e);
        }
    }

    /** Replaces the content. */
    void replace(byte[] content) {
        Path fresh = path.resolveSibling(path.getFileName() + ".tmp");
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            try (FileOutputStream out = new FileOutputStream(fresh.toFile())) {
                out.write(content);
                out.getFD().sync();
            }
            if (Files.exists(path)) {
                Files.copy(path, copy().path, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path + "; the change is not made", e);
        }
    }
}
