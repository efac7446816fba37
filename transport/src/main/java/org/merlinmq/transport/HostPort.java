package org.merlinmq.transport;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * An address as people and the protocol write it: {@code host:port}, IPv6 in brackets.
 *
 * @param host a name or an address, without brackets
 * @param port 0 to 65535
 */
public record HostPort(String host, int port) {
    /** Checks the port. */
    public HostPort {
        if (host.isEmpty() || port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    "expected host:port with a port of 0 to 65535, found " + host + ":" + port);
        }
    }

    /**
     * Reads one address.
     *
     * @param text such as {@code 10.0.0.1:9876}, {@code broker-a:10911} or {@code [::1]:9876}
     * @return its two parts
     * @throws IllegalArgumentException if the text is no such thing; the message quotes it
     */
    public static HostPort parse(String text) {
        String trimmed = text.trim();
        int colon = trimmed.lastIndexOf(':');
        int port = colon < 0 ? -1 : port(trimmed.substring(colon + 1));
        if (colon <= 0 || port < 0) {
            throw new IllegalArgumentException("expected host:port, found \"" + text + "\"");
        }
        String host = trimmed.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return new HostPort(bracketed ? host.substring(1, host.length() - 1) : host, port);
    }

    /**
     * Reads a list of addresses.
     *
     * @param text addresses with a semicolon or a comma between them; empty ones are skipped
     * @return the addresses in their order
     * @throws IllegalArgumentException if one of them is no address
     */
    public static List<HostPort> parseList(String text) {
        List<HostPort> found = new ArrayList<>();
        for (String one : text.split("[;,]", -1)) {
            if (!one.isBlank()) {
                found.add(parse(one));
            }
        }
        return found;
    }

    /**
     * An address in digits as it stands in front of a port: an IPv6 one in brackets, without its zone.
     *
     * @param address the address
     * @return the text
     */
    public static String hostText(InetAddress address) {
        String text = address.getHostAddress();
        if (!(address instanceof Inet6Address)) {
            return text;
        }
        int zone = text.indexOf('%');
        return "[" + (zone < 0 ? text : text.substring(0, zone)) + "]";
    }

    private static int port(String text) {
        if (text.isEmpty() || text.length() > 5) {
            return -1;
        }
        int port = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            port = port * 10 + digit - '0';
        }
        return port;
    }

    /**
     * The address to connect to; unresolved if the name is not known. May block for the name service.
     */
    public InetSocketAddress resolve() {
        return new InetSocketAddress(host, port);
    }

    /** Whether {@link #resolve} works without a name server. */
    boolean literal() {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
