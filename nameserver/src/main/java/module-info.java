/** Which broker holds which topic. */
@SuppressWarnings("module") // names modules that stand above it, so are compiled after it
module org.merlinmq.nameserver {
    requires org.merlinmq.protocol;
    requires org.merlinmq.transport;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports org.merlinmq.nameserver to
            org.merlinmq.server;
}
