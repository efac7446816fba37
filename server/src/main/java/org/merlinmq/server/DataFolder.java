package org.merlinmq.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.merlinmq.server.config.Role;

/**
 * The one folder that the server writes to, held by a lock while the process runs.
 *
 * <p>Nameserver and broker lock apart, so that two processes can share a folder when each has its own part. Files:
 * {@code broker.lock}, {@code nameserver.lock}; {@code merlin.pid} (or {@code broker.pid}, {@code nameserver.pid}) with
 * the process id; {@code merlin.addresses} with one {@code name=address} a line.
 */
final class DataFolder implements AutoCloseable {
    /** Room that a start needs: less, and even the journal could not be written. */
    private static final long LEAST_FREE_BYTES = 16L << 20;

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
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < LEAST_FREE_BYTES) {
                throw StartRefusal.failed("no disk space: " + (free >> 10) + " KB are free for " + folder
                        + "; make room, or choose another folder with --data");
            }
            Files.writeString(opened.pidFile(), ProcessHandle.current().pid() + System.lineSeparator());
            return opened;
        } catch (IOException refused) {
            opened.close();
            throw StartRefusal.failed(sentence(folder, refused));
        } catch (StartRefusal refused) {
            opened.close();
            throw refused;
        }
    }

    Path path() {
        return folder;
    }

    /** The name of this kind of process in file names. */
    String process() {
        return process;
    }

    /** Makes the folder for log files. */
    Path logs() throws StartRefusal {
        Path logs = folder.resolve("logs");
        try {
            return Files.createDirectories(logs);
        } catch (IOException refused) {
            throw StartRefusal.failed(sentence(logs, refused));
        }
    }

    /** Leaves the addresses for {@code bin/merlin status} and for scripts. */
    void announce(Map<String, String> addresses) throws StartRefusal {
        List<String> lines = new ArrayList<>();
        addresses.forEach((name, address) -> lines.add(name + "=" + address));
        Path next = folder.resolve(process + ".addresses.new");
        try {
            Files.write(next, lines);
            Files.move(next, addressFile(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
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
            org.slf4j.LoggerFactory.getLogger(DataFolder.class)
                    .warn("data-folder-left-unclean folder={} cause=\"{}\"", folder, unclean.toString());
        }
    }

    private static String processName(Role role) {
        return switch (role) {
            case ALL_IN_ONE -> "merlin";
            case BROKER -> "broker";
            case NAMESERVER -> "nameserver";
        };
    }

    private void lock(String part) throws IOException, StartRefusal {
        FileChannel channel =
                FileChannel.open(folder.resolve(part + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException heldHere) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw StartRefusal.failed("the data folder " + folder + " is in use by another process"
                    + owner() + "; stop that one (bin/merlin stop --data " + folder
                    + "), or choose another folder with --data");
        }
        locks.add(channel);
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
