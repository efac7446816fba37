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

    void scan(byte[] bytes, int from, int to) {
        b = bytes;
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
        switch (keyBytes) {
            case 4:
                if (is(keyAt, keyBytes, "code")) {
                    into.code = number(into.code);
                    return;
                } else if (is(keyAt, keyBytes, "flag")) {
                    into.flag = number(into.flag);
                    return;
                }
                break;
            case 6:
                if (is(keyAt, keyBytes, "opaque")) {
                    into.requestId = number(into.requestId);
                    return;
                } else if (is(keyAt, keyBytes, "remark")) {
                    remark();
                    return;
                }
                break;
            case 7:
                if (is(keyAt, keyBytes, "version")) {
                    into.version = number(into.version);
                    return;
                }
                break;
            case 8:
                if (is(keyAt, keyBytes, "language")) {
                    language();
                    return;
                }
                break;
            case 9:
                if (is(keyAt, keyBytes, "extFields")) {
                    fields();
                    return;
                }
                break;
            default:
        }
        skipValue(0);
    }

    private boolean is(int keyAt, int keyBytes, String name) {
        return Bytes.equalsAscii(b, keyAt, keyBytes, name);
    }

    /** Reads a 32-bit number, bare or quoted; {@code absent} stays if it is null. */
    private int number(int absent) {
        int from = next() == -1 ? end : at;
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
            field();
            if (next() == '}') {
                at++;
                return;
            }
            expect(',', "',' or '}' in extFields");
        }
    }

    private void field() {
        string("a key in extFields");
        int keyAt = tokenAt;
        int keyBytes = tokenBytes;
        int how = tokenEscaped ? FrameScan.KEY_ESCAPED : FrameScan.PLAIN;
        expect(':', "':' after a key");
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
            byte c = b[at];
            if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
                // Bytes of UTF-8 beyond ASCII are negative: none may be taken for the end.
                return c & 0xFF;
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
