package org.merlinmq.nameserver;

import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.request.GroupLead;

/**
 * The brokers of one name: a master, id 0, and its slaves.
 *
 * <p>Threading: owned by {@link RouteRegistry}, under its lock.
 */
final class BrokerGroup {
    static final long MASTER = 0;

    final String name;
    final TreeMap<Long, BrokerAddress> addresses = new TreeMap<>();
    String cluster;
    boolean actingMaster;

    /** The right of the last master, also after it is gone; null if it needed none. */
    @Nullable GroupLead lead;

    BrokerGroup(String name, String cluster) {
        this.name = name;
        this.cluster = cluster;
    }

    @Nullable BrokerAddress master() {
        return addresses.get(MASTER);
    }

    /** Whether this id stands in for the master: the lowest slave of a group that allows it and has no master. */
    boolean isPrimeSlave(long brokerId) {
        return actingMaster && brokerId != MASTER && addresses.firstKey() == brokerId;
    }

    /** Forgets other ids of this address: a slave that became master keeps its address. True if there were any. */
    boolean dropOtherIds(String addressText, long brokerId) {
        return addresses
                .entrySet()
                .removeIf(e -> e.getKey() != brokerId && e.getValue().text().equals(addressText));
    }

    /** Forgets an address under whatever id it has. True if it was there. */
    boolean drop(String addressText) {
        Iterator<Map.Entry<Long, BrokerAddress>> each = addresses.entrySet().iterator();
        while (each.hasNext()) {
            if (each.next().getValue().text().equals(addressText)) {
                each.remove();
                return true;
            }
        }
        return false;
    }
}
