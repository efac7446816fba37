/** The process. Logback finds our settings as a service; on the class path, where we start, by META-INF/services. */
module org.merlinmq.server {
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires org.merlinmq.broker;
    requires org.merlinmq.cli;
    requires org.merlinmq.client;
    requires org.merlinmq.console;
    requires org.merlinmq.nameserver;
    requires org.merlinmq.platform;
    requires org.merlinmq.protocol;
    requires org.merlinmq.replication;
    requires org.merlinmq.storage;
    requires org.merlinmq.transport;
    requires org.slf4j;
    requires static transitive org.jspecify;

    provides ch.qos.logback.classic.spi.Configurator with
            org.merlinmq.server.Logs;
}
