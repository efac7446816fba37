package org.merlinmq.platform.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The file system of this machine. */
public final class RealDisk implements Disk {
    /** The range of the lock file that RocketMQ locks too, so that neither opens the other's running store. */
    private static final long LOCKED_BYTES = 1;

    /** The machine's file system; there may be any number of these. */
    public RealDisk() {}

    @Override
    public DiskFile create(Path path) {
        try {
            Files.deleteIfExists(path);
            return new RealFile(path, true, true);
        } catch (IOException e) {
            throw DiskException.of("Creating", path, isFull(e), e);
        }
    }

    @Override
    public DiskFile open(Path path) {
        try {
            return new RealFile(path, true, false);
        } catch (IOException e) {
            throw DiskException.of("Opening", path, isFull(e), e);
        }
    }

    @Override
    public DiskFile openRead(Path path) {
        try {
            return new RealFile(path, false, false);
        } catch (IOException e) {
            throw DiskException.of("Opening", path, false, e);
        }
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public boolean isFolder(Path path) {
        return Files.isDirectory(path);
    }

    @Override
    public List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> names = Files.list(folder)) {
            return names.sorted().toList();
        } catch (IOException e) {
            throw DiskException.of("Listing", folder, false, e);
        }
    }

    @Override
    public void createFolders(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw DiskException.of("Creating folder", folder, isFull(e), e);
        }
    }

    @Override
    public void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw DiskException.of("Deleting", path, false, e);
        }
    }

    @Override
    public void rename(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw DiskException.of("Renaming to " + to.getFileName(), from, isFull(e), e);
        }
    }

    @Override
    public byte[] readAll(Path path, int maxBytes) {
        try {
            long size = Files.size(path);
            if (size > maxBytes) {
                throw new DiskException(
                        "Reading " + path + " failed: expected at most " + maxBytes + " bytes, found " + size,
                        false,
                        null);
            }
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw DiskException.of("Reading", path, false, e);
        }
    }

    @Override
    public void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw DiskException.of("Syncing folder", folder, isFull(e), e);
        }
    }

    @Override
    public long modifiedMillis(Path path) {
        try {
            return Files.getLastModifiedTime(path).toMillis();
        } catch (IOException e) {
            throw DiskException.of("Asking the age of", path, false, e);
        }
    }

    @Override
    public long totalBytes(Path path) {
        try {
            FileStore store = Files.getFileStore(path);
            return store.getTotalSpace() - store.getUnallocatedSpace() + store.getUsableSpace();
        } catch (IOException e) {
            throw DiskException.of("Asking the size of the disk under", path, false, e);
        }
    }

    @Override
    public long usableBytes(Path path) {
        try {
            return Files.getFileStore(path).getUsableSpace();
        } catch (IOException e) {
            throw DiskException.of("Asking the free space under", path, false, e);
        }
    }

    @Override
    public FolderLock lock(Path path) {
        try {
            FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                String holder = holder(channel);
                channel.close();
                throw new DiskException(
                        "The store folder " + path.toAbsolutePath().getParent() + " is in use by " + holder
                                + ". Stop that one first, or start this one with another data folder.",
                        false,
                        null);
            }
            notePid(channel);
            return () -> release(channel, path);
        } catch (IOException e) {
            throw DiskException.of("Locking", path, isFull(e), e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock(0, LOCKED_BYTES, false);
        } catch (OverlappingFileLockException heldByUs) {
            return null;
        }
    }

    /** Over what is there, which needs no space; without any, on a full disk, the lock holds all the same. */
    private static void notePid(FileChannel channel) throws IOException {
        byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
        try {
            channel.write(ByteBuffer.wrap(pid), 0);
            channel.truncate(pid.length);
        } catch (IOException e) {
            if (!isFull(e)) {
                throw e;
            }
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(32);
        channel.read(text, 0);
        String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).trim();
        return pid.matches("\\d+") ? "the process with pid " + pid : "another process, which left no pid";
    }

    private static void release(FileChannel channel, Path path) {
        try {
            channel.close();
        } catch (IOException e) {
            throw DiskException.of("Unlocking", path, false, e);
        }
    }

    /**
     * Whether an operation failed for lack of space: by the system's text for ENOSPC and EDQUOT, since the JDK keeps no
     * error number.
     *
     * @param e why it failed
     * @return false for any other cause
     */
    public static boolean isFull(IOException e) {
        String said = String.valueOf(e.getMessage());
        return said.contains("No space left") || said.contains("uota exceeded");
    }
}
