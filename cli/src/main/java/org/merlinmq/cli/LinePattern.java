package org.merlinmq.cli;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Finds a key, a tag or an order key in a line by a regular expression: its first group, or the whole match if it has
 * none.
 */
final class LinePattern {
    private final Pattern pattern;

    private LinePattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** Compiles; an {@link IllegalArgumentException} names the option and what is wrong with the expression. */
    static LinePattern of(String option, String expression) {
        try {
            return new LinePattern(Pattern.compile(expression));
        } catch (PatternSyntaxException wrong) {
            throw new IllegalArgumentException(option + " is no regular expression: " + wrong.getDescription()
                    + " near index " + wrong.getIndex() + " of " + expression);
        }
    }

    /** The line as text: UTF-8, or ISO 8859-1 if its bytes are no UTF-8, so that every line can be searched. */
    static String text(byte[] line) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return new String(line, StandardCharsets.ISO_8859_1);
        }
    }

    /** The first match, or null. */
    @Nullable String first(String line) {
        Matcher matcher = pattern.matcher(line);
        return matcher.find() ? group(matcher) : null;
    }

    /** All matches, each once. */
    List<String> all(String line) {
        Matcher matcher = pattern.matcher(line);
        Set<String> found = new LinkedHashSet<>();
        while (matcher.find()) {
            String match = group(matcher);
            if (match != null && !match.isEmpty()) {
                found.add(match);
            }
        }
        return List.copyOf(found);
    }

    private static @Nullable String group(Matcher matcher) {
        return matcher.groupCount() > 0 ? matcher.group(1) : matcher.group();
    }
}
