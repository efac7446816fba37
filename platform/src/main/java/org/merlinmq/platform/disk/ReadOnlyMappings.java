package org.merlinmq.platform.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What Java maps of files to run and never writes to: its own code, and what its cache has of classes. A start touches much
 * of that once. Given back, a page comes again, with the same bytes, when it is touched next; the system itself takes such
 * pages when it is short of memory.
 *
 * <p>Left alone is what is writable, what has pages of this process's own, which are in no file, and any other file: its
 * mapping might end, and something else begin at its address, between the look and the call.
 *
 * <p>Threading: any thread.
 */
public final class ReadOnlyMappings {
    private static final Path MAPPINGS = Path.of("/proc/self/smaps");
    private static final String OWN_PAGES = "Anonymous:";
    /** Libraries and caches of classes stay mapped until the process ends. */
    private static final List<String> KEPT = List.of(".so", ".aot", ".jsa");

    private ReadOnlyMappings() {}

    /** A range of addresses. */
    record Range(long begin, long end) {}

    /**
     * Gives their memory back. Nothing happens where the system does not list a process's mappings, or does not take it.
     */
    public static void giveBack() {
        try (var lines = Files.lines(MAPPINGS, StandardCharsets.ISO_8859_1)) { // names of files may be in any encoding
            for (Range range : readOnly(lines.toList())) {
                FileCalls.giveBack(segment(range));
            }
        } catch (IOException | UncheckedIOException unknown) {
            // No list, or only part of one: it is as it was.
        }
    }

    @SuppressWarnings("restricted") // only its address is used: the pages are neither read nor written
    private static MemorySegment segment(Range range) {
        return MemorySegment.ofAddress(range.begin).reinterpret(range.end - range.begin);
    }

    /**
     * Picks the ranges that may be given back. A mapping is a line with addresses, rights, position, device, inode and file,
     * and then one line for each of its figures.
     *
     * <pre>
     *   7f2a10000000-7f2a10400000 r-xp 00000000 fe:00 1234   /usr/lib/jvm/lib/server/libjvm.so
     *   Rss:                2048 kB
     *   Anonymous:             0 kB
     * </pre>
     */
    static List<Range> readOnly(List<String> smaps) {
        List<Range> found = new ArrayList<>();
        Range range = null;
        for (String line : smaps) {
            int space = line.indexOf(' ');
            int dash = line.indexOf('-');
            if (dash > 0 && dash < space) {
                range = isReadOnlyFile(line, space)
                        ? new Range(
                                Long.parseUnsignedLong(line, 0, dash, 16),
                                Long.parseUnsignedLong(line, dash + 1, space, 16))
                        : null;
            } else if (range != null && line.startsWith(OWN_PAGES)) {
                if (line.substring(OWN_PAGES.length()).strip().equals("0 kB")) {
                    found.add(range);
                }
                range = null;
            }
        }
        return found;
    }

    private static boolean isReadOnlyFile(String line, int space) {
        return line.startsWith("r", space + 1)
                && line.startsWith("-", space + 2)
                && line.indexOf('/') > 0
                && KEPT.stream().anyMatch(line::endsWith);
    }
}
