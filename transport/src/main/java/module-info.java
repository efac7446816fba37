/**
 * Frames over sockets, for our servers and our client.
 *
 * <p>Epoll's native half is a module that Java resolves only on request: an application on the module path adds
 * {@code --add-modules io.netty.transport.epoll.linux.x86_64} (or {@code aarch_64}). Without it NIO serves.
 */
@SuppressWarnings("module") // names modules that stand above it, so are compiled after it
module org.merlinmq.transport {
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires org.merlinmq.protocol;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports org.merlinmq.transport to
            org.merlinmq.broker,
            org.merlinmq.client,
            org.merlinmq.nameserver,
            org.merlinmq.replication,
            org.merlinmq.server;
    exports org.merlinmq.transport.tls to
            org.merlinmq.replication,
            org.merlinmq.server;
    exports org.merlinmq.transport.dispatch to
            org.merlinmq.broker,
            org.merlinmq.nameserver,
            org.merlinmq.server;
}
