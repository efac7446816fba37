package org.merlinmq.broker.filter.sql;

import java.util.Locale;
import java.util.Map;

/**
 * Cuts an expression into its words, one at a time.
 *
 * <p>Threading: one thread.
 *
 * <p>Source: the words of RocketMQ's expressions; keywords in any case, names as they are written.
 */
final class SqlScan {
    /** Kinds of words. */
    enum Kind {
        NAME("a name"),
        TEXT("a text"),
        WHOLE("a number"),
        REAL("a number"),
        AND("AND"),
        OR("OR"),
        NOT("NOT"),
        BETWEEN("BETWEEN"),
        IN("IN"),
        IS("IS"),
        NULL("NULL"),
        TRUE("TRUE"),
        FALSE("FALSE"),
        CONTAINS("CONTAINS"),
        STARTSWITH("STARTSWITH"),
        ENDSWITH("ENDSWITH"),
        EQUAL("="),
        UNEQUAL("<>"),
        GREATER(">"),
        GREATER_EQUAL(">="),
        LESS("<"),
        LESS_EQUAL("<="),
        OPEN("("),
        CLOSE(")"),
        COMMA(","),
        PLUS("+"),
        MINUS("-"),
        END("the end");

        final String shown;

        Kind(String shown) {
            this.shown = shown;
        }
    }

    private static final Map<String, Kind> KEYWORDS = Map.ofEntries(
            Map.entry("AND", Kind.AND),
            Map.entry("OR", Kind.OR),
            Map.entry("NOT", Kind.NOT),
            Map.entry("BETWEEN", Kind.BETWEEN),
            Map.entry("IN", Kind.IN),
            Map.entry("IS", Kind.IS),
            Map.entry("NULL", Kind.NULL),
            Map.entry("TRUE", Kind.TRUE),
            Map.entry("FALSE", Kind.FALSE),
            Map.entry("CONTAINS", Kind.CONTAINS),
            Map.entry("STARTSWITH", Kind.STARTSWITH),
            Map.entry("ENDSWITH", Kind.ENDSWITH));

    private static final int LONGEST_SHOWN = 40;

    private final String text;

    /** Where the current word begins and ends. */
    private int start;

    private int end;
    private Kind kind = Kind.END;

    /** What a text says, without its quotes. */
    private String value = "";

    SqlScan(String text) throws SqlException {
        this.text = text;
        next();
    }

    Kind kind() {
        return kind;
    }

    /** The current word as it is written. */
    String word() {
        return text.substring(start, end);
    }

    /** What the current text says. */
    String value() {
        return value;
    }

    /** Where the current word begins; counts characters from 1. */
    int position() {
        return start + 1;
    }

    /** The current word, for a sentence. */
    String shown() {
        if (kind == Kind.END) {
            return kind.shown;
        }
        String word = word();
        return word.length() > LONGEST_SHOWN ? word.substring(0, LONGEST_SHOWN) + "…" : word;
    }

    /** Whether the rest is a comment that no line end closes; where a value may follow, it is two minus signs. */
    boolean isLastComment() {
        return kind == Kind.MINUS && text.startsWith("--", start);
    }

    /** Goes on to the next word. */
    void next() throws SqlException {
        skipBlanks();
        start = end;
        if (start == text.length()) {
            kind = Kind.END;
            return;
        }
        char c = text.charAt(start);
        if (isNameStart(c)) {
            name();
        } else if (isDigit(c) || (c == '.' && start + 1 < text.length() && isDigit(text.charAt(start + 1)))) {
            number();
        } else if (c == '\'') {
            text();
        } else {
            sign(c);
        }
    }

    private void skipBlanks() throws SqlException {
        while (end < text.length()) {
            char c = text.charAt(end);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
                end++;
            } else if (text.startsWith("--", end)) {
                int line = lineEnd(end);
                if (line < 0) {
                    return;
                }
                end = line;
            } else if (text.startsWith("/*", end)) {
                int close = text.indexOf("*/", end + 2);
                if (close < 0) {
                    throw new SqlException(end + 1, "the comment has no end: close it with */");
                }
                end = close + 2;
            } else {
                return;
            }
        }
    }

    private int lineEnd(int from) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) == '\n' || text.charAt(i) == '\r') {
                return i;
            }
        }
        return -1;
    }

    private void name() {
        end = start + 1;
        while (end < text.length() && (isNameStart(text.charAt(end)) || isDigit(text.charAt(end)))) {
            end++;
        }
        kind = KEYWORDS.getOrDefault(word().toUpperCase(Locale.ROOT), Kind.NAME);
    }

    /** The longest that is a number: {@code 12}, {@code 12L}, {@code 1.5}, {@code 1.}, {@code .5}, {@code 1e3}. */
    private void number() throws SqlException {
        int i = digits(start);
        boolean real = false;
        if (i < text.length() && text.charAt(i) == '.') {
            real = true;
            i = digits(i + 1);
        }
        if (i < text.length() && (text.charAt(i) == 'e' || text.charAt(i) == 'E')) {
            int sign = i + 1 < text.length() && (text.charAt(i + 1) == '+' || text.charAt(i + 1) == '-') ? 1 : 0;
            int exponent = digits(i + 1 + sign);
            if (exponent > i + 1 + sign) {
                real = true;
                i = exponent;
            }
        }
        end = i;
        kind = real ? Kind.REAL : Kind.WHOLE;
        if (!real) {
            if (end - start > 1 && text.charAt(start) == '0') {
                throw new SqlException(start + 1, "a whole number may not begin with 0: " + word());
            }
            if (end < text.length() && (text.charAt(end) == 'l' || text.charAt(end) == 'L')) {
                end++;
            }
        }
    }

    private int digits(int from) {
        int i = from;
        while (i < text.length() && isDigit(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private void text() throws SqlException {
        StringBuilder said = new StringBuilder();
        int i = start + 1;
        while (true) {
            int quote = text.indexOf('\'', i);
            if (quote < 0) {
                throw new SqlException(start + 1, "the text has no end: close it with a single quote");
            }
            said.append(text, i, quote);
            i = quote + 1;
            if (i == text.length() || text.charAt(i) != '\'') {
                break;
            }
            said.append('\'');
            i++;
        }
        end = i;
        kind = Kind.TEXT;
        value = said.toString();
    }

    private void sign(char c) throws SqlException {
        boolean equal = text.startsWith("=", start + 1);
        end = start + 1;
        switch (c) {
            case '=' -> kind = Kind.EQUAL;
            case '(' -> kind = Kind.OPEN;
            case ')' -> kind = Kind.CLOSE;
            case ',' -> kind = Kind.COMMA;
            case '+' -> kind = Kind.PLUS;
            case '-' -> kind = Kind.MINUS;
            case '>' -> {
                kind = equal ? Kind.GREATER_EQUAL : Kind.GREATER;
                end += equal ? 1 : 0;
            }
            case '<' -> {
                boolean unequal = text.startsWith(">", start + 1);
                kind = unequal ? Kind.UNEQUAL : equal ? Kind.LESS_EQUAL : Kind.LESS;
                end += unequal || equal ? 1 : 0;
            }
            default -> throw new SqlException(start + 1, foreign(c));
        }
    }

    private static String foreign(char c) {
        String cure = switch (c) {
            case '!' -> ": write <> for unequal and NOT for not";
            case '"' -> ": texts stand in single quotes, names in none";
            case '.', '`', '[', '#', '@', ':' -> ": names hold letters, digits, _ and $ only";
            case '*', '/', '%', '|', '&' -> ": there is no arithmetic; write AND and OR in words";
            default -> "";
        };
        return "an expression cannot hold the character " + (c < ' ' ? "number " + (int) c : String.valueOf(c)) + cure;
    }

    private static boolean isNameStart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
