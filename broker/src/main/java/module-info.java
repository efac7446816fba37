/** The broker, which the server puts together with the others. */
@SuppressWarnings("module") // names modules that stand above it, so are compiled after it
module org.merlinmq.broker {
    requires org.merlinmq.platform;
    requires org.merlinmq.protocol;
    requires org.merlinmq.replication;
    requires org.merlinmq.storage;
    requires org.merlinmq.transport;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports org.merlinmq.broker to
            org.merlinmq.server;
    exports org.merlinmq.broker.admin to
            org.merlinmq.server;
    exports org.merlinmq.broker.client to
            org.merlinmq.server;
    exports org.merlinmq.broker.dedup to
            org.merlinmq.server;
    exports org.merlinmq.broker.dispatch to
            org.merlinmq.server;
    exports org.merlinmq.broker.filter.sql to
            org.merlinmq.server;
    exports org.merlinmq.broker.identity to
            org.merlinmq.server;
    exports org.merlinmq.broker.limit to
            org.merlinmq.server;
    exports org.merlinmq.broker.migrate to
            org.merlinmq.server;
    exports org.merlinmq.broker.offset to
            org.merlinmq.server;
    exports org.merlinmq.broker.pull to
            org.merlinmq.server;
    exports org.merlinmq.broker.registry to
            org.merlinmq.server;
    exports org.merlinmq.broker.replicate to
            org.merlinmq.server;
    exports org.merlinmq.broker.schedule to
            org.merlinmq.server;
    exports org.merlinmq.broker.send to
            org.merlinmq.server;
    exports org.merlinmq.broker.stats to
            org.merlinmq.server;
    exports org.merlinmq.broker.subscription to
            org.merlinmq.server;
    exports org.merlinmq.broker.topic to
            org.merlinmq.server;
    exports org.merlinmq.broker.transaction to
            org.merlinmq.server;
}
