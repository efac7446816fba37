package org.merlinmq.server.config;

/** What one process is. */
public enum Role {
    /** Nameserver, broker and console together: {@code bin/merlin start}. */
    ALL_IN_ONE,
    /** A broker and its console: {@code bin/mqbroker}. */
    BROKER,
    /** A nameserver alone: {@code bin/mqnamesrv}. */
    NAMESERVER
}
