package org.merlinmq.protocol.message;

import java.util.LinkedHashMap;
import java.util.Map;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * The properties of a message as a map, for code that is not hot; see {@link PropertyBytes} for the rest.
 *
 * <p>Threading: stateless.
 */
public final class MessageProperties {
    private MessageProperties() {}

    /**
     * Reads properties.
     *
     * @param b holds them
     * @param at their first byte
     * @param n their size
     * @return names and values in their order; may be changed
     */
    public static Map<String, String> read(byte[] b, int at, int n) {
        return read(Bytes.text(b, at, n));
    }

    /**
     * Reads properties.
     *
     * @param text all of them
     * @return names and values in their order; may be changed
     */
    public static Map<String, String> read(String text) {
        Map<String, String> properties = new LinkedHashMap<>();
        int end = text.length();
        for (int item = 0; item < end; ) {
            int found = text.indexOf(PropertyBytes.VALUE_END, item);
            int itemEnd = found < 0 ? end : found;
            int nameEnd = text.indexOf(PropertyBytes.NAME_END, item);
            if (nameEnd > item && nameEnd < itemEnd - 1) {
                properties.put(text.substring(item, nameEnd), text.substring(nameEnd + 1, itemEnd));
            }
            item = itemEnd + 1;
        }
        return properties;
    }

    /**
     * Writes properties; those with an empty name or value are left out.
     *
     * @param properties names and values without 0x01 and 0x02
     * @return their text, each ending with 0x02
     */
    public static String write(Map<String, String> properties) {
        StringBuilder text = new StringBuilder();
        properties.forEach((name, value) -> {
            if (!name.isEmpty() && !value.isEmpty()) {
                checkPlain(name);
                checkPlain(value);
                text.append(name).append((char) PropertyBytes.NAME_END);
                text.append(value).append((char) PropertyBytes.VALUE_END);
            }
        });
        return text.toString();
    }

    private static void checkPlain(String text) {
        if (text.indexOf(PropertyBytes.NAME_END) >= 0 || text.indexOf(PropertyBytes.VALUE_END) >= 0) {
            throw new IllegalArgumentException("a property may not hold 0x01 or 0x02: " + text);
        }
    }

    /**
     * Appends one property to a sink.
     *
     * @param out where to
     * @param name the name in UTF-8
     * @param value the value in UTF-8
     */
    public static void append(ByteWriter out, byte[] name, byte[] value) {
        append(out, name, value, 0, value.length);
    }

    /**
     * Appends one property to a sink.
     *
     * @param out where to
     * @param name the name in UTF-8
     * @param value holds the value in UTF-8
     * @param at its first byte
     * @param n its size
     */
    public static void append(ByteWriter out, byte[] name, byte[] value, int at, int n) {
        out.put(name).putByte(PropertyBytes.NAME_END).put(value, at, n).putByte(PropertyBytes.VALUE_END);
    }
}
