package org.merlinmq.verification.server;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports of this machine.
 *
 * <p>They lie below those that the system gives to outgoing connections (on Linux from 32,768 on), so that no client of
 * another test takes one before its server does.
 */
public final class Ports {
    private static final int LOWEST = 12_000;
    private static final int HIGHEST = 32_000;
    private static final int ATTEMPTS = 1_000;

    private Ports() {}

    /** A free port. */
    public static int any() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port from " + LOWEST + " to " + HIGHEST);
    }

    /** A port for a broker: two below (for clients before 4.5) and one above (replication) are free as well. */
    public static int forBroker() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = any();
            if (isFree(port - 2) && isFree(port + 1)) {
                return port;
            }
        }
        throw new IllegalStateException("no free ports for a broker");
    }

    /** Whether all ports are free from one to below another. */
    public static boolean areFree(int from, int to) {
        for (int port = from; port < to; port++) {
            if (!isFree(port)) {
                return false;
            }
        }
        return true;
    }

    /** On all addresses: servers listen on all of them unless they are set up otherwise. */
    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1)) {
            return socket.isBound();
        } catch (IOException inUse) {
            return false;
        }
    }
}
