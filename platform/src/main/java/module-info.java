/** What a store needs of the machine: files, and threads with a clock. */
@SuppressWarnings("module") // names modules that stand above it, so are compiled after it
module org.merlinmq.platform {
    requires static transitive org.jspecify;

    exports org.merlinmq.platform.disk to
            org.merlinmq.broker,
            org.merlinmq.replication,
            org.merlinmq.server,
            org.merlinmq.storage;
    exports org.merlinmq.platform.thread to
            org.merlinmq.replication,
            org.merlinmq.storage;
}
