package org.merlinmq.verification.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.verification.server.Server;

/** The Java client of a version, which plays one scenario after another on a server to which things happen meanwhile. Threading: one thread. */
public final class ScenarioPlayer implements AutoCloseable {
    private final ClientProcess process;

    private ScenarioPlayer(ClientProcess process) {
        this.process = process;
    }

    /**
     * Starts it.
     *
     * @param version of the Java client
     * @param server whose nameserver keeps its address
     * @param folder for what it prints, and for what scenarios leave for later ones to go on with
     */
    public static ScenarioPlayer start(String version, Server server, Path folder) throws IOException {
        List<String> command = ClientRun.javaClient(version, "Main");
        command.addAll(List.of("--only", "-", "--keep", folder.resolve("keep").toString()));
        command.addAll(ClientRun.options(version, server));
        return new ScenarioPlayer(new ClientProcess(command, folder, "player-" + version));
    }

    /** Plays a scenario, and fails as its test would. */
    public void play(String scenario) throws IOException, InterruptedException {
        String line = process.ask(scenario, each -> result(each) != null, ClientRun.LONGEST);
        JsonObject report = JsonReader.readObject(line.getBytes(UTF_8));
        assertThat(report.requiredText("scenario")).isEqualTo(scenario);
        assertThat(result(line))
                .as("%s: %s (all facts: %s)", scenario, report.text("sentence"), process.output())
                .isEqualTo("passed");
    }

    private static @Nullable String result(String line) {
        return JsonReader.readObject(line.getBytes(UTF_8)).text("result");
    }

    @Override
    public void close() {
        process.close();
    }
}
