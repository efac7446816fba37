package org.merlinmq.verification.server;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A running name server and broker in processes of their own, on free loopback ports. */
public interface Server extends AutoCloseable {
    /** Which server is verified: {@code merlin} (default), {@code apache-5.5.0} or {@code apache-4.9.7}. */
    String PROPERTY = "verification.server";

    /** The name of the server that {@link #PROPERTY} chooses. */
    static String chosen() {
        return System.getProperty(PROPERTY, "merlin");
    }

    /**
     * Starts the chosen server on fresh data and waits until it takes messages.
     *
     * @param folder where it keeps its data and output; it must be empty
     * @param settings RocketMQ property names and values
     */
    static Server start(Path folder, Map<String, String> settings) {
        String name = chosen();
        if (name.startsWith("apache-")) {
            return new ApacheServer(name.substring("apache-".length()), folder, settings);
        }
        if (name.equals("merlin")) {
            return new MerlinServer(folder, folder.resolve("data"), settings);
        }
        throw new IllegalArgumentException(
                "-D" + PROPERTY + "=" + name + " is not merlin, apache-5.5.0 or apache-4.9.7");
    }

    /** Whether Apache's server of a version was fetched. */
    static boolean hasApache(String version) {
        return Files.isDirectory(ApacheServer.jars(version));
    }

    /** Starts Apache's server of a version, which keeps its store in {@code folder/store}. */
    static Server apache(String version, Path folder, Map<String, String> settings) {
        return new ApacheServer(version, folder, settings);
    }

    /** Starts Apache's broker of a version alone, registered with a nameserver that runs; readiness is that of its port. */
    static Server apacheBroker(
            String version, Path folder, Map<String, String> settings, InetSocketAddress nameserver) {
        return new ApacheServer(version, folder, settings, nameserver);
    }

    /** Starts ours on data that may be there already. */
    static Server merlin(Path folder, Path data, Map<String, String> settings) {
        return new MerlinServer(folder, data, settings);
    }

    /** As {@link #merlin(Path, Path, Map)}, with flags of Java's, separated by blanks. */
    static Server merlin(Path folder, Path data, Map<String, String> settings, String javaOptions) {
        return new MerlinServer(folder, data, settings, javaOptions);
    }

    /** What {@link #PROPERTY} calls it. */
    String name();

    /** The name server's address. */
    InetSocketAddress nameserver();

    /** The broker's address. */
    InetSocketAddress broker();

    /** The process id of the broker. */
    long pid();

    /** The address of the console; only ours has one. */
    default InetSocketAddress console() {
        throw new UnsupportedOperationException(name() + " has no console");
    }

    /** What it printed since its last start, also when it has ended; only of ours. */
    default String output() {
        throw new UnsupportedOperationException(name() + " keeps its output elsewhere");
    }

    /** Ends the broker, and what shares its process, by SIGKILL. */
    void kill();

    /** Starts again what {@link #kill} ended, on the same data and ports, and waits until it takes messages. */
    void startAgain();

    /** Stops it in good order. */
    @Override
    void close();
}
