/** The commands of {@code bin/merlin} and {@code bin/mqadmin}, whose annotated fields picocli fills. */
@SuppressWarnings("module") // names modules that stand above it, so are compiled after it
module org.merlinmq.cli {
    requires info.picocli;
    requires org.merlinmq.client;
    requires org.merlinmq.protocol;
    requires static transitive org.jspecify;

    exports org.merlinmq.cli to
            org.merlinmq.server;
    exports org.merlinmq.cli.mqadmin to
            org.merlinmq.server;

    opens org.merlinmq.cli to
            info.picocli;
    opens org.merlinmq.cli.mqadmin to
            info.picocli;
}
