package org.merlinmq.server.config;

/** A broker's place among its replicas. Replication is not in this version, so that one place is left. */
public enum BrokerRole {
    /** A master that waits for no slave. */
    ASYNC_MASTER
}
