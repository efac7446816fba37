package org.merlinmq.verification.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One fenced block of a Markdown page.
 *
 * @param section the second-level heading above it
 * @param language what stands behind the opening fence; empty for what a command prints
 * @param line where its text begins, from 1
 * @param text without the fences
 */
record Fence(String section, String language, int line, String text) {
    private static final String MARK = "```";

    /** All fenced blocks of a page, in their order. */
    static List<Fence> of(Path page) throws IOException {
        List<Fence> found = new ArrayList<>();
        List<String> lines = Files.readAllLines(page);
        String section = "";
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at);
            if (line.startsWith("## ")) {
                section = line.substring(3).strip();
            } else if (line.startsWith(MARK)) {
                int begin = at + 1;
                do {
                    at++;
                } while (!lines.get(at).startsWith(MARK));
                String text = String.join("\n", lines.subList(begin, at));
                found.add(new Fence(section, line.substring(MARK.length()).strip(), begin + 1, text));
            }
        }
        return found;
    }

    /** The commands of a shell block: a line each, unless its line ends with a backslash. */
    List<String> commands() {
        List<String> commands = new ArrayList<>();
        StringBuilder command = new StringBuilder();
        for (String line : text.lines().toList()) {
            command.append(line);
            if (line.endsWith("\\")) {
                command.append('\n');
            } else if (!command.toString().isBlank()) {
                commands.add(command.toString());
                command.setLength(0);
            }
        }
        return commands;
    }
}
