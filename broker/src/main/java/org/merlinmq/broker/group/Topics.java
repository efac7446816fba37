package org.merlinmq.broker.group;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What groups, offsets and delays need of topics; the topic table is it.
 *
 * <p>Threading: any thread.
 */
public interface Topics {
    /** Permission to read and write. */
    int READ_WRITE = 6;

    /** The system flag of a retry topic whose group has clients in a unit. */
    int UNIT_SUBSCRIPTION = 2;

    /** In front of a group's name: the topic that its messages come back through. */
    String RETRY = "%RETRY%";

    /** In front of a group's name: the topic of messages that it gave up. */
    String DEAD = "%DLQ%";

    /**
     * A topic that exists.
     *
     * @param name its name
     * @param readQueueCount queues that consumers read
     * @param writeQueueCount queues that producers write
     * @param permission the permission bits: 4 read, 2 write, 1 inherit
     */
    record Shape(String name, int readQueueCount, int writeQueueCount, int permission) {
        /** Whether messages may be sent. */
        public boolean isWritable() {
            return (permission & 2) != 0;
        }

        /** All queues there are: the larger of both counts. */
        public int queueCount() {
            return Math.max(readQueueCount, writeQueueCount);
        }
    }

    /**
     * A topic.
     *
     * @param name its name
     * @return null if there is none
     */
    @Nullable Shape find(String name);

    /**
     * A topic of the broker's own making, such as a retry topic, made if it is not there.
     *
     * @param name its name
     * @param queueCount read and write queues of a new one
     * @param permission permission bits of a new one
     * @param systemFlag system flag of a new one
     * @return the topic; null if no topic can have this name, as with groups of older stores whose names are too long
     * @throws org.merlinmq.platform.disk.DiskException if the disk does not take a new one
     */
    @Nullable Shape findOrCreate(String name, int queueCount, int permission, int systemFlag);

    /** All topics. */
    Collection<String> names();
}
