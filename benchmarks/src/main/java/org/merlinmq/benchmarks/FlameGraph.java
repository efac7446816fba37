package org.merlinmq.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Draws a profile as a flame graph, one SVG file that needs nothing else: a box is a method, as wide as its share of the
 * samples, above the one that called it. {@code benchmarks/flames} runs it from source; it uses the JDK alone.
 *
 * <p>Format: reads collapsed stacks, a line each: frames from the outermost to the innermost with {@code ;} between them, a
 * blank, the number of samples. The first frame is the thread; a suffix {@code _[j]}, {@code _[i]}, {@code _[k]} or
 * {@code _[1]} marks compiled, inlined, kernel and not yet fully compiled code.
 *
 * <p>Threading: one thread.
 */
public final class FlameGraph {
    private static final int WIDTH = 1200;
    private static final int ROW = 15;
    private static final int TOP = 36;
    private static final double CHARACTER_WIDTH = 6.2;
    /** A box of a smaller share of the samples is left out, with what stands on it. */
    private static final double LEAST_SHARE = 0.003;

    private static final Pattern THREAD_NUMBER = Pattern.compile("[-# ]*\\d*( tid=\\d+)?]$");
    private static final Pattern THREAD_START = Pattern.compile(
            "java/lang/Thread\\.run|io/netty/util/concurrent/FastThreadLocal|clone3|start_thread|thread_native_entry"
                    + "|Thread::call_run|JavaThread::");
    private static final Pattern LIBRARY = Pattern.compile("^/.*/(lib[\\w-]*?)\\d*\\.so.*$");
    private static final Pattern HIDDEN = Pattern.compile("[./]0x[0-9a-f]+");
    private static final Pattern KIND = Pattern.compile("_\\[(.)]$");
    private static final Pattern PACKAGES = Pattern.compile("^([\\w$]+[/.])+(?=[A-Z])");

    private final StringBuilder svg = new StringBuilder();
    private final double samples;
    private final int height;

    private FlameGraph(Box root, String title) {
        samples = root.samples;
        height = TOP + ROW * root.depth((long) (samples * LEAST_SHARE)) + 4;
        svg.append(String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="monospace" font-size="10">
                <rect width="100%%" height="100%%" fill="#fff"/>
                <text x="4" y="14" font-size="13">%s</text>
                <text x="4" y="28" fill="#666">%,d samples; compiled and inlined Java green, other Java blue, the JVM and \
                libraries yellow, the kernel orange; boxes under %.1f %% left out</text>
                """, WIDTH, height, escape(title), root.samples, LEAST_SHARE * 100));
        draw(root, 0, 0);
        svg.append("</svg>\n");
    }

    /**
     * Draws one profile.
     *
     * @param arguments the file of collapsed stacks, the title, the file to write
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] arguments) throws IOException {
        Box root = new Box("all");
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            int blank = line.lastIndexOf(' ');
            if (blank > 0) {
                root.add(frames(line.substring(0, blank)), Long.parseLong(line.substring(blank + 1)));
            }
        }
        if (root.samples == 0) {
            throw new IllegalArgumentException("no samples in " + arguments[0]);
        }
        Files.writeString(Path.of(arguments[2]), new FlameGraph(root, arguments[1]).svg);
    }

    /**
     * The frames of interest: threads of one role as one, without what starts a thread, what the JIT compilers do, the names
     * of packages, the paths of libraries and the addresses of hidden classes.
     */
    private static List<String> frames(String stack) {
        String[] all = stack.split(";", -1);
        List<String> kept =
                new ArrayList<>(List.of(THREAD_NUMBER.matcher(all[0]).replaceFirst("]")));
        if (kept.getFirst().startsWith("[C1 ") || kept.getFirst().startsWith("[C2 ")) {
            return kept;
        }
        int first = 1;
        for (int i = 1; i < all.length; i++) {
            if (THREAD_START.matcher(all[i]).lookingAt()) {
                first = i + 1;
            }
        }
        for (int i = first; i < all.length; i++) {
            String named = LIBRARY.matcher(all[i]).replaceFirst("$1");
            kept.add(HIDDEN.matcher(PACKAGES.matcher(named).replaceFirst("")).replaceFirst(""));
        }
        return kept;
    }

    private void draw(Box box, double left, int depth) {
        double width = box.samples / samples * WIDTH;
        String kind = KIND.matcher(box.frame)
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElse("");
        String name = escape(KIND.matcher(box.frame).replaceFirst(""));
        svg.append(String.format(
                Locale.ROOT,
                "<g><title>%s %.1f %%</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"14\" fill=\"%s\"/>",
                name,
                100 * box.samples / samples,
                left,
                height - 4 - ROW * (depth + 1),
                Math.max(0.4, width - 0.4),
                color(kind, depth)));
        int characters = (int) (width / CHARACTER_WIDTH);
        if (characters > 2) {
            String plain = KIND.matcher(box.frame).replaceFirst("");
            String label = plain.length() <= characters ? plain : plain.substring(0, characters - 1) + "…";
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%.1f\" y=\"%d\">%s</text>",
                    left + 2,
                    height + 7 - ROW * (depth + 1),
                    escape(label)));
        }
        svg.append("</g>\n");
        double at = left;
        for (Box above : box.above.values()) {
            if (above.samples >= samples * LEAST_SHARE) {
                draw(above, at, depth + 1);
            }
            at += above.samples / samples * WIDTH;
        }
    }

    private static String color(String kind, int depth) {
        return switch (kind) {
            case "j", "i" -> depth % 2 == 0 ? "#8fd694" : "#a6e0aa";
            case "k" -> depth % 2 == 0 ? "#f2a65a" : "#f5b877";
            case "0", "1" -> "#a9c9ee";
            default -> depth % 2 == 0 ? "#e8d56b" : "#eedf8c";
        };
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** A frame below which the same frames stand, with the frames that it called. */
    private static final class Box {
        private final String frame;
        private final Map<String, Box> above = new TreeMap<>();
        private long samples;

        Box(String frame) {
            this.frame = frame;
        }

        void add(List<String> frames, long count) {
            samples += count;
            if (!frames.isEmpty()) {
                above.computeIfAbsent(frames.getFirst(), Box::new).add(frames.subList(1, frames.size()), count);
            }
        }

        int depth(long least) {
            int most = 0;
            for (Box box : above.values()) {
                if (box.samples >= least) {
                    most = Math.max(most, box.depth(least));
                }
            }
            return most + 1;
        }
    }
}
