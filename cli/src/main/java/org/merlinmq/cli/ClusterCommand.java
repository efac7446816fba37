package org.merlinmq.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientException;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.ReplicaStatus;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.protocol.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the brokers that are registered and how they replicate, promotes a slave, and runs a cluster to try. */
@Command(
        name = "cluster",
        description = "Show the brokers that are registered with the nameserver; with status how they replicate.")
final class ClusterCommand implements Runnable {
    /** How often a promotion is looked at. */
    private static final long LOOK_MILLIS = 200;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    @Override
    public void run() {
        try (Admin admin = server.admin()) {
            JsonWriter out = new JsonWriter().beginArray();
            Table table = new Table("CLUSTER", "BROKER", "ID", "ADDRESS", "VERSION");
            for (BrokerAddresses broker : admin.cluster().brokerAddrTable().values()) {
                for (Map.Entry<Long, String> each : broker.brokerAddrs().entrySet()) {
                    String version = admin.runtime(each.getValue()).getOrDefault("brokerVersionDesc", "");
                    table.row(broker.cluster(), broker.brokerName(), each.getKey(), each.getValue(), version);
                    out.beginObject().field("address", each.getValue()).field("broker", broker.brokerName());
                    out.field("cluster", broker.cluster())
                            .field("id", each.getKey())
                            .field("version", version);
                    out.endObject();
                }
            }
            if (json) {
                System.out.println(out.endArray().toText());
            } else {
                table.print(System.out);
            }
        }
    }

    @Command(name = "status", description = "Show roles, epochs, positions and the lag of each copy.")
    void status(
            @Mixin ServerOption nameserver,
            @Option(names = "--json", description = "Print one JSON array.") boolean asJson) {
        try (Admin admin = nameserver.admin()) {
            JsonWriter out = new JsonWriter().beginArray();
            Table brokers =
                    new Table("BROKER", "ID", "ADDRESS", "ROLE", "EPOCH", "LOG END", "ON DISK", "CONFIRMED", "COPIES");
            Table copies = new Table("BROKER", "COPY AT", "LOG END", "LAG BYTES", "LAG S", "IN SYNC");
            for (BrokerAddresses broker : new TreeMap<>(admin.cluster().brokerAddrTable()).values()) {
                for (Map.Entry<Long, String> each : broker.brokerAddrs().entrySet()) {
                    ReplicationStatus status = statusOf(admin, each.getValue());
                    if (status == null) {
                        String end = logEnd(admin, each.getValue());
                        String role = each.getKey() == 0 ? ReplicationStatus.MASTER : ReplicationStatus.SLAVE;
                        brokers.row(broker.brokerName(), each.getKey(), each.getValue(), role, "-", end, "-", "-", "-");
                    } else {
                        row(brokers, broker.brokerName(), each.getKey(), each.getValue(), status);
                        status.replicas().forEach(copy -> row(copies, broker.brokerName(), copy));
                    }
                    out.beginObject().field("address", each.getValue()).field("broker", broker.brokerName());
                    out.field("cluster", broker.cluster()).field("id", each.getKey());
                    if (status != null) {
                        status.writeTo(out.key("replication"));
                    }
                    out.endObject();
                }
            }
            if (asJson) {
                System.out.println(out.endArray().toText());
            } else {
                brokers.print(System.out);
                if (!copies.isEmpty()) {
                    System.out.println();
                    copies.print(System.out);
                }
            }
        }
    }

    /** Null if the broker does not answer, or knows no such request. */
    private static @Nullable ReplicationStatus statusOf(Admin admin, String address) {
        try {
            return admin.replication(address);
        } catch (ClientException failed) {
            System.err.println("merlin: " + failed.getMessage());
            return null;
        }
    }

    /** Of a broker that is none of ours. */
    private static String logEnd(Admin admin, String address) {
        try {
            return admin.runtime(address).getOrDefault("commitLogMaxOffset", "?");
        } catch (ClientException failed) {
            return "?"; // why was printed, if it does not answer at all
        }
    }

    private static void row(Table table, String broker, long id, String address, ReplicationStatus status) {
        boolean confirms = status.copies() > 0;
        table.row(
                broker,
                id,
                address,
                status.role() + (status.doubtful() ? " (in doubt)" : ""),
                status.epoch() == 0 ? "-" : status.epoch(),
                status.endLogOffset(),
                status.flushedLogOffset(),
                confirms ? status.confirmedLogOffset() : "-",
                status.replicas().stream().filter(ReplicaStatus::inSync).count()
                        + (confirms ? " of " + status.copies() : ""));
    }

    private static void row(Table table, String broker, ReplicaStatus copy) {
        table.row(
                broker,
                copy.address(),
                copy.ackedLogOffset(),
                copy.lagBytes(),
                copy.lagMillis() < 0 ? "-" : "%d.%03d".formatted(copy.lagMillis() / 1000, copy.lagMillis() % 1000),
                copy.inSync() ? "yes" : "no");
    }

    @Command(name = "promote", description = "Make a slave the master of its name.")
    void promote(
            @Mixin ServerOption nameserver,
            @Parameters(paramLabel = "BROKER", description = "The name that master and slaves share.") String name,
            @Option(names = "--id", paramLabel = "N", description = "The slave's id. Needed if there are several.")
                    @Nullable Long id,
            @Option(
                            names = "--force",
                            description =
                                    "Also if too few other brokers of the name answer. What only they have is lost.")
                    boolean force,
            @Option(
                            names = "--wait",
                            paramLabel = "TIME",
                            defaultValue = "30s",
                            description = "How long to wait until it leads. Default: ${DEFAULT-VALUE}.")
                    String wait) {
        long deadline = System.nanoTime() + Times.durationMillis("--wait", wait) * 1_000_000;
        try (Admin admin = nameserver.admin()) {
            BrokerAddresses group = admin.cluster().brokerAddrTable().get(name);
            if (group == null) {
                throw new CommandFailure("no broker of the name " + name + " is registered");
            }
            String slave = slave(name, group.brokerAddrs(), id);
            admin.promote(slave, force);
            ReplicationStatus status = awaitLead(admin, slave, deadline);
            System.out.println(name + " is led by " + slave + " in epoch " + status.epoch() + ", from log offset "
                    + status.endLogOffset());
        }
    }

    private static String slave(String name, SortedMap<Long, String> members, @Nullable Long id) {
        SortedMap<Long, String> slaves = members.tailMap(1L);
        if (id != null) {
            String slave = slaves.get(id);
            if (slave == null) {
                throw new CommandFailure(
                        "no slave of " + name + " has the id " + id + "; registered are the ids " + members.keySet());
            }
            return slave;
        }
        if (slaves.size() != 1) {
            throw new CommandFailure(
                    slaves.isEmpty()
                            ? "no slave of " + name + " is registered"
                            : name + " has several slaves; choose one with --id: " + slaves.keySet());
        }
        return slaves.values().iterator().next();
    }

    /** Its ports are closed for a moment when it takes the role. */
    private static ReplicationStatus awaitLead(Admin admin, String slave, long deadline) {
        String last = "it does not answer";
        while (System.nanoTime() - deadline < 0) {
            try {
                ReplicationStatus status = admin.replication(slave);
                if (status != null && status.role().equals(ReplicationStatus.MASTER)) {
                    return status;
                }
                last = "too few others of its name have promised to follow it; its log says more. Where they are lost"
                        + " for good, --force leads without them";
            } catch (ClientException failed) {
                last = String.valueOf(failed.getMessage());
            }
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        throw new CommandFailure(slave + " does not lead yet: " + last);
    }

    @Command(
            name = "demo",
            description = "Run two nameservers, two masters and two slaves on this machine until Ctrl-C.")
    void demo(
            @Option(
                            names = "--data",
                            paramLabel = "DIR",
                            defaultValue = "merlin-demo",
                            description = "The folder of all of them. Default: ${DEFAULT-VALUE}.")
                    Path data,
            @Option(
                            names = "--namesrv-port",
                            paramLabel = "PORT",
                            defaultValue = "9876",
                            description = "The first nameserver's port; the second's is the one above. Default:"
                                    + " ${DEFAULT-VALUE}.")
                    int nameserverPort,
            @Option(
                            names = "--broker-port",
                            paramLabel = "PORT",
                            defaultValue = "10911",
                            description = "The first broker's port; the others' are 10 above each. Default:"
                                    + " ${DEFAULT-VALUE}.")
                    int brokerPort,
            @Option(names = "--sync", description = "A send is answered when the slave has it, too.") boolean sync) {
        if (nameserverPort < 1 || nameserverPort > 65_534 || brokerPort < 3 || brokerPort > 65_500) {
            throw new IllegalArgumentException("a port is 1 to 65534, and a broker's 3 to 65500");
        }
        new DemoCluster(data.toAbsolutePath().normalize(), nameserverPort, brokerPort, sync).run();
    }
}
