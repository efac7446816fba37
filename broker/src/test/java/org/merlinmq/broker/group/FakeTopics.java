package org.merlinmq.broker.group;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;

/** Topics in memory. */
public class FakeTopics implements Topics {
    /** The topics. */
    public final Map<String, Shape> topics = new TreeMap<>();

    /** How often one was looked up. */
    public int found;

    /** Whether the disk takes no new topic. */
    public boolean full;

    /** No topics. */
    public FakeTopics() {}

    /**
     * Adds a topic.
     *
     * @param name its name
     * @param queues its queues
     */
    public void add(String name, int queues) {
        topics.put(name, new Shape(name, queues, queues, READ_WRITE));
    }

    @Override
    public @Nullable Shape find(String name) {
        found++;
        return topics.get(name);
    }

    @Override
    public @Nullable Shape findOrCreate(String name, int queueCount, int permission, int systemFlag) {
        if (name.length() > 255) {
            return null;
        }
        if (full) {
            throw new DiskException("no space left", true, null);
        }
        return topics.computeIfAbsent(name, made -> new Shape(made, queueCount, queueCount, permission));
    }

    @Override
    public Collection<String> names() {
        return topics.keySet();
    }
}
