/** The commands of {@code bin/merlin}, whose annotated fields picocli fills. */
@SuppressWarnings("module") // names modules that stand above it, so are compiled after it
module org.merlinmq.cli {
    requires info.picocli;
    requires org.merlinmq.client;
    requires org.merlinmq.protocol;
    requires static transitive org.jspecify;

    exports org.merlinmq.cli to
            org.merlinmq.server;

    opens org.merlinmq.cli to
            info.picocli;
}
