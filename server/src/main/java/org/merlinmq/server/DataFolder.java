package org.merlinmq.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.server.config.Role;
import org.merlinmq.storage.Storage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one folder that the server writes to, held by a lock while the process runs.
 *
 * <p>Nameserver and broker lock apart, so that two processes can share a folder when each has its own part. Files:
 * {@code broker.lock}, {@code nameserver.lock}; {@code merlin.pid} (or {@code broker.pid}, {@code nameserver.pid}) with
 * the process id; {@code merlin.addresses} with one {@code name=address} a line.
 */
final class DataFolder implements AutoCloseable {
    /** Room that a new store needs. One that is there is opened whatever is free: else nobody could clean up. */
    private static final long LEAST_FREE_BYTES = 16L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(DataFolder.class);

    private final Path folder;
    private final String process;
    private final List<FileChannel> locks = new ArrayList<>();

    private DataFolder(Path folder, Role role) {
        this.folder = folder;
        this.process = processName(role);
    }

    /** Opens and locks the folder; makes it if it is not there. */
    static DataFolder open(Path path, Role role) throws StartRefusal {
        Path folder = path.toAbsolutePath().normalize();
        DataFolder opened = new DataFolder(folder, role);
        try {
            Files.createDirectories(folder);
            if (role != Role.BROKER) {
                opened.lock("nameserver");
            }
            if (role != Role.NAMESERVER) {
                opened.lock("broker");
            }
            if (role != Role.NAMESERVER && !Storage.isIn(folder)) {
                mustHaveRoom(folder);
            }
            opened.writeOver(opened.pidFile(), ProcessHandle.current().pid() + System.lineSeparator());
            return opened;
        } catch (IOException refused) {
            opened.close();
            throw StartRefusal.failed(sentence(folder, refused));
        } catch (StartRefusal refused) {
            opened.close();
            throw refused;
        }
    }

    private static void mustHaveRoom(Path folder) throws IOException, StartRefusal {
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < LEAST_FREE_BYTES) {
            throw StartRefusal.failed("no disk space: " + (free >> 10) + " KB are free for a new store in " + folder
                    + "; make room, or choose another folder with --data");
        }
    }

    /** Writes a small file that commands read. What lies there is written over, which needs no space. */
    private void writeOver(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            channel.write(ByteBuffer.wrap(bytes), 0);
            channel.truncate(bytes.length);
        } catch (IOException refused) {
            if (!RealDisk.isFull(refused)) {
                throw refused;
            }
            LOG.warn(
                    "file-not-written file={} cause=\"{}\" effect=\"bin/merlin status and stop do not find this server\""
                            + " cure=\"stop it with kill {}\"",
                    file,
                    refused.getMessage(),
                    ProcessHandle.current().pid());
        }
    }

    Path path() {
        return folder;
    }

    /** The name of this kind of process in file names. */
    String process() {
        return process;
    }

    /** The folder for log files. */
    Path logs() {
        return folder.resolve("logs");
    }

    /** Leaves the addresses for {@code bin/merlin status} and for scripts. */
    void announce(Map<String, String> addresses) throws StartRefusal {
        List<String> lines = new ArrayList<>();
        addresses.forEach((name, address) -> lines.add(name + "=" + address));
        Path next = folder.resolve(process + ".addresses.new");
        String text = String.join(System.lineSeparator(), lines) + System.lineSeparator();
        try {
            try {
                Files.writeString(next, text);
                Files.move(next, addressFile(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException full) {
                Files.deleteIfExists(next);
                writeOver(addressFile(), text);
            }
        } catch (IOException refused) {
            throw StartRefusal.failed(sentence(folder, refused));
        }
    }

    @Override
    public void close() {
        boolean locked = !locks.isEmpty();
        try {
            if (locked) {
                Files.deleteIfExists(addressFile());
                Files.deleteIfExists(pidFile());
            }
            for (FileChannel lock : locks) {
                lock.close();
            }
            locks.clear();
        } catch (IOException unclean) {
            LOG.warn("data-folder-left-unclean folder={} cause=\"{}\"", folder, unclean.toString());
        }
    }

    private static String processName(Role role) {
        return switch (role) {
            case ALL_IN_ONE -> "merlin";
            case BROKER -> "broker";
            case NAMESERVER -> "nameserver";
        };
    }

    /**
     * Holds a commit log that lies elsewhere: two brokers on one log would destroy it. The lock is that of the data folder
     * which the log is part of, or a file beside the log's folder.
     *
     * @param log its folder
     * @param setting how it was set, for the sentence of a refusal
     */
    void lockLog(Path log, String setting) throws StartRefusal {
        Path around = log.toAbsolutePath().normalize().getParent();
        if (around == null || around.equals(folder)) {
            return;
        }
        Path whole = around.resolve("broker.lock");
        Path file = Files.exists(whole) ? whole : around.resolve(log.getFileName() + ".lock");
        try {
            Files.createDirectories(around);
            if (Files.isSameFile(around, folder)) {
                return;
            }
            if (!hold(file)) {
                throw StartRefusal.failed(
                        "the commit log of " + setting + " is in use by another process, which holds " + file
                                + "; give this broker a storePathCommitLog of its own, or leave it out for commitlog in its data"
                                + " folder");
            }
        } catch (IOException refused) {
            LOG.warn(
                    "log-not-locked file={} cause=\"{}\" effect=\"a second broker with the same storePathCommitLog would not be"
                            + " kept from it\"",
                    file,
                    refused.toString());
        }
    }

    private boolean hold(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException heldHere) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            return false;
        }
        locks.add(channel);
        return true;
    }

    private void lock(String part) throws IOException, StartRefusal {
        if (!hold(folder.resolve(part + ".lock"))) {
            throw StartRefusal.failed("the data folder " + folder + " is in use by another process"
                    + owner() + "; stop that one (bin/merlin stop --data " + folder
                    + "), or choose another folder with --data");
        }
    }

    private String owner() throws IOException {
        for (String name : List.of("merlin.pid", "broker.pid", "nameserver.pid")) {
            Path pid = folder.resolve(name);
            if (Files.exists(pid)) {
                return " (" + Files.readString(pid).strip() + ")";
            }
        }
        return "";
    }

    private Path pidFile() {
        return folder.resolve(process + ".pid");
    }

    private Path addressFile() {
        return folder.resolve(process + ".addresses");
    }

    private static String sentence(Path folder, IOException refused) {
        if (refused instanceof AccessDeniedException) {
            return "the data folder " + folder + " is not writable for user " + System.getProperty("user.name")
                    + "; give that user the right to write, or choose another folder with --data";
        }
        if (refused instanceof FileAlreadyExistsException) {
            return "the data folder " + folder + " cannot be made: " + refused.getMessage()
                    + " is a file and no folder; move it away, or choose another folder with --data";
        }
        return "the data folder " + folder + " cannot be used ("
                + refused.getClass().getSimpleName() + ": " + refused.getMessage()
                + "); choose another folder with --data";
    }
}
