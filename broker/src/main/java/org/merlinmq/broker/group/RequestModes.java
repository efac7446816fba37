package org.merlinmq.broker.group;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.RequestMode;
import org.merlinmq.protocol.body.RequestModeTable;

/**
 * Whether a group pulls or pops a topic, where an administrator has set it.
 *
 * <p>Threading: any thread, under this object's monitor.
 */
public final class RequestModes {
    private final Journal journal;
    private final Map<String, Map<String, RequestMode>> modes = new TreeMap<>();

    /**
     * Nothing is set yet.
     *
     * @param journal where changes are written
     */
    public RequestModes(Journal journal) {
        this.journal = journal;
    }

    /**
     * The mode of a group in a topic.
     *
     * @param topic the topic
     * @param group the group
     * @return null if none is set
     */
    public synchronized @Nullable RequestMode find(String topic, String group) {
        return modes.getOrDefault(topic, Map.of()).get(group);
    }

    synchronized void set(RequestMode mode) {
        journal.append(StateTypes.REQUEST_MODE, mode.write());
        put(mode);
    }

    private void put(RequestMode mode) {
        modes.computeIfAbsent(mode.topic(), made -> new TreeMap<>()).put(mode.consumerGroup(), mode);
    }

    synchronized RequestModeTable table() {
        Map<String, Map<String, RequestMode>> copy = new TreeMap<>();
        modes.forEach((topic, groups) -> copy.put(topic, new TreeMap<>(groups)));
        return new RequestModeTable(copy);
    }

    /**
     * Takes one record of the state log.
     *
     * @param type its type
     * @param record its bytes
     * @return false if the type is not of this table
     */
    public synchronized boolean apply(int type, byte[] record) {
        if (type == StateTypes.REQUEST_MODE) {
            put(RequestMode.read(record));
        }
        return type == StateTypes.REQUEST_MODE;
    }

    /**
     * Writes the whole table, as {@link #apply} reads it.
     *
     * @param into the snapshot
     */
    public synchronized void snapshot(Journal into) {
        modes.values()
                .forEach(groups -> groups.values().forEach(mode -> into.append(StateTypes.REQUEST_MODE, mode.write())));
    }
}
