package org.merlinmq.nameserver;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * An address as a broker registered it, and how a client is told it.
 *
 * <p>A broker on the nameserver's own machine that was not given an address has no single right one: each client reaches
 * that machine by the address its own connection ends at. Such an address is kept as registered, which is its identity
 * in later requests, and its host is filled in at answer time.
 *
 * @param text {@code host:port} as registered; two registrations with equal text are the same broker
 * @param advertised {@code host:port} to tell, or only {@code :port} where the host is the one that the asker reached
 */
record BrokerAddress(String text, String advertised) {

    /** An address that is told exactly as it was registered. */
    static BrokerAddress fixed(String text) {
        return new BrokerAddress(text, text);
    }

    /** An address whose host is, for each asker, the one by which that asker reached this nameserver. */
    static BrokerAddress here(String text) {
        return new BrokerAddress(text, text.substring(portColon(text)));
    }

    /** An address whose host is the one that the registration came from. */
    static BrokerAddress from(String text, InetAddress sender) {
        return new BrokerAddress(text, host(sender) + text.substring(portColon(text)));
    }

    /** Whether what is told depends on who asks. */
    boolean dependsOnAsker() {
        return advertised.startsWith(":");
    }

    /** What to tell somebody whose connection ends at {@code localHost} on our side. */
    String seenBy(String localHost) {
        return dependsOnAsker() ? localHost + advertised : advertised;
    }

    /** A host as it stands in front of a port. */
    static String host(InetAddress address) {
        String text = address.getHostAddress();
        if (!(address instanceof Inet6Address)) {
            return text;
        }
        int zone = text.indexOf('%');
        return "[" + (zone < 0 ? text : text.substring(0, zone)) + "]";
    }

    /** Refuses what no client could connect to; an {@link IllegalArgumentException} says what was found. */
    void check(String field) {
        int colon = portColon(text);
        if (colon < 1 || !isPort(text.substring(Math.min(colon + 1, text.length())))) {
            throw new IllegalArgumentException(field + " must be host:port, found \"" + text + "\"");
        }
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
