package org.merlinmq.cli.mqadmin;

/** JSON as RocketMQ's tool prints it: a line for each value, indented by tabs. */
final class Json {
    private Json() {}

    /** The text, which has no blanks between its values, in lines. */
    static String pretty(String compact) {
        StringBuilder out = new StringBuilder();
        int depth = 0;
        boolean quoted = false;
        for (int at = 0; at < compact.length(); at++) {
            char c = compact.charAt(at);
            if (quoted) {
                out.append(c);
                if (c == '\\') {
                    out.append(compact.charAt(++at));
                } else {
                    quoted = c != '"';
                }
                continue;
            }
            boolean empty =
                    at + 1 < compact.length() && (compact.charAt(at + 1) == '}' || compact.charAt(at + 1) == ']');
            switch (c) {
                case '{', '[' -> {
                    out.append(c);
                    depth++;
                    if (!empty) {
                        indent(out, depth);
                    }
                }
                case '}', ']' -> {
                    depth--;
                    char before = compact.charAt(at - 1);
                    if (before != '{' && before != '[') {
                        indent(out, depth);
                    }
                    out.append(c);
                }
                case ',' -> indent(out.append(c), depth);
                default -> {
                    out.append(c);
                    quoted = c == '"';
                }
            }
        }
        return out.toString();
    }

    private static void indent(StringBuilder out, int depth) {
        out.append(System.lineSeparator()).append("\t".repeat(depth));
    }
}
