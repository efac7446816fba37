package org.merlinmq.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.merlinmq.protocol.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says whether a server runs on this machine, and where it listens. */
@Command(name = "status", description = "Say whether a server runs on this machine, and where it listens.")
final class StatusCommand implements Runnable {
    @Mixin
    private final DataOption data = new DataOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public void run() {
        ServerProcess server = ServerProcess.find(data.given(), List.of("merlin", "broker", "nameserver"));
        Map<String, String> addresses = server.addresses();
        Instant now = Instant.now();
        Duration up = Duration.between(server.process().info().startInstant().orElse(now), now);
        if (json) {
            JsonWriter out = new JsonWriter().beginObject();
            addresses.forEach((name, address) -> out.key(name).value(address));
            out.key("pid").value(server.process().pid());
            out.key("upSeconds").value(up.toSeconds()).endObject();
            System.out.println(new String(out.toByteArray(), java.nio.charset.StandardCharsets.UTF_8));
            return;
        }
        System.out.println(
                server.name() + " runs as process " + server.process().pid() + " since " + up.toDays() + " d "
                        + up.toHoursPart() + " h " + up.toMinutesPart() + " min");
        addresses.forEach((name, address) -> System.out.printf("  %-11s %s%n", name, address));
    }
}
