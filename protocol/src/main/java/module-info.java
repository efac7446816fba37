/**
 * The wire and the stored record as values.
 *
 * <p>Applications see the bodies that {@code Admin} takes and answers with, and the JSON that those are made of. All else
 * is for MerlinMQ's own modules and changes with them. It says to which, so that a package that nobody needs is noticed.
 */
@SuppressWarnings("module") // names modules that stand above it, so are compiled after it
module org.merlinmq.protocol {
    requires static transitive org.jspecify;

    exports org.merlinmq.protocol.body;
    exports org.merlinmq.protocol.json;
    exports org.merlinmq.protocol.bytes to
            org.merlinmq.broker,
            org.merlinmq.client,
            org.merlinmq.nameserver,
            org.merlinmq.replication,
            org.merlinmq.storage,
            org.merlinmq.transport;
    exports org.merlinmq.protocol.code to
            org.merlinmq.broker,
            org.merlinmq.cli,
            org.merlinmq.client,
            org.merlinmq.nameserver,
            org.merlinmq.server,
            org.merlinmq.transport;
    exports org.merlinmq.protocol.frame to
            org.merlinmq.broker,
            org.merlinmq.cli,
            org.merlinmq.client,
            org.merlinmq.nameserver,
            org.merlinmq.server,
            org.merlinmq.transport;
    exports org.merlinmq.protocol.message to
            org.merlinmq.broker,
            org.merlinmq.client,
            org.merlinmq.storage;
    exports org.merlinmq.protocol.reply to
            org.merlinmq.broker,
            org.merlinmq.client,
            org.merlinmq.nameserver;
    exports org.merlinmq.protocol.request to
            org.merlinmq.broker,
            org.merlinmq.cli,
            org.merlinmq.client,
            org.merlinmq.nameserver,
            org.merlinmq.server;
}
