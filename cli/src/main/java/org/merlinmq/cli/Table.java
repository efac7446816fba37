package org.merlinmq.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Rows under headings, in columns as wide as they need; columns whose cells are all numbers stand to the right. */
final class Table {
    private final String[] headings;
    private final List<String[]> rows = new ArrayList<>();

    Table(String... headings) {
        this.headings = headings;
    }

    Table row(Object... cells) {
        if (cells.length != headings.length) {
            throw new IllegalArgumentException(headings.length + " columns, " + cells.length + " cells");
        }
        String[] row = new String[cells.length];
        for (int at = 0; at < cells.length; at++) {
            row[at] = String.valueOf(cells[at]);
        }
        rows.add(row);
        return this;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    void print(PrintStream out) {
        StringBuilder text = new StringBuilder();
        append(text, headings);
        rows.forEach(row -> append(text, row));
        out.print(text);
        out.flush();
    }

    private void append(StringBuilder text, String[] row) {
        int start = text.length();
        for (int at = 0; at < row.length; at++) {
            String blanks = " ".repeat(width(at) - row[at].length());
            text.append(isNumeric(at) ? blanks + row[at] : row[at] + blanks).append("  ");
        }
        int end = text.length();
        while (end > start && text.charAt(end - 1) == ' ') {
            end--;
        }
        text.setLength(end);
        text.append(System.lineSeparator());
    }

    private int width(int column) {
        int width = headings[column].length();
        for (String[] row : rows) {
            width = Math.max(width, row[column].length());
        }
        return width;
    }

    private boolean isNumeric(int column) {
        return !rows.isEmpty()
                && rows.stream()
                        .allMatch(row -> !row[column].isEmpty()
                                && row[column].chars().allMatch(c -> (c >= '0' && c <= '9') || c == '-' || c == '.'));
    }
}
