package org.merlinmq.broker.topic;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * The table's records in the state log.
 *
 * <pre>
 *  each      format 1 = 1 | counter 8 | stateVersion 8 | timestamp 8
 *  PUT       … | name | readQueues 4 | writeQueues 4 | perm 4 | sysFlag 4 | order 1 | filterType
 *            | attributes 2 | attributes × (name, value)
 *  DELETE    … | name
 *  VERSION   …
 *  a text    bytes 2 | UTF-8
 * </pre>
 *
 * <p>The version is the table's with that change. Of several, the one with the highest counter is the newest.
 *
 * <p>Threading: no state; any thread.
 *
 * <p>Errors: a record of another format or length throws {@link IllegalStateException}; its checksum was right, so
 * another version of MerlinMQ wrote it.
 */
final class TopicJournal {
    static final int PUT = 0x100;
    static final int DELETE = 0x101;
    static final int VERSION = 0x102;

    private static final int FORMAT = 1;

    record Put(DataVersion version, TopicConfig config) {}

    record Delete(DataVersion version, String topic) {}

    private TopicJournal() {}

    static DataVersion newer(DataVersion one, DataVersion other) {
        return other.counter() >= one.counter() ? other : one;
    }

    static byte[] put(TopicConfig config, DataVersion version) {
        ByteWriter out = begin(version);
        text(out, config.topicName());
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

    static Put readPut(byte[] record) {
        try {
            ByteBuffer in = ByteBuffer.wrap(record);
            DataVersion version = begin(in);
            String name = text(in);
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
            return new Put(
                    version,
                    new TopicConfig(
                            name,
                            readQueues,
                            writeQueues,
                            perm,
                            filterType,
                            sysFlag,
                            order,
                            Collections.unmodifiableMap(attributes)));
        } catch (BufferUnderflowException e) {
            throw tooShort(record, e);
        }
    }

    static byte[] delete(String topic, DataVersion version) {
        ByteWriter out = begin(version);
        text(out, topic);
        return out.toByteArray();
    }

    static Delete readDelete(byte[] record) {
        try {
            ByteBuffer in = ByteBuffer.wrap(record);
            return new Delete(begin(in), text(in));
        } catch (BufferUnderflowException e) {
            throw tooShort(record, e);
        }
    }

    static byte[] version(DataVersion version) {
        return begin(version).toByteArray();
    }

    static DataVersion readVersion(byte[] record) {
        try {
            return begin(ByteBuffer.wrap(record));
        } catch (BufferUnderflowException e) {
            throw tooShort(record, e);
        }
    }

    private static ByteWriter begin(DataVersion version) {
        return new ByteWriter(128)
                .putByte(FORMAT)
                .putLong(version.counter())
                .putLong(version.stateVersion())
                .putLong(version.timestamp());
    }

    private static DataVersion begin(ByteBuffer in) {
        int format = in.get();
        if (format != FORMAT) {
            throw new IllegalStateException("topic record in the state log: expected format " + FORMAT + ", found "
                    + format + "; start the version of MerlinMQ that wrote it");
        }
        return new DataVersion(in.getLong(), in.getLong(), in.getLong());
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

    private static IllegalStateException tooShort(byte[] record, BufferUnderflowException cause) {
        return new IllegalStateException(
                "topic record in the state log ends after " + record.length
                        + " bytes, before its last field; start the version of MerlinMQ that wrote it",
                cause);
    }
}
