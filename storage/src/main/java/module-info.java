/** The disk of a broker: one door, and what the broker needs of the rooms behind it. */
@SuppressWarnings("module") // names modules that stand above it, so are compiled after it
module org.merlinmq.storage {
    requires org.merlinmq.platform;
    requires org.merlinmq.protocol;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports org.merlinmq.storage to
            org.merlinmq.broker,
            org.merlinmq.replication,
            org.merlinmq.server;
    exports org.merlinmq.storage.facts to
            org.merlinmq.broker;
    exports org.merlinmq.storage.log to
            org.merlinmq.broker,
            org.merlinmq.replication,
            org.merlinmq.server;
    exports org.merlinmq.storage.queue to
            org.merlinmq.broker,
            org.merlinmq.server;
    exports org.merlinmq.storage.state to
            org.merlinmq.broker,
            org.merlinmq.replication;
    exports org.merlinmq.storage.timer to
            org.merlinmq.broker;
    exports org.merlinmq.storage.transaction to
            org.merlinmq.broker;
}
