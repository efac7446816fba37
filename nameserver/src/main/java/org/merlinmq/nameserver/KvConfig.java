package org.merlinmq.nameserver;

import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.KvTable;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys and values by namespace, on disk: the only thing a nameserver keeps over a restart. Clients and brokers care for
 * one namespace, {@link #ORDER_TOPICS}: topic → {@code broker-a:4;broker-b:4}.
 *
 * <p>Threading: any thread; a change holds the lock while it is written to disk, so event loops do not make changes.
 *
 * <p>Errors: where the file is no such table, or is gone, its last version is read, and reported; if that is none either,
 * opening throws {@link DamagedFileException}. A failed write leaves the table as it was.
 *
 * <p>Format: {@code kvConfig.json}, RocketMQ's own: <code>{"configTable":{"NAMESPACE":{"key":"value"}}}</code>.
 */
final class KvConfig {
    static final String ORDER_TOPICS = "ORDER_TOPIC_CONFIG";

    private static final Logger LOG = LoggerFactory.getLogger(KvConfig.class);

    private final DurableFile file;
    private volatile Map<String, SortedMap<String, String>> table;

    private KvConfig(DurableFile file, Map<String, SortedMap<String, String>> table) {
        this.file = file;
        this.table = table;
    }

    static KvConfig open(DurableFile file) {
        byte[] content = file.read();
        String wrong = "it is missing";
        if (content != null) {
            try {
                return new KvConfig(file, read(content));
            } catch (JsonException e) {
                wrong = String.valueOf(e.getMessage());
            }
        }
        DurableFile copy = file.copy();
        byte[] former = copy.read();
        if (former == null && content == null) {
            return new KvConfig(file, new TreeMap<>());
        }
        if (former == null) {
            throw damaged(file.path() + " is damaged (" + wrong + ")", "it");
        }
        try {
            KvConfig read = new KvConfig(file, read(former));
            LOG.warn(
                    "kv-config-damaged file={} cause=\"{}\" action=\"its last version, {}, is read instead; what was changed"
                            + " since is lost\"",
                    file.path(),
                    wrong,
                    copy.path().getFileName());
            return read;
        } catch (JsonException e) {
            String both = file.path() + " (" + wrong + ") and " + copy.path() + " (" + e.getMessage() + ")";
            throw damaged(both + " are damaged", "both");
        }
    }

    private static DamagedFileException damaged(String what, String away) {
        return new DamagedFileException(
                what + ": expected {\"configTable\":{…}}; restore it from a backup, or move " + away
                        + " away to start with an empty table",
                null);
    }

    private static Map<String, SortedMap<String, String>> read(byte[] content) {
        Map<String, SortedMap<String, String>> into = new TreeMap<>();
        JsonObject configTable = table(JsonReader.readObject(content));
        for (JsonObject.Member namespace : configTable.members()) {
            SortedMap<String, String> entries = new TreeMap<>();
            JsonObject values = namespace.object();
            for (JsonObject.Member entry : values.members()) {
                entries.put(entry.name(), values.requiredText(entry.name()));
            }
            into.put(namespace.name(), entries);
        }
        return into;
    }

    private static JsonObject table(JsonObject whole) {
        JsonObject table = whole.object("configTable");
        if (table == null) {
            throw new JsonException("field configTable is missing");
        }
        return table;
    }

    synchronized void put(String namespace, String key, String value) {
        var next = copy();
        next.computeIfAbsent(namespace, n -> new TreeMap<>()).put(key, value);
        replace(next);
    }

    synchronized void delete(String namespace, String key) {
        var next = copy();
        SortedMap<String, String> entries = next.get(namespace);
        if (entries != null && entries.remove(key) != null) {
            replace(next);
        }
    }

    private Map<String, SortedMap<String, String>> copy() {
        Map<String, SortedMap<String, String>> copy = new TreeMap<>();
        table.forEach((namespace, entries) -> copy.put(namespace, new TreeMap<>(entries)));
        return copy;
    }

    private void replace(Map<String, SortedMap<String, String>> next) {
        JsonWriter json = new JsonWriter();
        json.beginObject().key("configTable").beginObject();
        next.forEach(json::field);
        file.replace(json.endObject().endObject().toByteArray());
        table = next;
    }

    @Nullable String value(String namespace, String key) {
        SortedMap<String, String> entries = table.get(namespace);
        return entries == null ? null : entries.get(key);
    }

    /** A namespace as {@code {"table":{…}}}, or null if it does not exist. An emptied one goes on existing. */
    byte @Nullable [] listBody(String namespace) {
        Map<String, String> entries = table.get(namespace);
        return entries == null ? null : new KvTable(entries).write();
    }

    /** The keys of a namespace; none if it does not exist. */
    Set<String> keys(String namespace) {
        SortedMap<String, String> entries = table.get(namespace);
        return entries == null ? Set.of() : Set.copyOf(entries.keySet());
    }

    /** Whether a namespace has any key. */
    boolean isEmpty(String namespace) {
        SortedMap<String, String> entries = table.get(namespace);
        return entries == null || entries.isEmpty();
    }
}
