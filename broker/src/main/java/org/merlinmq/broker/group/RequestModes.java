package org.merlinmq.broker.group;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.state.Journal;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.protocol.body.RequestMode;
import org.merlinmq.protocol.body.RequestModeTable;
import org.merlinmq.storage.state.StateChange;

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
        journal.append(new StateChange()
                .put(StateTypes.REQUEST_MODE, StateTypes.key(mode.topic(), mode.consumerGroup()), mode.write()));
        put(mode);
    }

    /**
     * Takes over the modes of a RocketMQ master, on its slave.
     *
     * @param master the master's table
     */
    public synchronized void follow(RequestModeTable master) {
        master.modes()
                .values()
                .forEach(groups -> groups.values().stream()
                        .filter(mode -> !mode.equals(find(mode.topic(), mode.consumerGroup())))
                        .forEach(this::set));
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
     * Takes one entry of the state, when the broker starts and on a slave.
     *
     * @param type its type; those of other tables are passed over
     * @param key its key
     * @param value its value; null if it was removed
     */
    public synchronized void apply(int type, byte[] key, byte @Nullable [] value) {
        if (type == StateTypes.REQUEST_MODE && value != null) {
            put(RequestMode.read(value));
        }
    }
}
