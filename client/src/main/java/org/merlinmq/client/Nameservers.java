package org.merlinmq.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.transport.CallFailedException;

/**
 * The nameservers of one client. A query goes to any of them, a change to each of them, since they do not talk to each
 * other.
 *
 * <p>Threading: any thread; every method blocks. Queries begin with the nameserver that answered last.
 *
 * <p>Errors: {@link ClientException} with cause and cure.
 */
final class Nameservers {
    private final Cluster cluster;
    private final List<String> addresses;
    private final AtomicInteger answeredLast = new AtomicInteger();

    Nameservers(Cluster cluster, List<String> addresses) {
        this.cluster = cluster;
        this.addresses = addresses;
    }

    /** The answer of the first one that answers, whatever its code. */
    Frame ask(Frame request) {
        int first = answeredLast.get();
        List<String> tried = new ArrayList<>();
        CallFailedException last = null;
        for (int i = 0; i < addresses.size(); i++) {
            int which = Math.floorMod(first + i, addresses.size());
            String address = addresses.get(which);
            try {
                Frame answer = cluster.wait(cluster.call(address, request, cluster.timeout()));
                answeredLast.set(which);
                return answer;
            } catch (CallFailedException failed) {
                tried.add(address + " (" + failed.getMessage() + ")");
                last = failed;
            }
        }
        String message = "no nameserver answered: " + String.join("; ", tried);
        throw last == null ? new ClientException(message) : new ClientException(message, last);
    }

    /** The answer of the first one that answers, if it is a success. */
    Frame askOk(Frame request) {
        return Cluster.ok(ask(request), "the nameserver");
    }

    /** Sends a change to all of them; stops at the first that fails, after which those before it have the change. */
    void sendToAll(Frame request) {
        for (String address : addresses) {
            cluster.askOk(address, request);
        }
    }

    /** Their addresses, as an operator writes them. */
    @Override
    public String toString() {
        return String.join(";", addresses);
    }
}
