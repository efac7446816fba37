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
@Command(
        name = "status",
        description = {
            "Say whether a server runs on a data folder, and where it listens.",
            "Without --data, and if none runs on the default folder: all of this user's servers on this machine."
        })
final class StatusCommand implements Runnable {
    private static final List<String> NAMES = List.of("merlin", "broker", "nameserver");

    @Mixin
    private final DataOption data = new DataOption();

    @Option(names = "--json", description = "Print one JSON object per server.")
    private boolean json;

    @Override
    public void run() {
        List<ServerProcess> servers = ServerProcess.on(data.orDefault(), NAMES);
        if (servers.isEmpty() && data.given() == null) {
            servers = ServerProcess.onMachine(NAMES);
        }
        if (servers.isEmpty()) {
            throw new CommandFailure("no server runs on "
                    + (data.given() == null
                            ? "this machine"
                            : "the data folder " + data.given().toAbsolutePath().normalize()));
        }
        servers.forEach(this::print);
    }

    private void print(ServerProcess server) {
        Map<String, String> places = server.places();
        Instant now = Instant.now();
        Duration up = Duration.between(server.process().info().startInstant().orElse(now), now);
        if (json) {
            JsonWriter out = new JsonWriter().beginObject();
            places.forEach((name, place) -> out.key(name).value(place));
            out.key("pid").value(server.process().pid());
            out.key("upSeconds").value(up.toSeconds()).endObject();
            System.out.println(out.toText());
            return;
        }
        System.out.println(
                server.name() + " runs as process " + server.process().pid() + " since " + up.toDays() + " d "
                        + up.toHoursPart() + " h " + up.toMinutesPart() + " min");
        places.forEach((name, place) -> System.out.printf("  %-11s %s%n", name, place));
    }
}
