package org.merlinmq.verification.mqadmin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a command printed, made comparable: without times, rates, ids and the widths of columns. */
final class Printed {
    private record Mask(Pattern pattern, String by) {
        static Mask of(String pattern, String by) {
            return new Mask(Pattern.compile(pattern), by);
        }
    }

    private static final List<Mask> MASKS = List.of(
            Mask.of("\\d{4}-\\d\\d-\\d\\d[ #]\\d\\d:\\d\\d:\\d\\d([,:.]\\d{1,3})?", "TIME"),
            Mask.of("\\b\\d{14,17}\\b", "TIME"),
            Mask.of("\\b[0-9A-F]{32}([0-9A-F]{24})?\\b", "ID"),
            Mask.of("(physicOffset|physicSize|storeSize|commitLogOffset)=\\d+", "$1=N"),
            Mask.of("(CommitLog Offset: +)\\d+", "$1N"),
            Mask.of("(originalMsgId=)[0-9A-F]+", "$1ID"),
            Mask.of("(spentTimeMills=)\\d+", "$1N"),
            Mask.of("queueId=\\d+\\], queueOffset=\\d+", "queueId=N], queueOffset=N"),
            Mask.of("\\([A-Za-z]+\\.java:\\d+\\)", ""),
            Mask.of("/?\\b\\d{1,3}(\\.\\d{1,3}){3}@[^\\s\",\\]]+", "CLIENT"),
            Mask.of("/?\\b\\d{1,3}(\\.\\d{1,3}){3}:\\d+", "ADDRESS"),
            Mask.of("\\b\\d{13}\\b", "MILLIS"),
            Mask.of("\\d+\\.\\d+(E-?\\d+)?", "REAL"),
            Mask.of("\\b\\d+ ?ms\\b", "MS"),
            Mask.of("@ID@\\d+", "@ID@N"));

    private static final Pattern NAME = Pattern.compile("^\\W*([\\w.%@-]+)\\s*[:= ].*$");
    private static final Pattern IN_BRACES = Pattern.compile("\\{([^{}]*)\\}");
    private static final Pattern STACK = Pattern.compile("^\\s*(at |\\.\\.\\. \\d+ more).*");

    private Printed() {}

    /** The lines that are compared; those of a command that repeats, once. */
    static List<String> lines(Command command, String text) {
        List<String> lines = lines(command.view(), text);
        return command.isEndless() ? lines.stream().distinct().toList() : lines;
    }

    /** All lines, as a view has them. */
    static List<String> lines(Command.View view, String text) {
        List<String> lines = new ArrayList<>();
        // One line for each, though the tool prints them behind one another.
        for (String line :
                text.replace("MessageTrack [", "\nMessageTrack [").lines().toList()) {
            String plain = plain(line);
            if (plain.isEmpty() || STACK.matcher(line).matches()) {
                continue;
            }
            switch (view) {
                case LINES -> lines.add(plain);
                case NAMES -> {
                    String name = NAME.matcher(plain).replaceFirst("$1");
                    if (!lines.contains(name)) {
                        lines.add(name);
                    }
                }
                case ENDS -> {
                    if (plain.contains("Exception") || plain.contains("not ended")) {
                        lines.add(plain);
                    }
                }
            }
        }
        return lines;
    }

    /** The heads of tables as they stand, for the widths of columns; without the numbers and the blanks behind. */
    static List<String> heads(String text) {
        return text.lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.stripTrailing().replaceAll("\\d+", "N"))
                .distinct()
                .toList();
    }

    private static String plain(String line) {
        String plain = line;
        for (Mask mask : MASKS) {
            plain = mask.pattern.matcher(plain).replaceAll(mask.by);
        }
        return sorted(plain.strip().replaceAll("\\s+", " "));
    }

    /** What stands in braces is a map, whose order depends on how it was filled. */
    private static String sorted(String line) {
        return IN_BRACES.matcher(line).replaceAll(found -> {
            String[] entries = found.group(1).split(", ", -1);
            Arrays.sort(entries);
            return Matcher.quoteReplacement("{" + String.join(", ", entries) + "}");
        });
    }
}
