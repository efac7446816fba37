package org.merlinmq.server.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads a {@code .properties} file, keeping the line that each key stands on.
 *
 * <p>Format: that of {@link java.util.Properties}: comments with {@code #} or {@code !}; {@code =}, {@code :} or blanks
 * between key and value; {@code \} at the end of a line goes on with the next; backslash escapes with t, n, r, f and
 * u. Text is UTF-8, or ISO 8859-1 where it is not valid UTF-8. Blanks at the end of a value are dropped.
 */
final class PropertiesFile {
    /** Some editors begin a UTF-8 file with it. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private PropertiesFile() {}

    /** The keys and values of a file; an {@link IllegalArgumentException} says where it is no text. */
    static List<Assignment> read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        mustBeText(file, bytes);
        return parse(file.toString(), decode(bytes));
    }

    /** A damaged file would name many settings that nobody knows. */
    private static void mustBeText(Path file, byte[] bytes) {
        int line = 1;
        for (byte b : bytes) {
            if (b >= 0 && b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f') {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "%s:%d: found the byte 0x%02x, which no text has; the file is damaged: restore it from a backup",
                        file,
                        line,
                        b));
            }
            line += b == '\n' ? 1 : 0;
        }
    }

    static List<Assignment> parse(String name, String text) {
        List<Assignment> found = new ArrayList<>();
        String[] lines = (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text).split("\r\n|\n|\r", -1);
        for (int at = 0; at < lines.length; at++) {
            int first = at + 1;
            String line = lines[at].stripLeading();
            if (line.isEmpty() || line.charAt(0) == '#' || line.charAt(0) == '!') {
                continue;
            }
            StringBuilder logical = new StringBuilder(line);
            while (continues(logical) && at + 1 < lines.length) {
                logical.setLength(logical.length() - 1);
                logical.append(lines[++at].stripLeading());
            }
            found.add(split(name + ":" + first, logical.toString()));
        }
        return found;
    }

    private static String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    private static boolean continues(CharSequence line) {
        int backslashes = 0;
        while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    private static Assignment split(String place, String line) {
        int keyEnd = 0;
        while (keyEnd < line.length() && !isSeparator(line.charAt(keyEnd))) {
            keyEnd += line.charAt(keyEnd) == '\\' ? 2 : 1;
        }
        keyEnd = Math.min(keyEnd, line.length());
        String rest = line.substring(keyEnd).stripLeading();
        if (!rest.isEmpty() && (rest.charAt(0) == '=' || rest.charAt(0) == ':')) {
            rest = rest.substring(1).stripLeading();
        }
        return new Assignment(place, unescape(line.substring(0, keyEnd)), unescape(rest.stripTrailing()));
    }

    private static boolean isSeparator(char c) {
        return c == '=' || c == ':' || c == ' ' || c == '\t' || c == '\f';
    }

    private static String unescape(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c != '\\' || at + 1 == text.length()) {
                out.append(c);
                continue;
            }
            c = text.charAt(++at);
            if (c == 'u' && at + 4 < text.length() && isHex(text, at + 1)) {
                out.append((char) Integer.parseInt(text, at + 1, at + 5, 16));
                at += 4;
            } else {
                out.append(escaped(c));
            }
        }
        return out.toString();
    }

    private static boolean isHex(String text, int at) {
        for (int i = at; i < at + 4; i++) {
            if (Character.digit(text.charAt(i), 16) < 0) {
                return false;
            }
        }
        return true;
    }

    private static char escaped(char c) {
        return switch (c) {
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 'f' -> '\f';
            default -> c;
        };
    }
}
