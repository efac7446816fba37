package org.merlinmq.protocol.frame;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/** Makes frames, and writes their headers in all the ways JSON allows. */
final class RandomFrames {
    private static final String ALPHABET = "abcXYZ019_-% \u0001\u0002\n\t\"\\/é中\u2028";
    private final RandomGenerator random;

    RandomFrames(RandomGenerator random) {
        this.random = random;
    }

    Frame frame() {
        HeaderForm form = random.nextBoolean() ? HeaderForm.JSON : HeaderForm.BINARY;
        boolean json = form == HeaderForm.JSON;
        Map<String, String> fields = new LinkedHashMap<>();
        int count = random.nextInt(random.nextInt(8) == 0 ? FrameLimits.MAX_FIELDS + 1 : 16);
        for (int i = 0; i < count; i++) {
            String key = random.nextBoolean() ? String.valueOf((char) ('a' + random.nextInt(26))) : text(1, 12);
            fields.put(key, json ? text(0, 40) : text(1, 40));
        }
        byte[] body = new byte[random.nextInt(3) == 0 ? 0 : random.nextInt(300)];
        random.nextBytes(body);
        return new Frame(
                form,
                json ? number() : (short) random.nextInt(3000),
                random.nextInt(Language.values().length),
                json ? number() : random.nextInt(65536),
                number(),
                number(),
                random.nextInt(3) == 0 ? text(1, 30) : null,
                fields,
                body);
    }

    private int number() {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> Integer.MIN_VALUE;
            case 2 -> Integer.MAX_VALUE;
            case 3 -> random.nextInt();
            default -> random.nextInt(1000);
        };
    }

    String text(int min, int max) {
        StringBuilder text = new StringBuilder();
        int n = min + random.nextInt(max - min + 1);
        for (int i = 0; i < n; i++) {
            if (random.nextInt(20) == 0) {
                text.appendCodePoint(0x1F600 + random.nextInt(50));
            } else {
                text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            }
        }
        return text.toString();
    }

    /** The frame in JSON with its fields in random order, random blanks, random escapes and fields nobody knows. */
    byte[] untidyJson(Frame frame) {
        List<String> members = new ArrayList<>();
        members.add(quoted("code") + ':' + blanks() + maybeQuoted(frame.code()));
        members.add(quoted("flag") + ':' + maybeQuoted(frame.flag()));
        members.add(quoted("opaque") + blanks() + ':' + frame.requestId());
        members.add(quoted("version") + ':' + frame.version());
        members.add(
                quoted("language") + ':' + quoted(Language.of(frame.language()).name()));
        members.add(quoted("extFields") + ':' + blanks() + fields(frame.fields()));
        String remark = frame.remark();
        if (remark != null || random.nextBoolean()) {
            members.add(quoted("remark") + ':' + (remark == null ? "null" : escaped(remark)));
        }
        if (random.nextBoolean()) {
            members.add(quoted("serializeTypeCurrentRPC") + ':' + nonsense(0));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            members.add(quoted("zz" + i) + ':' + nonsense(0));
        }
        Collections.shuffle(members, new Random(random.nextLong()));
        String header =
                blanks() + '{' + blanks() + String.join(blanks() + ',' + blanks(), members) + blanks() + '}' + blanks();
        return wrap(0, Bytes.utf8(header), frame.body());
    }

    static byte[] wrap(int form, byte[] header, byte[] body) {
        ByteWriter out = new ByteWriter();
        out.putInt(4 + header.length + body.length).putInt((form << 24) | header.length);
        return out.put(header).put(body).toByteArray();
    }

    private String fields(Map<String, String> fields) {
        List<String> members = new ArrayList<>();
        fields.forEach((key, value) -> members.add(escaped(key) + blanks() + ':' + blanks() + value(value)));
        if (random.nextInt(4) == 0) {
            members.add(quoted("nothing") + ":null");
            members.add(quoted("nested") + ':' + "{\"a\":[1,{}]}");
        }
        return '{' + blanks() + String.join(blanks() + ",", members) + '}';
    }

    private String value(String value) {
        boolean bare = value.matches("0|[1-9][0-9]{0,15}");
        return bare && random.nextBoolean() ? value : escaped(value);
    }

    private String maybeQuoted(int number) {
        return random.nextInt(4) == 0 ? "\"" + number + '"' : Integer.toString(number);
    }

    private String nonsense(int depth) {
        return switch (random.nextInt(depth > 3 ? 5 : 7)) {
            case 0 -> "null";
            case 1 -> "true";
            case 2 -> "-12.5e+3";
            case 3 -> escaped(text(0, 9));
            case 4 -> Long.toString(random.nextLong());
            case 5 -> "[" + nonsense(depth + 1) + ',' + blanks() + nonsense(depth + 1) + ']';
            default -> "{" + escaped(text(0, 4)) + ':' + nonsense(depth + 1) + '}';
        };
    }

    private String blanks() {
        return random.nextInt(3) == 0 ? " \n\t\r".substring(random.nextInt(4)) : "";
    }

    private static String quoted(String plain) {
        return '"' + plain + '"';
    }

    private String escaped(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            // The halves of a pair are escaped both or not at all: half a character has no UTF-8.
            if (c == '"' || c == '\\' || random.nextInt(8) == 0) {
                for (char half : Character.toChars(c)) {
                    out.append(escape(half));
                }
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.append('"').toString();
    }

    private String escape(char c) {
        boolean shortForm = random.nextBoolean();
        if (shortForm && (c == '"' || c == '\\' || c == '/')) {
            return "\\" + c;
        } else if (shortForm && c == '\n') {
            return "\\n";
        } else if (shortForm && c == '\t') {
            return "\\t";
        }
        return String.format(random.nextBoolean() ? "\\u%04x" : "\\u%04X", (int) c);
    }
}
