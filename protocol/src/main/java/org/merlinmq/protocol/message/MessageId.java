package org.merlinmq.protocol.message;

import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.FieldException;

/**
 * The id that names the place where a message is stored: upper-case hexadecimal of address, port and log offset.
 *
 * <pre>
 *  7F000001 0000C6DF 00000000000000FB       IPv4, 32 characters; IPv6 has 56
 * </pre>
 *
 * @param host the broker's address without a port
 * @param port its port
 * @param logOffset where the record starts in its log
 */
public record MessageId(String host, int port, long logOffset) {
    /** Characters of an id with an IPv4 address. */
    public static final int IPV4_CHARS = 32;

    /** Characters of an id with an IPv6 address. */
    public static final int IPV6_CHARS = 56;

    /**
     * Writes an id.
     *
     * @param host 4 or 16 bytes of address
     * @param port its port
     * @param logOffset where the record starts
     * @param to where to, with room for {@link #IPV6_CHARS}
     * @param at the first byte
     * @return bytes written
     */
    public static int encode(byte[] host, int port, long logOffset, byte[] to, int at) {
        int i = Hex.put(host, 0, host.length, to, at);
        i = Hex.put(port, 4, to, i);
        return Hex.put(logOffset, 8, to, i) - at;
    }

    /**
     * Appends an id.
     *
     * @param out where to
     * @param host 4 or 16 bytes of address
     * @param port its port
     * @param logOffset where the record starts
     */
    public static void encode(ByteWriter out, byte[] host, int port, long logOffset) {
        int at = out.ensure(IPV6_CHARS);
        out.advance(encode(host, port, logOffset, out.array(), at));
    }

    /**
     * Makes an id.
     *
     * @param host 4 or 16 bytes of address
     * @param port its port
     * @param logOffset where the record starts
     * @return its text
     */
    public static String encode(byte[] host, int port, long logOffset) {
        byte[] text = new byte[IPV6_CHARS];
        return Bytes.text(text, 0, encode(host, port, logOffset, text, 0));
    }

    /**
     * Reads an id.
     *
     * @param text hexadecimal in either case
     * @return the id
     * @throws FieldException if it is none
     */
    public static MessageId decode(String text) {
        if (text.length() != IPV4_CHARS && text.length() != IPV6_CHARS) {
            throw FieldException.wrong("msgId", IPV4_CHARS + " or " + IPV6_CHARS + " hexadecimal digits", text);
        }
        byte[] bytes = new byte[text.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            int high = digit(text.charAt(2 * i));
            int low = digit(text.charAt(2 * i + 1));
            if (high < 0 || low < 0) {
                throw FieldException.wrong("msgId", "hexadecimal digits", text);
            }
            bytes[i] = (byte) ((high << 4) | low);
        }
        int hostBytes = bytes.length - 12;
        return new MessageId(
                HostText.address(bytes, 0, hostBytes),
                Bytes.getInt(bytes, hostBytes),
                Bytes.getLong(bytes, hostBytes + 4));
    }

    private static int digit(char c) {
        return c > 127 ? -1 : Character.digit(c, 16);
    }
}
