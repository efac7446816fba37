/** HTTP on the console port. */
@SuppressWarnings("module") // names modules that stand above it, so are compiled after it
module org.merlinmq.console {
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires java.management;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports org.merlinmq.console to
            org.merlinmq.server;
}
