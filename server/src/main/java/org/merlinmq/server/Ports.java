package org.merlinmq.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the addresses to listen on, and explains why one cannot be used. */
final class Ports {
    /** How far below the main port clients of RocketMQ 4.4 and older send to. */
    static final int VIP_DISTANCE = 2;

    private static final int TRIES = 50;
    private static final Logger LOG = LoggerFactory.getLogger(Ports.class);

    private final String bind;

    Ports(String bind) {
        this.bind = bind;
    }

    InetSocketAddress address(int port) throws StartRefusal {
        return new InetSocketAddress(ConfigMapping.resolve("bind", bind), port);
    }

    /**
     * The broker's port: the one that is set, or a free one, with the port below it free too. It must be known before
     * the broker is made, because it stands in each record.
     */
    int broker(Config config) throws StartRefusal {
        int port = config.value(Settings.BROKER_PORT);
        if (port != 0) {
            return port;
        }
        InetAddress address = address(0).getAddress();
        for (int i = 0; i < TRIES; i++) {
            try (ServerSocket free = new ServerSocket(0, 1, address);
                    ServerSocket below = new ServerSocket(free.getLocalPort() - VIP_DISTANCE, 1, address)) {
                return below.getLocalPort() + VIP_DISTANCE;
            } catch (IOException taken) {
                LOG.debug("port-taken try={} cause=\"{}\"", i, taken.getMessage());
            }
        }
        throw StartRefusal.failed("no free port was found for the broker; choose one with --broker-port");
    }

    /** The broker has two ports; the message of the cause names the address that could not be had. */
    StartRefusal brokerRefusal(int port, Exception cause) {
        int below = port - VIP_DISTANCE;
        if (String.valueOf(cause.getMessage()).contains(":" + below + ": ")) {
            return refusal(
                    "broker for clients of 4.4 and older (" + VIP_DISTANCE + " below its own, " + port + ")",
                    below,
                    "--broker-port, or do without it with --set " + Settings.VIP_PORT.name() + "=false",
                    cause);
        }
        return refusal("broker", port, "--broker-port", cause);
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

    StartRefusal refusal(String who, int port, String option, Exception cause) {
        return StartRefusal.failed(
                isTaken(cause)
                        ? "port " + port + " of the " + who + " is in use; stop what holds it, or choose another with "
                                + option + " (0 = any free one)"
                        : "the " + who + " cannot listen on " + bind + ":" + port + " ("
                                + root(cause).getMessage() + "); choose another port with " + option
                                + " or another address with --set bind=…");
    }
}
