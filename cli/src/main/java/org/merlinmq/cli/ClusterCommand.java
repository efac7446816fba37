package org.merlinmq.cli;

import java.util.Map;
import org.merlinmq.client.Admin;
import org.merlinmq.protocol.body.BrokerAddresses;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the brokers that are registered. */
@Command(name = "cluster", description = "Show the brokers that are registered with the nameserver.")
final class ClusterCommand implements Runnable {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Override
    public void run() {
        try (Admin admin = server.admin()) {
            Table table = new Table("CLUSTER", "BROKER", "ID", "ADDRESS", "VERSION");
            for (BrokerAddresses broker : admin.cluster().brokerAddrTable().values()) {
                for (Map.Entry<Long, String> each : broker.brokerAddrs().entrySet()) {
                    String version = admin.runtime(each.getValue()).getOrDefault("brokerVersionDesc", "");
                    table.row(broker.cluster(), broker.brokerName(), each.getKey(), each.getValue(), version);
                }
            }
            table.print(System.out);
        }
    }
}
