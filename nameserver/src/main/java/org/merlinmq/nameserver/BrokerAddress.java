package org.merlinmq.nameserver;

import java.net.InetAddress;
import org.merlinmq.transport.HostPort;

/**
 * An address as a broker registered it, and as clients get it.
 *
 * <p>A broker on the nameserver's own machine that was not given an address has no single right one: each client reaches
 * that machine by the address where its own connection ends. Such an address is kept as registered, which is its identity
 * in later requests, and its host is filled in for each answer.
 *
 * @param text {@code host:port} as registered; two registrations with equal text are the same broker
 * @param advertised {@code host:port} for clients, or only {@code :port} where the host depends on the requester
 */
public record BrokerAddress(String text, String advertised) {

    /**
     * An address that clients get exactly as it was registered.
     *
     * @param text {@code host:port}
     * @return the address
     */
    public static BrokerAddress fixed(String text) {
        return new BrokerAddress(text, text);
    }

    /**
     * An address on this machine: each client gets the host by which it reached this nameserver.
     *
     * @param text {@code host:port}
     * @return the address
     */
    public static BrokerAddress onThisHost(String text) {
        return new BrokerAddress(text, text.substring(portColon(text)));
    }

    /** An address whose host is the one that the registration came from. */
    static BrokerAddress atSender(String text, InetAddress sender) {
        return new BrokerAddress(text, HostPort.hostText(sender) + text.substring(portColon(text)));
    }

    /** Whether clients get different hosts. */
    boolean dependsOnRequester() {
        return advertised.startsWith(":");
    }

    /** The address for a client whose connection ends at {@code localHost} on our side. */
    String advertisedTo(String localHost) {
        return dependsOnRequester() ? localHost + advertised : advertised;
    }

    /** Throws an {@link IllegalArgumentException} that names the field if no client could connect to the address. */
    void check(String field) {
        int colon = portColon(text);
        if (colon < 1 || !isPort(text.substring(Math.min(colon + 1, text.length())))) {
            throw new IllegalArgumentException(field + " must be host:port, found \"" + text + "\"");
        }
    }

    /** What stands in front of the port. */
    static String hostOf(String text) {
        return text.substring(0, portColon(text));
    }

    private static boolean isPort(String digits) {
        return digits.length() <= 5
                && !digits.isEmpty()
                && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                && Integer.parseInt(digits) <= 65_535;
    }

    private static int portColon(String text) {
        int colon = text.lastIndexOf(':');
        return colon < 0 ? text.length() : colon;
    }
}
