package org.merlinmq.protocol.message;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.merlinmq.protocol.bytes.Bytes;

/** Addresses in records, for people. */
final class HostText {
    private HostText() {}

    /** The address of {@code n} bytes at {@code at}, without brackets. */
    static String address(byte[] b, int at, int n) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(b, at, at + n)).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + n, e);
        }
    }

    static String withPort(byte[] b, int at, int n) {
        String address = address(b, at, n);
        int port = Bytes.getInt(b, at + n);
        return n == 4 ? address + ':' + port : '[' + address + "]:" + port;
    }
}
