package org.merlinmq.verification.mqadmin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The options on the page that {@code mqadmin help COMMAND} prints, RocketMQ's or ours. */
final class HelpPage {
    private static final Pattern THEIRS = Pattern.compile("^ (?:(-\\w+),| {3})(--.+?)(?: +(<arg>))? {2,}.*$");
    private static final Pattern OURS =
            Pattern.compile("^ {2}(?:(-\\w), )? *(--[\\w-]+(?:, --[\\w-]+)*)(\\[?=\\S+)?(?: .*)?$");

    /**
     * An option.
     *
     * @param names what it may be written as
     * @param argument {@code <arg>} if a value has to follow, {@code [<arg>]} if one may follow, else nothing
     * @param required whether it must be there, perhaps in place of another one
     */
    record Option(List<String> names, String argument, boolean required) {
        /** Reads what {@link #toString} wrote. */
        static Option of(String line) {
            boolean required = line.endsWith(" required");
            String rest = required ? line.substring(0, line.length() - " required".length()) : line;
            int at = rest.indexOf(" <arg>");
            return new Option(
                    Arrays.asList((at < 0 ? rest : rest.substring(0, at)).split(",")), at < 0 ? "" : "<arg>", required);
        }

        @Override
        public String toString() {
            return String.join(",", names) + (argument.isEmpty() ? "" : " " + argument) + (required ? " required" : "");
        }
    }

    private HelpPage() {}

    /** The options of a page of RocketMQ's tool. */
    static List<Option> theirs(String page) {
        String usage = usage(page, THEIRS);
        List<Option> options = new ArrayList<>();
        for (String line : page.lines().toList()) {
            Matcher row = THEIRS.matcher(line);
            if (row.matches()) {
                String argument = row.group(3) == null ? "" : row.group(3);
                List<String> names = row.group(1) == null ? List.of(row.group(2)) : List.of(row.group(1), row.group(2));
                boolean optional = usage.contains("[" + names.getFirst() + (argument.isEmpty() ? "" : " <arg>") + "]");
                options.add(new Option(names, argument, !optional));
            }
        }
        return options;
    }

    /** The options of a page of ours. */
    static List<Option> ours(String page) {
        String usage = usage(page, OURS);
        List<Option> options = new ArrayList<>();
        for (String line : page.lines().toList()) {
            Matcher row = OURS.matcher(line);
            if (row.matches()) {
                List<String> names = new ArrayList<>(List.of(row.group(2).split(", ")));
                if (row.group(1) != null) {
                    names.addFirst(row.group(1));
                }
                String value = row.group(3) == null ? "" : row.group(3);
                // The usage joins those without a value, which are never required.
                boolean required = !value.isEmpty()
                        && names.stream()
                                .noneMatch(
                                        name -> usage.contains("[" + name + "=") || usage.contains("[" + name + "["));
                options.add(new Option(
                        names, value.isEmpty() ? "" : value.startsWith("[") ? "[<arg>]" : "<arg>", required));
            }
        }
        return options;
    }

    private static String usage(String page, Pattern row) {
        StringBuilder usage = new StringBuilder();
        for (String line : page.lines().toList()) {
            if (row.matcher(line).matches()) {
                break;
            }
            usage.append(line.strip()).append(' ');
        }
        return usage.toString();
    }
}
