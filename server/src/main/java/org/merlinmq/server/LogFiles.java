package org.merlinmq.server;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Log lines as files of a folder. A file is set aside when it would become too large, and when a day begins; of those set
 * aside the oldest are deleted.
 *
 * <pre>
 *  broker.log                 what is written now; locked, so that no other process writes it too
 *  broker.2026-11-28.1.log    the first that was set aside of what was written on that day
 * </pre>
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: a write does not throw: lines that the disk refuses are counted, and a line has their number when writing works
 * again. Writing is tried once a second.
 */
final class LogFiles extends OutputStream {
    private static final long RETRY_MILLIS = 1000;

    private final Path folder;
    private final String name;
    private final Limits limits;
    private final Clock clock;
    private final Pattern former;

    private @Nullable FileOutputStream out;
    private long bytes;
    /** The day on which the current file was last written when it was opened, and when that day ends. */
    private LocalDate day;

    private long dayEndsMillis;
    private long lost;
    private String cause = "";
    private long retryMillis = Long.MIN_VALUE;

    /**
     * What is kept.
     *
     * @param fileBytes the most in one file, but for a single longer line
     * @param totalBytes the most in all files, the current one included
     * @param keep how long a file that was set aside stays, in whole days
     */
    record Limits(long fileBytes, long totalBytes, Duration keep) {}

    /** A file that was set aside; days are compared as text, in which they have the same order. */
    private record Former(Path path, String day, int number) {}

    private LogFiles(Path folder, String name, Limits limits, Clock clock) {
        this.folder = folder;
        this.name = name;
        this.limits = new Limits(Math.min(limits.fileBytes, limits.totalBytes), limits.totalBytes, limits.keep);
        this.clock = clock;
        this.former = Pattern.compile(Pattern.quote(name) + "\\.(\\d{4}-\\d\\d-\\d\\d)\\.(\\d{1,9})\\.log");
        this.day = LocalDate.ofInstant(clock.instant(), clock.getZone());
    }

    /**
     * Opens the file {@code name.log}, to write behind what it has.
     *
     * @param folder made if it is not there
     * @param name of the kind of process
     * @param limits what is kept
     * @param clock has the days
     * @return where lines are written, each by one call
     * @throws IOException if it cannot be written, or another process writes it
     */
    static LogFiles open(Path folder, String name, Limits limits, Clock clock) throws IOException {
        LogFiles files = new LogFiles(folder, name, limits, clock);
        Files.createDirectories(folder);
        files.openCurrent();
        files.deleteOld();
        return files;
    }

    @Override
    public void write(int oneByte) {
        write(new byte[] {(byte) oneByte}, 0, 1);
    }

    /** Writes one line or several, which stay together in one file. */
    @Override
    public void write(byte[] lines, int from, int length) {
        long now = clock.millis();
        if (out == null && now < retryMillis) {
            lost++;
            return;
        }
        try {
            FileOutputStream to = out == null ? openCurrent() : out;
            if (bytes > 0 && (now >= dayEndsMillis || bytes + length > limits.fileBytes)) {
                to = setAside();
            }
            if (lost > 0) {
                byte[] report = lostLine();
                to.write(report);
                bytes += report.length;
                lost = 0;
            }
            to.write(lines, from, length);
            bytes += length;
        } catch (IOException refused) {
            lost++;
            cause = String.valueOf(refused.getMessage());
            retryMillis = now + RETRY_MILLIS;
            close();
        }
    }

    private byte[] lostLine() {
        String time = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT)
                .format(LocalDateTime.ofInstant(clock.instant(), clock.getZone()));
        return ("\n" + time + " WARN  log - log-lines-lost lines=" + lost + " cause=\"" + cause + "\"\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private Path current() {
        return folder.resolve(name + ".log");
    }

    private FileOutputStream openCurrent() throws IOException {
        Path file = current();
        FileOutputStream opened = new FileOutputStream(file.toFile(), true);
        try {
            if (!isOurs(opened)) {
                throw new IOException("another process writes it: give each server a log.dir of its own");
            }
            bytes = Files.size(file);
            day = bytes == 0
                    ? LocalDate.ofInstant(clock.instant(), clock.getZone())
                    : LocalDate.ofInstant(Files.getLastModifiedTime(file).toInstant(), clock.getZone());
            dayEndsMillis =
                    day.plusDays(1).atStartOfDay(clock.getZone()).toInstant().toEpochMilli();
        } catch (IOException refused) {
            opened.close();
            throw refused;
        }
        out = opened;
        return opened;
    }

    private static boolean isOurs(FileOutputStream opened) throws IOException {
        try {
            return opened.getChannel().tryLock() != null; // held until the stream is closed
        } catch (OverlappingFileLockException heldHere) {
            return false;
        }
    }

    private FileOutputStream setAside() throws IOException {
        close();
        int number = 1;
        for (Former each : formerFiles()) {
            if (each.day.equals(day.toString())) {
                number = Math.max(number, each.number + 1);
            }
        }
        Files.move(current(), folder.resolve(name + "." + day + "." + number + ".log"));
        FileOutputStream begun = openCurrent();
        deleteOld();
        return begun;
    }

    /** Those that are too old, and the oldest of those that are too many for the current file to become full. */
    private void deleteOld() throws IOException {
        LocalDate today = LocalDate.ofInstant(clock.instant(), clock.getZone());
        String oldest = today.minusDays(limits.keep.toDays()).toString();
        long left = limits.totalBytes - limits.fileBytes;
        for (Former each : formerFiles()) {
            left -= Files.size(each.path);
            if (left < 0 || each.day.compareTo(oldest) < 0) {
                Files.delete(each.path);
            }
        }
    }

    /** Newest first. */
    private List<Former> formerFiles() throws IOException {
        List<Former> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, name + ".*.log")) {
            for (Path file : files) {
                Matcher parts = former.matcher(String.valueOf(file.getFileName()));
                if (parts.matches()) {
                    found.add(new Former(file, parts.group(1), Integer.parseInt(parts.group(2))));
                }
            }
        }
        found.sort(Comparator.comparing(Former::day)
                .thenComparingInt(Former::number)
                .reversed());
        return found;
    }

    @Override
    public void close() {
        FileOutputStream open = out;
        out = null;
        try {
            if (open != null) {
                open.close();
            }
        } catch (IOException refused) {
            cause = String.valueOf(refused.getMessage());
        }
    }
}
