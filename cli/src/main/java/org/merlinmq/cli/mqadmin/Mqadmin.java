package org.merlinmq.cli.mqadmin;

import java.io.PrintWriter;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * {@code bin/mqadmin}: RocketMQ's administration commands by their names, options and columns, for scripts and people that
 * know them. A failure is one sentence in the error stream, not a stack.
 *
 * <p>Exit codes: 0 done, 1 the command failed or has no use here, 2 wrong usage.
 */
public final class Mqadmin {
    /** Each has static methods, one for a command, of the command's name. */
    private static final List<Class<?>> AREAS = List.of(
            TopicCommands.class,
            RouteCommands.class,
            GroupCommands.class,
            OffsetCommands.class,
            ProgressCommands.class,
            ClientCommands.class,
            SendCommands.class,
            PrintCommands.class,
            QueryCommands.class,
            TraceCommands.class,
            BrokerCommands.class,
            StatsCommands.class,
            ExportCommands.class,
            NameserverCommands.class);

    private final PrintWriter out;
    private final PrintWriter err;

    private Mqadmin(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    /**
     * The entry point.
     *
     * @param arguments the command and its options
     */
    public static void main(String[] arguments) {
        System.setProperty("merlin.command", "true"); // a command's output is data: its log goes to the error stream
        PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
        int code = run(out, new PrintWriter(System.err, true, System.err.charset()), arguments);
        out.flush();
        if (out.checkError() && code == 0) {
            System.err.println("mqadmin: the output cannot be written");
            code = 1;
        }
        System.exit(code);
    }

    /**
     * Runs a command and returns.
     *
     * @param out takes what it prints
     * @param err takes the sentence of a failure
     * @param arguments the command and its options
     * @return the exit code
     */
    public static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return new Mqadmin(out, err).run(List.of(arguments));
    }

    private int run(List<String> arguments) {
        String first = arguments.isEmpty() ? "help" : arguments.getFirst();
        if (List.of("help", "-h", "--help").contains(first)) {
            return arguments.size() < 2 ? list() : execute(arguments.get(1), "--help");
        }
        return execute(first, arguments.subList(1, arguments.size()).toArray(String[]::new));
    }

    private int execute(String name, String... options) {
        CommandLine command = command(name);
        if (command != null) {
            return command.execute(options);
        }
        String instead = Elsewhere.COMMANDS.get(name);
        err.println("mqadmin: "
                + (instead == null ? "there is no command " + name + "; mqadmin help lists them" : instead));
        return instead == null ? 2 : 1;
    }

    /** Reads no command but the one that is asked for: the options of all take a tenth of a second. */
    private @Nullable CommandLine command(String name) {
        for (Class<?> area : AREAS) {
            for (Object method : CommandLine.getCommandMethods(area, name)) {
                return prepared(new CommandLine(method));
            }
        }
        return null;
    }

    private CommandLine prepared(CommandLine line) {
        line.setCommandName("mqadmin " + line.getCommandName());
        line.setOut(out).setErr(err);
        line.setExecutionExceptionHandler((cause, failed, parsed) -> {
            err.println(
                    "mqadmin: " + (cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage()));
            return cause instanceof IllegalArgumentException ? 2 : 1;
        });
        line.setParameterExceptionHandler(this::misused);
        line.setUsageHelpAutoWidth(false);
        return line;
    }

    private int misused(ParameterException cause, String[] arguments) {
        err.println("mqadmin: " + cause.getMessage());
        err.println(
                "Try: mqadmin help " + cause.getCommandLine().getCommandName().substring("mqadmin ".length()));
        return 2;
    }

    private int list() {
        TreeMap<String, String> commands = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Class<?> area : AREAS) {
            for (Object method : CommandLine.getCommandMethods(area, null)) {
                CommandSpec command = new CommandLine(method).getCommandSpec();
                commands.put(
                        command.name(), String.join(" ", command.usageMessage().description()));
            }
        }
        out.println("The commands of mqadmin are:");
        commands.forEach((name, description) -> out.printf("   %-35s %s%n", name, description));
        out.println();
        out.println("See 'mqadmin help COMMAND' for the options of one. " + Elsewhere.COMMANDS.size()
                + " commands of RocketMQ's tool have no use here; each says what to use instead.");
        return 0;
    }
}
