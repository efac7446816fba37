package org.merlinmq.server;

/** Which MerlinMQ this is. */
final class Version {
    private Version() {}

    /** The version in the jar's manifest; {@code development} when run from classes. */
    static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
