package org.merlinmq.broker.topic;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.merlinmq.storage.disk.DiskException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Topics that are deleted while something of them may be left in the store.
 *
 * <p>One record of the state log deletes a topic. What follows from it, as its queues do, is done after that, and tried
 * again until the disk has taken it: by the next deletion of the name, at the next start, and before a topic of that name
 * is made, which would begin with the former one's messages.
 *
 * <p>Threading: owned by {@link TopicTable}, under its lock.
 */
final class FormerTopics {
    private static final Logger LOG = LoggerFactory.getLogger(FormerTopics.class);

    private final Set<String> names = new TreeSet<>();
    private final QueueSource source;

    FormerTopics(QueueSource source) {
        this.source = source;
    }

    /** A topic was deleted, with something left to do or not. */
    void add(String name) {
        names.add(name);
    }

    /** A topic was made: {@link #finish} came before. */
    void remove(String name) {
        names.remove(name);
    }

    /** Does what is left to do for a name; a {@link DiskException} says that it is left still. */
    void finish(String name) {
        if (names.contains(name)) {
            source.delete(name);
            names.remove(name);
        }
    }

    /** Does what is left to do, as far as the disk takes it. */
    void finishAll() {
        for (String name : names()) {
            try {
                finish(name);
            } catch (DiskException e) {
                LOG.warn(
                        "topic-not-wholly-deleted topic={} cause=\"{}\" action=\"tried again when it is deleted or made"
                                + " again, and at the next start\"",
                        name,
                        e.getMessage());
            }
        }
    }

    /** All of which something may be left. */
    List<String> names() {
        return List.copyOf(names);
    }
}
