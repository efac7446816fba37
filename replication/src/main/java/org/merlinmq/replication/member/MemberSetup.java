package org.merlinmq.replication.member;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.core.ReplicationSettings;
import org.merlinmq.transport.tls.TlsFiles;

/**
 * How a member runs.
 *
 * @param settings of its rules; {@code segmentBytes} is that of its store's log
 * @param masterByFile whether its property file says that it is the master: counts until the first promotion
 * @param newGroup the name of the group, if this member begins it: random, not 0
 * @param boot the boot of the machine, {@link MemberFile#currentBoot}
 * @param peers where the others are
 * @param secret what all members know; null if connections are taken from anybody
 * @param tls the certificates of the connections between members; null if they are not encrypted
 */
public record MemberSetup(
        ReplicationSettings settings,
        boolean masterByFile,
        long newGroup,
        UUID boot,
        PeerAddresses peers,
        @Nullable SharedSecret secret,
        @Nullable TlsFiles tls) {
    /** Checks the name of the group. */
    public MemberSetup {
        if (newGroup == 0) {
            throw new IllegalArgumentException("newGroup: expected a random number, found 0");
        }
    }
}
