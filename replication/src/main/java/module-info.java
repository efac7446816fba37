/** Copies of a broker's log on other machines. */
@SuppressWarnings("module") // names modules that stand above it, so are compiled after it
module org.merlinmq.replication {
    requires org.merlinmq.platform;
    requires org.merlinmq.protocol;
    requires org.merlinmq.storage;
    requires org.merlinmq.transport;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports org.merlinmq.replication.apache to
            org.merlinmq.broker,
            org.merlinmq.server;
    exports org.merlinmq.replication.core to
            org.merlinmq.server;
    exports org.merlinmq.replication.member to
            org.merlinmq.server;
}
