package org.merlinmq.server.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Loads the settings: defaults, then the file, then {@code MERLIN_*} of the environment, then the command line; the
 * later wins.
 *
 * <p>Errors: all that is wrong is found in one go and thrown as one {@link ConfigException}.
 */
public final class ConfigLoader {
    private static final String PREFIX = "MERLIN_";

    private static final String NAMESERVERS_VARIABLE = "NAMESRV_ADDR";

    /** Variables of scripts, ours and those around us, which are no settings. */
    private static final Set<String> SCRIPT_VARIABLES = Set.of(
            "MERLIN_HOME", "MERLIN_BENCH", "MERLIN_JAVA_HOME", "MERLIN_JAVA_OPTS", "MERLIN_AOT", "MERLIN_AOT_WAIT");

    private final Map<String, Setting<?>> byKey = new HashMap<>();
    private final Map<String, String> byVariable = new HashMap<>();
    private final Set<String> known = new LinkedHashSet<>();
    private final Map<Setting<?>, Config.ConfiguredValue> given = new HashMap<>();
    private final Set<String> notNeeded = new LinkedHashSet<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    private ConfigLoader(Role role) {
        for (Setting<?> setting : Settings.all()) {
            learn(setting.name(), setting);
            setting.aliases().forEach(alias -> learn(alias, setting));
        }
        if (role == Role.NAMESERVER) {
            learn("listenPort", Settings.NAMESERVER_PORT);
        }
        known.addAll(IgnoredSettings.keys());
    }

    /**
     * Loads.
     *
     * @param role what the process is; it decides what {@code listenPort} means
     * @param file a file in RocketMQ's {@code .properties} format, or null for none
     * @param environment variables; those that start with {@code MERLIN_} count. Others of that start may come from
     *     around us, so that an unknown one is warned about and not refused. For a broker alone NAMESRV_ADDR counts where
     *     nothing else names nameservers
     * @param commandLine the values of {@code --set} and the other options
     * @return the settings
     * @throws ConfigException if anything is wrong
     */
    public static Config load(
            Role role, @Nullable Path file, Map<String, String> environment, List<Assignment> commandLine)
            throws ConfigException {
        ConfigLoader loader = new ConfigLoader(role);
        if (role == Role.BROKER) {
            loader.take(nameserversOf(environment));
        }
        if (file != null) {
            loader.take(loader.fileLines(file));
        }
        loader.take(loader.variables(environment));
        loader.take(commandLine);
        if (loader.problems.isEmpty()) {
            Config config = new Config(role, loader.given, List.copyOf(loader.notNeeded), loader.warnings);
            loader.problems.addAll(Contradictions.in(config));
            if (loader.problems.isEmpty()) {
                return config;
            }
        }
        throw new ConfigException(loader.problems);
    }

    /**
     * Changes settings of a server that runs, all or none.
     *
     * @param current its settings
     * @param changes values by our names or RocketMQ's
     * @return the settings with the changes; {@code current} itself if they change nothing
     * @throws ConfigException if a key is unknown, a value is not allowed, or a setting cannot change at run time
     */
    public static Config change(Config current, Map<String, String> changes) throws ConfigException {
        ConfigLoader loader = new ConfigLoader(current.role());
        Map<Setting<?>, Config.ConfiguredValue> changed = new HashMap<>();
        new TreeMap<>(changes)
                .forEach((key, value) ->
                        loader.takeChange(current, new Assignment("updateBrokerConfig", key, value.trim()), changed));
        if (!loader.problems.isEmpty()) {
            throw new ConfigException(loader.problems);
        }
        return changed.isEmpty() ? current : current.with(changed);
    }

    private void takeChange(Config current, Assignment a, Map<Setting<?>, Config.ConfiguredValue> changed) {
        Setting<?> setting = byKey.get(a.key());
        if (setting == null) {
            String why = IgnoredSettings.why(a.key());
            problems.add(why == null ? unknown(a.key()) : a.key() + " has no effect here: " + why);
            return;
        }
        Object value;
        try {
            value = setting.kind().parse(a.value());
        } catch (IllegalArgumentException refused) {
            problems.add(a.key() + "=" + a.value() + " is not allowed; allowed is " + refused.getMessage());
            return;
        }
        if (value.equals(current.valueOrNull(setting))) {
            return;
        }
        if (Settings.changesAtRunTime(setting)) {
            changed.put(setting, new Config.ConfiguredValue(value, a));
        } else {
            String place = current.place(setting);
            problems.add(a.key() + " does not change while the server runs: "
                    + (place == null
                            ? "write " + a.key() + "=" + a.value() + " into the configuration file (or give --set "
                                    + setting.name() + "=" + a.value() + ")"
                            : "change it where it stands, at " + place + ",")
                    + " and start the server again");
        }
    }

    private void learn(String key, Setting<?> setting) {
        byKey.put(key, setting);
        byVariable.put(variable(key), key);
        known.add(key);
    }

    private List<Assignment> fileLines(Path file) {
        try {
            return PropertiesFile.read(file);
        } catch (IOException unreadable) {
            String why = unreadable instanceof AccessDeniedException
                    ? "may not be read by user " + System.getProperty("user.name")
                    : Files.exists(file) ? "cannot be read: " + unreadable.getMessage() : "does not exist";
            problems.add("the configuration file " + file.toAbsolutePath() + " " + why);
            return List.of();
        } catch (IllegalArgumentException noText) {
            problems.add(String.valueOf(noText.getMessage()));
            return List.of();
        }
    }

    /** A variable of RocketMQ's users, for its clients and brokers; everything else goes before it. */
    private static List<Assignment> nameserversOf(Map<String, String> environment) {
        String addresses = environment.get(NAMESERVERS_VARIABLE);
        return addresses == null
                ? List.of()
                : List.of(
                        new Assignment("environment " + NAMESERVERS_VARIABLE, Settings.NAMESERVERS.name(), addresses));
    }

    private List<Assignment> variables(Map<String, String> environment) {
        List<Assignment> found = new ArrayList<>();
        new TreeMap<>(environment).forEach((name, value) -> {
            if (name.startsWith(PREFIX) && !SCRIPT_VARIABLES.contains(name)) {
                String key = byVariable.get(variable(name.substring(PREFIX.length())));
                if (KubernetesVariables.has(name, value)) {
                    return;
                } else if (key == null) {
                    warnings.add(
                            "environment: " + name + " is no known setting and is ignored; " + nearestVariable(name));
                } else {
                    found.add(new Assignment("environment " + name, key, value));
                }
            }
        });
        return found;
    }

    private static String nearestVariable(String name) {
        List<String> names = Settings.all().stream()
                .map(setting -> setting.environmentName().substring(PREFIX.length()))
                .toList();
        return ClosestMatch.question(name.substring(PREFIX.length()), PREFIX, names);
    }

    /** One source; within it two names of one setting must agree, and of one name the last counts. */
    private void take(List<Assignment> source) {
        Map<String, Assignment> last = new LinkedHashMap<>();
        source.forEach(a -> last.put(a.key(), a));
        Map<Setting<?>, Config.ConfiguredValue> here = new HashMap<>();
        for (Assignment a : last.values()) {
            Setting<?> setting = byKey.get(a.key());
            if (setting == null) {
                takeOther(a);
            } else if (!a.value().isBlank()) {
                takeValue(setting, a, here);
            }
        }
        given.putAll(here);
    }

    private void takeValue(Setting<?> setting, Assignment a, Map<Setting<?>, Config.ConfiguredValue> here) {
        try {
            Object value = setting.kind().parse(a.value());
            Config.ConfiguredValue before = here.put(setting, new Config.ConfiguredValue(value, a));
            if (before != null && !before.value().equals(value)) {
                problems.add(a.place() + ": " + a.key() + "=" + a.value() + " contradicts "
                        + before.from().key() + "=" + before.from().value() + " at "
                        + before.from().place() + ": both name the same setting");
            }
        } catch (IllegalArgumentException refused) {
            problems.add(a.place() + ": " + a.key() + "=" + a.value() + " is not allowed; allowed is "
                    + refused.getMessage());
        }
    }

    private void takeOther(Assignment a) {
        if (IgnoredSettings.why(a.key()) == null) {
            problems.add(a.place() + ": " + (a.key().isEmpty() ? "the line has no key" : unknown(a.key())));
            return;
        }
        String only = IgnoredSettings.only(a.key());
        if (only != null && !only.equalsIgnoreCase(a.value())) {
            problems.add(a.place() + ": " + a.key() + "=" + a.value() + " is not allowed; allowed is " + only
                    + ", because " + IgnoredSettings.why(a.key()));
        } else {
            notNeeded.add(a.key());
        }
    }

    private String unknown(String key) {
        return key + " is no known setting; " + ClosestMatch.question(key, "", known);
    }

    private static String variable(String name) {
        StringBuilder letters = new StringBuilder();
        name.toLowerCase(Locale.ROOT).chars().filter(Character::isLetterOrDigit).forEach(c -> letters.append((char) c));
        return letters.toString();
    }
}
