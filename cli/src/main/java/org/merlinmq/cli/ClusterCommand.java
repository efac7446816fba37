package org.merlinmq.cli;

import java.util.Map;
import org.merlinmq.client.Admin;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the brokers that are registered. */
@Command(name = "cluster", description = "Show the brokers that are registered with the nameserver.")
final class ClusterCommand implements Runnable {
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
}
