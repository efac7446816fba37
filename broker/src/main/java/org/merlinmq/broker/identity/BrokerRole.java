package org.merlinmq.broker.identity;

/** What a broker is to its group of replicas, as RocketMQ's {@code brokerRole} names it. */
public enum BrokerRole {
    /** Takes sends, and answers them without waiting for slaves. */
    ASYNC_MASTER,
    /** Takes sends, and answers them when its slaves have the message. */
    SYNC_MASTER,
    /** Takes the master's log, and serves reads of it. */
    SLAVE;

    /** Whether sends are taken. */
    public boolean isMaster() {
        return this != SLAVE;
    }
}
