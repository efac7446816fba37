package org.merlinmq.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A server that runs on this machine.
 *
 * @param process its process
 * @param name {@code merlin}, {@code broker} or {@code nameserver}
 * @param folder its data folder, or null if it was found by looking through the processes and the system does not show
 *     what files they hold open
 */
record ServerProcess(
        ProcessHandle process, String name, @Nullable Path folder) {
    private static final String MAIN = "org.merlinmq.server.Main";

    /** How often a process that is to end is looked at. */
    private static final long LOOK_MILLIS = 20;

    /** What a process is called in file names, and the role in its arguments. */
    private static final Map<String, String> ROLES =
            Map.of("merlin", "start", "broker", "broker", "nameserver", "nameserver");

    /** The servers of some kinds on a data folder. */
    static List<ServerProcess> on(Path folder, List<String> names) {
        List<ServerProcess> found = new ArrayList<>();
        for (String name : names) {
            Path file = folder.resolve(name + ".pid");
            if (Files.exists(file)) {
                pid(file)
                        .flatMap(ProcessHandle::of)
                        .filter(process -> runs(process, name) && !isElsewhere(process, name, folder))
                        .ifPresent(process -> found.add(new ServerProcess(process, name, folder)));
            }
        }
        return found;
    }

    /** This user's servers of some kinds, wherever their data folders are. */
    static List<ServerProcess> onMachine(List<String> names) {
        List<ServerProcess> found = new ArrayList<>();
        Optional<String> user = ProcessHandle.current().info().user();
        ProcessHandle.allProcesses()
                .filter(process -> process.info().user().equals(user))
                .forEach(process -> names.stream()
                        .filter(name -> runs(process, name))
                        .forEach(name -> found.add(new ServerProcess(process, name, folderOf(process, name)))));
        return found;
    }

    /** The data folder, and the addresses that the server left in it; empty if the system does not show the folder. */
    Map<String, String> places() {
        Map<String, String> places = new LinkedHashMap<>();
        if (folder == null) {
            return places;
        }
        try {
            for (String line : Files.readAllLines(folder.resolve(name + ".addresses"))) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    places.put(line.substring(0, equals), line.substring(equals + 1));
                }
            }
        } catch (IOException starting) {
            throw new CommandFailure("the server (process " + process.pid() + ") is not ready yet");
        }
        places.put("data", folder.toAbsolutePath().normalize().toString());
        return places;
    }

    private static Optional<Long> pid(Path file) {
        try {
            return Optional.of(Long.valueOf(Files.readString(file).strip()));
        } catch (IOException | NumberFormatException unreadable) {
            throw new CommandFailure("the file " + file + " cannot be read or holds no process id: " + unreadable);
        }
    }

    /** A process id that was given away again may be that of a server on another folder. */
    private static boolean isElsewhere(ProcessHandle process, String name, Path folder) {
        Path other = folderOf(process, name);
        try {
            return other != null && !Files.isSameFile(other, folder);
        } catch (IOException endedMeanwhile) {
            return false;
        }
    }

    /** The data folder, known by the lock file that the server holds open; null where the system does not show it. */
    private static @Nullable Path folderOf(ProcessHandle process, String name) {
        String lock = (name.equals("merlin") ? "broker" : name) + ".lock";
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(Path.of("/proc", String.valueOf(process.pid()), "fd"))) {
            for (Path file : files) {
                Path target = target(file);
                if (target != null && target.endsWith(lock) && Files.exists(target.resolveSibling(name + ".pid"))) {
                    return target.getParent();
                }
            }
            return null;
        } catch (IOException | DirectoryIteratorException hidden) {
            return null;
        }
    }

    private static @Nullable Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException closedMeanwhile) {
            return null;
        }
    }

    /** Waits until a process has ended; false if it still runs after {@code most}. */
    static boolean awaitEnd(ProcessHandle process, Duration most) throws InterruptedException {
        long end = System.nanoTime() + most.toNanos();
        while (!hasEnded(process)) {
            if (System.nanoTime() - end >= 0) {
                return false;
            }
            Thread.sleep(LOOK_MILLIS);
        }
        return true;
    }

    /** Also one that nobody has collected has ended: in a container its parent may never do so. */
    private static boolean hasEnded(ProcessHandle process) {
        if (!process.isAlive()) {
            return true;
        }
        try {
            String stat = Files.readString(
                    Path.of("/proc", String.valueOf(process.pid()), "stat"), StandardCharsets.ISO_8859_1);
            return stat.startsWith(" Z ", stat.lastIndexOf(')') + 1);
        } catch (IOException notLinuxOrGone) {
            return !process.isAlive();
        }
    }

    /** Whether a process is one of our servers in that role; a process id alone may have been given away again. */
    private static boolean runs(ProcessHandle process, String name) {
        List<String> arguments = arguments(process);
        int main = arguments.indexOf(MAIN);
        return main >= 0
                && main + 1 < arguments.size()
                && arguments.get(main + 1).equals(ROLES.get(name));
    }

    /** All of a process's arguments: Java returns none if they are longer than 4 KB, which a class path may be. */
    private static List<String> arguments(ProcessHandle process) {
        try {
            Path file = Path.of("/proc", String.valueOf(process.pid()), "cmdline");
            return List.of(Files.readString(file, StandardCharsets.ISO_8859_1).split("\0", -1));
        } catch (IOException notLinuxOrGone) {
            return List.of(process.info().arguments().orElse(new String[0]));
        }
    }
}
