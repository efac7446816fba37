package org.merlinmq.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.merlinmq.broker.admin.DiskSpace;

/** The space of the disk that a folder is on. Threading: any thread that may wait for the disk. */
final class FolderSpace implements DiskSpace {
    private final Path folder;

    FolderSpace(Path folder) {
        this.folder = folder;
    }

    @Override
    public String path() {
        return folder.toString();
    }

    @Override
    public long totalBytes() {
        return read(FileStore::getTotalSpace);
    }

    @Override
    public long usableBytes() {
        return read(FileStore::getUsableSpace);
    }

    private interface StoreSpace {
        long read(FileStore store) throws IOException;
    }

    private long read(StoreSpace space) {
        try {
            return space.read(Files.getFileStore(folder));
        } catch (IOException failed) {
            throw new UncheckedIOException("the disk of " + folder + " cannot report its space", failed);
        }
    }
}
