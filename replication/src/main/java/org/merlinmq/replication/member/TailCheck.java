package org.merlinmq.replication.member;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.replication.core.GroupLog;
import org.merlinmq.replication.stream.Message.Welcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the last bytes of two logs below the place where a follower goes on: a guard against damaged files, and against
 * equal epochs that are not of the same log.
 *
 * <p>Threading: one thread, that of the member.
 */
public final class TailCheck {
    private static final Logger LOG = LoggerFactory.getLogger(TailCheck.class);

    private final GroupLog log;

    /**
     * Of one log.
     *
     * @param log the leader's, or the follower's
     */
    public TailCheck(GroupLog log) {
        this.log = log;
    }

    /**
     * Lets a leader say what its last bytes are.
     *
     * @param welcome that it sends
     * @return the same with the checksum of its bytes; without one if they cannot be read
     */
    public Welcome with(Welcome welcome) {
        int bytes = welcome.checkedBytes();
        Integer crc = bytes == 0 ? null : checksum(welcome.goOnAt() - bytes, bytes);
        return crc == null ? welcome.withCheck(0, 0) : welcome.withCheck(bytes, crc);
    }

    /**
     * Why a leader's log is not the one that the follower has, though their epochs fit.
     *
     * @param welcome of the leader
     * @return a sentence for the operator; null if it is
     */
    public @Nullable String difference(Welcome welcome) {
        long from = welcome.goOnAt() - welcome.checkedBytes();
        boolean possible = !welcome.copy()
                && welcome.checkedBytes() > 0
                && welcome.checkedBytes() <= Welcome.MOST_CHECKED_BYTES
                && from >= log.begin()
                && welcome.goOnAt() <= log.end();
        Integer crc = possible ? checksum(from, welcome.checkedBytes()) : null;
        return crc == null || crc == welcome.checkedCrc32c()
                ? null
                : "the " + welcome.checkedBytes() + " bytes below log offset " + welcome.goOnAt()
                        + " are others here than in the master's log, though both have the same epochs: one of the two has"
                        + " damaged files, or an epoch table of another log; if the master's log is sound, stop this member"
                        + " and give it an empty folder";
    }

    /** The checksum of bytes of the log; null if they cannot be read. */
    private @Nullable Integer checksum(long from, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        try {
            while (bytes.hasRemaining()) {
                if (log.copy(from + bytes.position(), bytes) <= 0) {
                    return null;
                }
            }
        } catch (DiskException e) {
            LOG.warn("replica-not-checked logOffset={} cause=\"{}\"", from, e.getMessage());
            return null;
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes.flip());
        return (int) crc.getValue();
    }
}
