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

/**
 * Keys and values by namespace, on disk: the only thing a nameserver keeps over a restart. Clients and brokers care for
 * one namespace, {@link #ORDER_TOPICS}: topic → {@code broker-a:4;broker-b:4}.
 *
 * <p>Threading: any thread; a change holds the lock while it is written to disk, so event loops do not make changes.
 *
 * <p>Errors: a file that is no such table throws {@link IllegalStateException} at opening, naming the file and the cure;
 * a failed write leaves the table as it was.
 *
 * <p>Format: {@code kvConfig.json}, RocketMQ's own: <code>{"configTable":{"NAMESPACE":{"key":"value"}}}</code>.
 */
final class KvConfig {
    static final String ORDER_TOPICS = "ORDER_TOPIC_CONFIG";

    private final DurableFile file;
    private volatile Map<String, SortedMap<String, String>> table;

    private KvConfig(DurableFile file, Map<String, SortedMap<String, String>> table) {
        this.file = file;
        this.table = table;
    }

    static KvConfig open(DurableFile file) {
        byte[] content = file.read();
        Map<String, SortedMap<String, String>> table = new TreeMap<>();
        if (content != null) {
            try {
                read(content, table);
            } catch (JsonException e) {
                throw new IllegalStateException(
                        file.path() + " is damaged (" + e.getMessage() + "): expected {\"configTable\":{…}}."
                                + " Restore it from a backup, or move it away to start with an empty table",
                        e);
            }
        }
        return new KvConfig(file, table);
    }

    private static void read(byte[] content, Map<String, SortedMap<String, String>> into) {
        JsonObject configTable = table(JsonReader.readObject(content));
        for (JsonObject.Member namespace : configTable.members()) {
            SortedMap<String, String> entries = new TreeMap<>();
            JsonObject values = namespace.object();
            for (JsonObject.Member entry : values.members()) {
                entries.put(entry.name(), values.requiredText(entry.name()));
            }
            into.put(namespace.name(), entries);
        }
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
