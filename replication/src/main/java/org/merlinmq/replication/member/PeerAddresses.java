package org.merlinmq.replication.member;

import org.jspecify.annotations.Nullable;

/**
 * Where the members of a group are.
 *
 * <p>Threading: asked before each connection by a thread of its own, which it may block for a while.
 */
@FunctionalInterface
public interface PeerAddresses {
    /**
     * The address of a member's replication port.
     *
     * @param member its number
     * @return {@code host:port}, or {@code [ipv6]:port}, whose name is resolved anew each time; null while none is known
     */
    @Nullable String find(int member);
}
