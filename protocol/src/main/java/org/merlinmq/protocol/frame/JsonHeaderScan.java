package org.merlinmq.protocol.frame;

import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.json.JsonLimits;
import org.merlinmq.protocol.json.JsonText;

/**
 * Scans a JSON header in one pass over its bytes.
 *
 * <p>A cursor over the bytes; after a string or a bare token was read, {@code tokenAt} and {@code tokenBytes} say where
 * its inside lies.
 */
final class JsonHeaderScan {
    /** Quote, any letter, quote, colon. */
    private static final int LETTER_KEY_BYTES = 4;

    private static final int LETTER_KEY = '"' << 24 | '"' << 8 | ':';
    private static final int LETTER_KEY_MASK = 0xFF00_FFFF;

    private static final long CODE = name("code");
    private static final long FLAG = name("flag");
    private static final long OPAQUE = name("opaque");
    private static final long VERSION = name("version");
    private static final long LANGUAGE = name("language");
    private static final long REMARK = name("remark");

    /** That of {@code extFields} without its last letter. */
    private static final long EXT_FIELD = name("extField");

    /** A number of so many digits fits a long. */
    private static final int LONG_DIGITS = 18;

    private final FrameScan into;
    private byte[] b = new byte[0];
    private int at;
    private int end;

    private int tokenAt;
    private int tokenBytes;
    private boolean tokenEscaped;

    JsonHeaderScan(FrameScan into) {
        this.into = into;
    }

    @SuppressWarnings("ReferenceEquality") // the very same array
    void scan(byte[] bytes, int from, int to) {
        if (b != bytes) {
            b = bytes;
        }
        at = from;
        end = to;
        expect('{', "the header's '{'");
        if (next() == '}') {
            at++;
        } else {
            members();
        }
        if (next() != -1) {
            throw malformed("the end of the header");
        }
    }

    private void members() {
        while (true) {
            string("a key");
            int keyAt = tokenAt;
            int keyBytes = tokenBytes;
            expect(':', "':' after a key");
            member(keyAt, keyBytes);
            if (next() == '}') {
                at++;
                return;
            }
            expect(',', "',' or '}'");
        }
    }

    private void member(int keyAt, int keyBytes) {
        long key = beginning(b, keyAt, keyBytes);
        if (key == CODE && keyBytes == 4) {
            into.code = number(into.code);
        } else if (key == FLAG && keyBytes == 4) {
            into.flag = number(into.flag);
        } else if (key == OPAQUE && keyBytes == 6) {
            into.requestId = number(into.requestId);
        } else if (key == VERSION && keyBytes == 7) {
            into.version = number(into.version);
        } else if (key == EXT_FIELD && keyBytes == 9 && b[keyAt + 8] == 's') {
            fields();
        } else if (key == LANGUAGE && keyBytes == 8) {
            language();
        } else if (key == REMARK && keyBytes == 6) {
            remark();
        } else {
            skipValue(0);
        }
    }

    private static long name(String key) {
        return beginning(Bytes.ascii(key), 0, key.length());
    }

    /** The first eight bytes of a key, or all of it, as one number. */
    private static long beginning(byte[] b, int at, int bytes) {
        int some = Math.min(bytes, Long.BYTES);
        if (some > 0 && at + Long.BYTES <= b.length) {
            return Bytes.getLong(b, at) >>> (Byte.SIZE * (Long.BYTES - some));
        }
        long beginning = 0;
        for (int i = at; i < at + some; i++) {
            beginning = (beginning << Byte.SIZE) | (b[i] & 0xFF);
        }
        return beginning;
    }

    /** Reads a 32-bit number, bare or quoted; {@code absent} stays if it is null. */
    private int number(int absent) {
        int from = next() == -1 ? end : at;
        long digits = bareDigits();
        if (at > from && digits == (int) digits) {
            return (int) digits;
        }
        at = from;
        if (from < end && b[from] == '"') {
            string("a number");
        } else if (scalar() && b[tokenAt] == 'n') {
            return absent;
        }
        try {
            long value = Bytes.parseLong(b, tokenAt, tokenBytes);
            if (value == (int) value) {
                return (int) value;
            }
        } catch (NumberFormatException e) {
            throw into.malformed(from, "a 32-bit number", shown());
        }
        throw into.malformed(from, "a 32-bit number", shown());
    }

    /** Reads digits that a comma or the end of an object follows, as nearly all numbers are; at anything else it stays. */
    private long bareDigits() {
        long value = 0;
        int i = at;
        int last = Math.min(end, at + LONG_DIGITS);
        while (i < last && b[i] >= '0' && b[i] <= '9') {
            value = value * 10 + b[i] - '0';
            i++;
        }
        if (i < end && (b[i] == ',' || b[i] == '}')) {
            at = i;
        }
        return value;
    }

    private String shown() {
        return '"' + Bytes.text(b, tokenAt, Math.min(24, tokenBytes)) + '"';
    }

    private void remark() {
        if (next() == '"') {
            string("the remark");
        } else if (next() == '{' || next() == '[') {
            skipValue(0);
            return;
        } else if (scalar() && b[tokenAt] == 'n') {
            return;
        }
        into.remarkAt = tokenAt;
        into.remarkBytes = tokenBytes;
        into.remarkEscaped = tokenEscaped;
    }

    private void language() {
        if (next() == '"') {
            string("the language");
            into.language = Language.codeOf(b, tokenAt, tokenBytes);
        } else {
            skipValue(0);
        }
    }

    private void fields() {
        if (next() == 'n') {
            scalar();
            return;
        }
        expect('{', "extFields as an object");
        into.forgetFields();
        if (next() == '}') {
            at++;
            return;
        }
        while (true) {
            while (plainField()) {
                // One after another, with their commas.
            }
            field();
            if (next() == '}') {
                at++;
                return;
            }
            expect(',', "',' or '}' in extFields");
        }
    }

    /**
     * Takes a field that is written as clients write nearly all fields of a send: a key of one letter, a string without
     * escapes, a comma, and no blanks. Returns false at any other, which is still to be read.
     */
    private boolean plainField() {
        int valueAt = at + LETTER_KEY_BYTES + 1;
        if (valueAt >= end || !isLetterKey() || b[valueAt - 1] != '"') {
            return false;
        }
        int valueEnd = Bytes.indexOfEither(b, valueAt, end, '"', '\\');
        if (valueEnd + 1 >= end || b[valueEnd] != '"' || b[valueEnd + 1] != ',') {
            return false;
        }
        into.addField(at + 1, 1, valueAt, valueEnd - valueAt, FrameScan.PLAIN);
        at = valueEnd + 2;
        return true;
    }

    private void field() {
        int keyAt = at + 1;
        int keyBytes = 1;
        int how = FrameScan.PLAIN;
        if (isLetterKey()) {
            at += LETTER_KEY_BYTES;
        } else {
            string("a key in extFields");
            keyAt = tokenAt;
            keyBytes = tokenBytes;
            how = tokenEscaped ? FrameScan.KEY_ESCAPED : FrameScan.PLAIN;
            expect(':', "':' after a key");
        }
        int c = next();
        if (c == '"') {
            string("a value");
        } else if (c == '{' || c == '[') {
            skipValue(0);
            return;
        } else if (scalar() && c == 'n') {
            return;
        }
        into.addField(keyAt, keyBytes, tokenAt, tokenBytes, tokenEscaped ? how | FrameScan.VALUE_ESCAPED : how);
    }

    /** Whether a key of one letter stands here, and its colon, as most fields of a send begin: one comparison finds that. */
    private boolean isLetterKey() {
        if (end - at < LETTER_KEY_BYTES || (Bytes.getInt(b, at) & LETTER_KEY_MASK) != LETTER_KEY) {
            return false;
        }
        byte letter = b[at + 1];
        return letter != '"' && letter != '\\';
    }

    /** Passes over any value. */
    private void skipValue(int depth) {
        if (depth > FrameLimits.MAX_DEPTH) {
            throw malformed("values nested at most " + FrameLimits.MAX_DEPTH + " deep");
        }
        int c = next();
        if (c == '"') {
            string("a value");
        } else if (c == '{') {
            skipContainer(depth, '}', true);
        } else if (c == '[') {
            skipContainer(depth, ']', false);
        } else {
            scalar();
        }
    }

    private void skipContainer(int depth, char close, boolean keyed) {
        at++;
        if (next() == close) {
            at++;
            return;
        }
        while (true) {
            if (keyed) {
                string("a key");
                expect(':', "':' after a key");
            }
            skipValue(depth + 1);
            if (next() == close) {
                at++;
                return;
            }
            expect(',', "',' or the end of a nested value");
        }
    }

    /** Reads a string into the token. */
    private void string(String expected) {
        if (next() != '"') {
            throw malformed(expected);
        }
        int from = at + 1;
        int i = Bytes.indexOfEither(b, from, end, '"', '\\');
        tokenEscaped = false;
        while (i < end && b[i] == '\\') {
            int escape = JsonText.escapeBytes(b, i, end);
            if (escape < 0) {
                at = i;
                throw malformed("an escape sequence");
            }
            tokenEscaped = true;
            i = Bytes.indexOfEither(b, i + escape, end, '"', '\\');
        }
        if (i >= end) {
            at = end;
            throw malformed("the closing quote of " + expected);
        }
        tokenAt = from;
        tokenBytes = i - from;
        at = i + 1;
    }

    /** Reads a number, true, false or null into the token; always returns true, for use in conditions. */
    private boolean scalar() {
        int c = next();
        tokenAt = at;
        tokenEscaped = false;
        if (c == 't') {
            word("true");
        } else if (c == 'f') {
            word("false");
        } else if (c == 'n') {
            word("null");
        } else {
            bareNumber();
        }
        return true;
    }

    private void word(String word) {
        if (end - at < word.length() || !Bytes.equalsAscii(b, at, word.length(), word)) {
            throw malformed(word);
        }
        at += word.length();
        tokenBytes = word.length();
    }

    private void bareNumber() {
        int i = at;
        if (i < end && b[i] == '-') {
            i++;
        }
        int digits = i;
        i = digitsFrom(i);
        boolean valid = i > digits;
        if (valid && i < end && b[i] == '.') {
            int fraction = i + 1;
            i = digitsFrom(fraction);
            valid = i > fraction;
        }
        if (valid && i < end && (b[i] == 'e' || b[i] == 'E')) {
            int exponent = i + 1 < end && (b[i + 1] == '-' || b[i + 1] == '+') ? i + 2 : i + 1;
            i = digitsFrom(exponent);
            valid = i > exponent;
        }
        if (!valid || i - at > JsonLimits.MAX_NUMBER_CHARS) {
            throw malformed("a value");
        }
        tokenBytes = i - at;
        at = i;
    }

    private int digitsFrom(int from) {
        int i = from;
        while (i < end && b[i] >= '0' && b[i] <= '9') {
            i++;
        }
        return i;
    }

    private void expect(char c, String expected) {
        if (next() != c) {
            throw malformed(expected);
        }
        at++;
    }

    /** Passes over blanks; returns the byte that follows, or -1 at the end. */
    private int next() {
        while (at < end) {
            // Bytes of UTF-8 beyond ASCII are negative: none may be taken for the end.
            int c = b[at] & 0xFF;
            if (c > ' ' || (c != ' ' && c != '\n' && c != '\t' && c != '\r')) {
                return c;
            }
            at++;
        }
        return -1;
    }

    private MalformedFrameException malformed(String expected) {
        return into.malformed(
                at, expected, at >= end ? "the end" : '"' + Bytes.text(b, at, Math.min(12, end - at)) + '"');
    }
}
