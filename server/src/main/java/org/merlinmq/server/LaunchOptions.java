package org.merlinmq.server;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.merlinmq.server.config.Assignment;
import org.merlinmq.server.config.Role;

/**
 * The command line.
 *
 * @param role what the process is to be
 * @param file the configuration file, or null
 * @param assignments settings given by option, in order
 * @param background whether to log to files and let the terminal go
 * @param instead what to do instead of starting a server
 */
record LaunchOptions(
        Role role, @Nullable Path file, List<Assignment> assignments, boolean background, Instead instead) {

    /** What the process does and then ends. */
    enum Instead {
        /** Nothing: it runs a server. */
        NOTHING,
        /** Prints its options. */
        HELP,
        /** Prints all settings. */
        PRINT_ALL,
        /** Prints the more important settings. */
        PRINT_IMPORTANT
    }

    /** Options that are short forms of settings. */
    private static final Map<String, String> SETTINGS = Map.of(
            "--data", "data",
            "--host", "host",
            "--namesrv-port", "nameserver.port",
            "--broker-port", "broker.port",
            "--console-port", "console.port",
            "--namesrv", "broker.nameservers",
            "--namesrvAddr", "broker.nameservers",
            "-n", "broker.nameservers");

    private static final Set<String> FILE = Set.of("-c", "--config", "--configFile");

    static final String HELP = """
            Usage: bin/merlin start [OPTIONS]      nameserver, broker and console in one process
                   bin/mqnamesrv [OPTIONS]         a nameserver alone
                   bin/mqbroker [OPTIONS]          a broker alone

              --data DIR            the one folder that is written to (default: data)
              -c, --config FILE     settings in RocketMQ's .properties format
              --set KEY=VALUE       one setting; may be repeated
              --namesrv-port PORT   default 9876; 0 = any free port, printed
              --broker-port PORT    default 10911
              --console-port PORT   default 8080
              --host HOST           the address that clients reach this server by
              -n, --namesrv ADDRS   nameservers to register with, host:port, separated by ;
              --adopt               take over a data folder that belongs to another broker
              --background          run in the background; returns when ready
              -p                    print all settings and end; -m: the more important ones
              -h, --help            this text

            Logs: in DATA/logs, see log.dir; in the foreground on the terminal, too.

            All settings: docs/operate/options.md
            Exit codes: 0 stopped by a signal, 1 could not start or failed, 2 wrong options or settings.
            """;

    /** Reads the arguments; the first one names the role. */
    static LaunchOptions parse(List<String> arguments) throws StartRefusal {
        Role role = role(arguments.isEmpty() ? "start" : arguments.getFirst());
        List<Assignment> assignments = new ArrayList<>();
        Path file = null;
        boolean background = false;
        Instead instead = Instead.NOTHING;
        for (int at = 1; at < arguments.size(); at++) {
            String option = arguments.get(at);
            String value = null;
            int equals = option.indexOf('=');
            if (option.startsWith("--") && equals > 0) {
                value = option.substring(equals + 1);
                option = option.substring(0, equals);
            }
            switch (option) {
                case "-h", "--help" -> instead = alone(option, value, Instead.HELP);
                case "-p", "--printConfigItem" -> instead = alone(option, value, Instead.PRINT_ALL);
                case "-m", "--printImportantConfig" -> instead = alone(option, value, Instead.PRINT_IMPORTANT);
                case "--background" -> background = alone(option, value, true);
                case "--adopt" -> assignments.add(new Assignment(option, "data.adopt", alone(option, value, "true")));
                default -> {
                    if (value == null) {
                        value = following(arguments, ++at, option);
                    }
                    if (value.isBlank()) {
                        throw StartRefusal.usage(
                                "the value of " + option + " is empty; leave the option out to have the default");
                    }
                    if (FILE.contains(option)) {
                        file = path(option, value);
                    } else {
                        assignments.add(assignment(option, value));
                    }
                }
            }
        }
        return new LaunchOptions(role, file, List.copyOf(assignments), background, instead);
    }

    /** What an option without a value means. */
    private static <T> T alone(String option, @Nullable String value, T meaning) throws StartRefusal {
        if (value != null) {
            throw StartRefusal.usage("the option " + option + " takes no value; leave it out to switch it off");
        }
        return meaning;
    }

    private static Path path(String option, String value) throws StartRefusal {
        try {
            return Path.of(value);
        } catch (InvalidPathException unfit) {
            throw StartRefusal.usage("the value of " + option + " is no path: " + unfit.getMessage()
                    + "; letters beyond ASCII need a UTF-8 locale, such as LC_ALL=C.UTF-8");
        }
    }

    private static Role role(String word) throws StartRefusal {
        return switch (word) {
            case "start" -> Role.ALL_IN_ONE;
            case "broker" -> Role.BROKER;
            case "nameserver" -> Role.NAMESERVER;
            default -> throw StartRefusal.usage("unknown role " + word + "; known are start, broker and nameserver");
        };
    }

    private static String following(List<String> arguments, int at, String option) throws StartRefusal {
        if (!SETTINGS.containsKey(option) && !option.equals("--set") && !FILE.contains(option)) {
            throw StartRefusal.usage("unknown option " + option + "; --help lists them");
        }
        if (at >= arguments.size()) {
            throw StartRefusal.usage("the option " + option + " needs a value; --help shows how");
        }
        return arguments.get(at);
    }

    private static Assignment assignment(String option, String value) throws StartRefusal {
        String setting = SETTINGS.get(option);
        if (setting != null) {
            return new Assignment(option, setting, value);
        }
        if (!option.equals("--set")) {
            throw StartRefusal.usage("unknown option " + option + "; --help lists them");
        }
        int equals = value.indexOf('=');
        if (equals <= 0) {
            throw StartRefusal.usage("--set needs key=value, not " + value);
        }
        return new Assignment(
                "--set",
                value.substring(0, equals).strip(),
                value.substring(equals + 1).strip());
    }
}
