package org.merlinmq.broker.topic;

import org.merlinmq.protocol.body.DataVersion;

/**
 * Hears of each change of the table, in order.
 *
 * <p>Threading: on the thread that makes the change, under the table's lock: must neither block nor change the table.
 */
public interface TopicListener {
    /**
     * A topic was created or its configuration changed.
     *
     * @param topic the topic, as it is now
     * @param version the table's version with this change
     */
    void changed(Topic topic, DataVersion version);

    /**
     * A topic was deleted.
     *
     * @param topic the topic, as it was
     * @param version the table's version with this change
     */
    void deleted(Topic topic, DataVersion version);
}
