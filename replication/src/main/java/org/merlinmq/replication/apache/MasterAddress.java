package org.merlinmq.replication.apache;

import org.jspecify.annotations.Nullable;

/**
 * Says where a slave finds the replication port of its master: as it is configured, or as the nameservers say now.
 *
 * <p>Threading: asked by the slave's thread before each connection; must not block for long.
 */
@FunctionalInterface
public interface MasterAddress {
    /**
     * The address.
     *
     * @return {@code host:port}; null while none is known
     */
    @Nullable String find();
}
