package org.merlinmq.server.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.merlinmq.broker.identity.BrokerRole;

/** Settings that are allowed one by one and not together. */
final class Contradictions {
    private Contradictions() {}

    /** One sentence for each, with both places and the cure. */
    static List<String> in(Config config) {
        List<String> found = new ArrayList<>();
        if (config.role() != Role.NAMESERVER) {
            role(config, found);
            ports(config, found);
            addresses(config, found);
            members(config, found);
            certificates(config, found);
        }
        return found;
    }

    private static void role(Config config, List<String> found) {
        boolean slave = config.value(Settings.BROKER_ROLE) == BrokerRole.SLAVE;
        boolean masterId = config.value(Settings.BROKER_ID) == 0;
        String both = config.described(Settings.BROKER_ROLE) + " and " + config.described(Settings.BROKER_ID);
        if (slave && masterId) {
            found.add(both + " contradict each other: 0 is the master's id; give this slave a brokerId of its own, 1 or"
                    + " larger, or the role ASYNC_MASTER or SYNC_MASTER");
        } else if (!slave && !masterId) {
            found.add(
                    both + " contradict each other: a master's id is 0; set brokerRole=SLAVE for a slave, or brokerId=0"
                            + " for the master");
        }
        if (slave && config.role() == Role.BROKER && !knowsItsMaster(config)) {
            found.add(config.described(Settings.BROKER_ROLE)
                    + " finds no master: set namesrvAddr to nameservers that know"
                    + " it, or haMasterAddress to its address");
        }
    }

    private static void certificates(Config config, List<String> found) {
        List<Setting<Path>> all = List.of(Settings.MEMBERS_CERTIFICATE, Settings.MEMBERS_KEY, Settings.MEMBERS_TRUST);
        List<Setting<Path>> set = all.stream().filter(config::isSet).toList();
        if (set.isEmpty()) {
            return;
        }
        String first = config.described(set.getFirst());
        if (set.size() < all.size()) {
            found.add(first + " needs the others of "
                    + String.join(", ", all.stream().map(Setting::name).toList()) + ", too");
        }
        if (!config.isSet(Settings.MEMBERS)) {
            found.add(first + " is for the members of a group: set broker.members, or leave it out");
        }
    }

    /** A member that reckons with fewer copies than others could lead without what they have acknowledged. */
    private static void members(Config config, List<String> found) {
        if (!config.isSet(Settings.MEMBERS)) {
            return;
        }
        int members =
                config.valueOr(Settings.MEMBERS, Collections::emptyNavigableMap).size();
        if (!config.isSet(Settings.IN_SYNC_REPLICAS)) {
            found.add(config.described(Settings.MEMBERS)
                    + " needs inSyncReplicas, the same in the file of each member: 1 if a"
                    + " send does not wait for others, 2 if it waits for one of them");
        } else if (config.value(Settings.IN_SYNC_REPLICAS) > members) {
            found.add(config.described(Settings.IN_SYNC_REPLICAS) + " is more than the " + members + " members of "
                    + config.described(Settings.MEMBERS));
        } else if (config.value(Settings.IN_SYNC_REPLICAS) == 1
                && config.value(Settings.BROKER_ROLE) == BrokerRole.SYNC_MASTER) {
            found.add(
                    config.described(Settings.BROKER_ROLE) + " and " + config.described(Settings.IN_SYNC_REPLICAS)
                            + " contradict each other: with 1 a send waits for nobody; set 2 or more in the file of each member");
        }
        if (!config.valueOr(Settings.MEMBERS, Collections::emptyNavigableMap)
                .containsKey(config.value(Settings.BROKER_ID))) {
            found.add(config.described(Settings.BROKER_ID) + " is none of the members of "
                    + config.described(Settings.MEMBERS) + "; name all of them there, this broker too");
        }
    }

    private static boolean knowsItsMaster(Config config) {
        return config.isSet(Settings.MASTER)
                || config.isSet(Settings.MEMBERS)
                || !config.valueOr(Settings.NAMESERVERS, List::of).isEmpty();
    }

    private static void ports(Config config, List<String> found) {
        int port = config.value(Settings.BROKER_PORT);
        int copies = config.value(Settings.HA_PORT);
        boolean vip = config.value(Settings.VIP_PORT) && copies == port - Settings.VIP_DISTANCE;
        if (copies != 0 && (copies == port || vip)) {
            found.add(config.described(Settings.HA_PORT) + " is a port that the broker serves clients on ("
                    + config.described(Settings.BROKER_PORT) + "); choose another, or leave it out for the one above");
        }
    }

    private static void addresses(Config config, List<String> found) {
        for (Setting<String> setting : List.of(Settings.HOST, Settings.HA_ADDRESS)) {
            String host = config.valueOr(setting, () -> "").toLowerCase(Locale.ROOT);
            if (host.equals("0.0.0.0") || host.equals("::") || host.equals("[::]")) {
                found.add(config.described(setting)
                        + " is no address that anybody can connect to; set one of this machine's,"
                        + " or leave it out");
            }
        }
    }
}
