package org.merlinmq.broker.topic;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * A topic's configuration and the table's version as values of the state.
 *
 * <pre>
 *  topic    format 1 = 2 | readQueues 4 | writeQueues 4 | perm 4 | sysFlag 4 | order 1 | filterType
 *           | attributes 2 | attributes × (name, value)
 *  version  format 1 = 2 | counter 8 | stateVersion 8 | timestamp 8
 *  a text   bytes 2 | UTF-8
 * </pre>
 *
 * <p>Threading: no state; any thread.
 *
 * <p>Errors: a value of another format or length throws {@link DiskException}; its checksum was right, so another
 * version of MerlinMQ wrote it.
 */
final class TopicEntry {
    private static final int FORMAT = 2;

    private TopicEntry() {}

    static byte[] write(TopicConfig config) {
        ByteWriter out = new ByteWriter(64).putByte(FORMAT);
        out.putInt(config.readQueueNums()).putInt(config.writeQueueNums());
        out.putInt(config.perm()).putInt(config.topicSysFlag()).putByte(config.order() ? 1 : 0);
        text(out, config.topicFilterType());
        out.putShort(config.attributes().size());
        config.attributes().forEach((name, value) -> {
            text(out, name);
            text(out, value);
        });
        return out.toByteArray();
    }

    static TopicConfig read(String name, byte[] value) {
        try {
            ByteBuffer in = begin(value);
            int readQueues = in.getInt();
            int writeQueues = in.getInt();
            int perm = in.getInt();
            int sysFlag = in.getInt();
            boolean order = in.get() != 0;
            String filterType = text(in);
            Map<String, String> attributes = new TreeMap<>();
            for (int left = in.getShort(); left > 0; left--) {
                attributes.put(text(in), text(in));
            }
            return new TopicConfig(
                    name,
                    readQueues,
                    writeQueues,
                    perm,
                    filterType,
                    sysFlag,
                    order,
                    Collections.unmodifiableMap(attributes));
        } catch (BufferUnderflowException e) {
            throw tooShort(value, e);
        }
    }

    static byte[] write(DataVersion version) {
        return new ByteWriter(32)
                .putByte(FORMAT)
                .putLong(version.counter())
                .putLong(version.stateVersion())
                .putLong(version.timestamp())
                .toByteArray();
    }

    static DataVersion readVersion(byte[] value) {
        try {
            ByteBuffer in = begin(value);
            return new DataVersion(in.getLong(), in.getLong(), in.getLong());
        } catch (BufferUnderflowException e) {
            throw tooShort(value, e);
        }
    }

    private static ByteBuffer begin(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        int format = in.get();
        if (format != FORMAT) {
            throw new DiskException(
                    "a topic's entry in the state: expected format " + FORMAT + ", found " + format
                            + "; start the version of MerlinMQ that wrote it",
                    false,
                    null);
        }
        return in;
    }

    private static void text(ByteWriter out, String text) {
        byte[] bytes = Bytes.utf8(text);
        out.putShort(bytes.length).put(bytes);
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = new byte[in.getShort() & 0xFFFF];
        in.get(bytes);
        return Bytes.text(bytes, 0, bytes.length);
    }

    private static DiskException tooShort(byte[] value, BufferUnderflowException cause) {
        return new DiskException(
                "a topic's entry in the state ends after " + value.length
                        + " bytes, before its last field; start the version of MerlinMQ that wrote it",
                false,
                cause);
    }
}
