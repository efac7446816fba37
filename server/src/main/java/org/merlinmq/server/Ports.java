package org.merlinmq.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.Setting;
import org.merlinmq.server.config.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the addresses to listen on, and explains why one cannot be used. */
final class Ports {
    private static final int TRIES = 50;
    private static final Logger LOG = LoggerFactory.getLogger(Ports.class);

    private final Config config;

    Ports(Config config) {
        this.config = config;
    }

    InetSocketAddress address(int port) throws StartRefusal {
        return new InetSocketAddress(ConfigMapping.resolve(config, Settings.BIND), port);
    }

    /**
     * The broker's port: the one that is set, or a free one, with those below and above it that belong to it free too. It
     * must be known before the broker is made, because it stands in each record.
     */
    int broker() throws StartRefusal {
        int port = config.value(Settings.BROKER_PORT);
        if (port != 0) {
            return port;
        }
        InetAddress address = address(0).getAddress();
        for (int i = 0; i < TRIES; i++) {
            try (ServerSocket free = new ServerSocket(0, 1, address);
                    ServerSocket below = new ServerSocket(free.getLocalPort() - Settings.VIP_DISTANCE, 1, address);
                    ServerSocket above = new ServerSocket(free.getLocalPort() + 1, 1, address)) {
                LOG.debug("ports-found below={} above={}", below.getLocalPort(), above.getLocalPort());
                return free.getLocalPort();
            } catch (IOException taken) {
                LOG.debug("port-taken try={} cause=\"{}\"", i, taken.getMessage());
            }
        }
        throw StartRefusal.failed("no free port was found for the broker; choose one with --broker-port");
    }

    /** The broker has two ports; the message of the cause names the address that could not be had. */
    StartRefusal brokerRefusal(int port, Exception cause) {
        int below = port - Settings.VIP_DISTANCE;
        if (String.valueOf(cause.getMessage()).contains(":" + below + ": ")) {
            return refusal(
                    "broker for clients of 4.4 and older (" + Settings.VIP_DISTANCE + " below its own, " + port + ")",
                    below,
                    Settings.BROKER_PORT,
                    "--broker-port, or do without it with --set " + Settings.VIP_PORT.name() + "=false",
                    cause);
        }
        return refusal("broker", port, Settings.BROKER_PORT, "--broker-port", cause);
    }

    /** Whether somebody else listens there. */
    static boolean isTaken(Exception cause) {
        return String.valueOf(root(cause).getMessage()).contains("in use");
    }

    private static Throwable root(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** Why {@code who} cannot listen on a port, which {@code setting} sets and {@code option} changes. */
    StartRefusal refusal(String who, int port, Setting<Integer> setting, String option, Exception cause) {
        String set = config.isSet(setting) ? ", set by " + config.described(setting) + "," : "";
        return StartRefusal.failed(
                isTaken(cause)
                        ? "port " + port + " of the " + who + set
                                + " is in use; stop what holds it, or choose another with " + option
                                + " (0 = any free one)"
                        : "the " + who + " cannot listen on " + config.value(Settings.BIND) + ":" + port + set + " ("
                                + root(cause).getMessage() + "); choose another port with " + option
                                + " or another address with --set bind=…");
    }
}
