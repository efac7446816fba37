/** What applications embed: {@code requires org.merlinmq.client}. */
module org.merlinmq.client {
    requires org.merlinmq.transport;
    requires org.slf4j;
    requires static transitive org.jspecify;
    requires transitive org.merlinmq.protocol;

    exports org.merlinmq.client;
}
