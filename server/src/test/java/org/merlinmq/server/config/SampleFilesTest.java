package org.merlinmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.identity.BrokerRole;

/** The files of {@code conf}, which users begin with. */
class SampleFilesTest {
    private static final Path CONF = Path.of("..", "conf");

    private static final Pattern SWITCHED_OFF = Pattern.compile("#([A-Za-z1-2.-]+) = (.+)");

    private static final List<Assignment> NAMESERVERS =
            List.of(new Assignment("-n", "broker.nameservers", "ns1:9876;ns2:9876"));

    private static List<Path> files() throws IOException {
        try (Stream<Path> found = Files.walk(CONF)) {
            return found.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static Config load(Path file) throws ConfigException {
        return ConfigLoader.load(Role.BROKER, file, Map.of(), NAMESERVERS);
    }

    @Test
    void theyHaveTheNamesThatUsersOfRocketMqKnow() throws IOException {
        assertThat(files().stream().map(file -> CONF.relativize(file).toString()))
                .containsExactly(
                        "2m-2s-async/broker-a-s.properties",
                        "2m-2s-async/broker-a.properties",
                        "2m-2s-async/broker-b-s.properties",
                        "2m-2s-async/broker-b.properties",
                        "2m-2s-sync/broker-a-s.properties",
                        "2m-2s-sync/broker-a.properties",
                        "2m-2s-sync/broker-b-s.properties",
                        "2m-2s-sync/broker-b.properties",
                        "2m-noslave/broker-a.properties",
                        "2m-noslave/broker-b.properties",
                        "broker.conf");
    }

    @Test
    void eachSetsUpTheBrokerThatItsNamePromises() throws Exception {
        for (Path file : files()) {
            Config config = load(file);
            assertThat(config.notNeeded()).as("%s", file).isEmpty();
            String name = String.valueOf(file.getFileName()).replaceFirst("\\..*", "");
            if (name.equals("broker")) {
                continue;
            }
            boolean slave = name.endsWith("-s");
            BrokerRole master =
                    file.toString().contains("sync/") && !file.toString().contains("async")
                            ? BrokerRole.SYNC_MASTER
                            : BrokerRole.ASYNC_MASTER;
            assertThat(config.valueOr(Settings.BROKER_NAME, () -> "")).isEqualTo(name.replaceFirst("-s$", ""));
            assertThat(config.value(Settings.BROKER_ID)).as("%s", file).isEqualTo(slave ? 1 : 0);
            assertThat(config.value(Settings.BROKER_ROLE)).as("%s", file).isEqualTo(slave ? BrokerRole.SLAVE : master);
            String start = file.toString().replaceFirst("^\\.\\./", "bin/mqbroker -c ");
            assertThat(Files.readString(file)).contains("# Start: " + start + " -n ");
        }
    }

    /** What stands behind a # shows the value that holds without it, unless the lines above call it an example. */
    @Test
    void whatIsSwitchedOffIsKnownAndTheDefault() throws Exception {
        for (Path file : files()) {
            Map<String, Setting<?>> byAlias = Settings.all().stream()
                    .flatMap(s -> Stream.concat(Stream.of(s.name()), s.aliases().stream())
                            .map(name -> Map.entry(name, s)))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
            List<String> comment = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                Matcher off = SWITCHED_OFF.matcher(line);
                if (!off.matches()) {
                    comment = line.startsWith("# ") ? append(comment, line) : new ArrayList<>();
                    continue;
                }
                Setting<?> setting = byAlias.get(off.group(1));
                if (setting == null) {
                    throw new AssertionError(file + ": unknown: " + line);
                }
                Object value = setting.kind().parse(off.group(2));
                String above = String.join(" ", comment);
                if (!above.contains("example") && !above.contains("Unset:") && setting.defaultValue() != null) {
                    assertThat(value).as("%s: %s", file, line).isEqualTo(setting.defaultValue());
                }
            }
        }
    }

    private static List<String> append(List<String> comment, String line) {
        comment.add(line);
        return comment;
    }
}
