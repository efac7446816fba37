package org.merlinmq.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * {@code bin/merlin}: picks the command.
 *
 * <p>Exit codes: 0 done, 1 the command failed, 2 wrong usage.
 */
@Command(
        name = "merlin",
        description = "Runs and uses a MerlinMQ server.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        versionProvider = VersionCommand.class)
public final class Merlin implements Runnable {
    /** In the order of the help text. */
    private static final List<String> COMMANDS = List.of(
            "start",
            "stop",
            "status",
            "send",
            "consume",
            "topic",
            "group",
            "message",
            "trace",
            "transaction",
            "delayed",
            "limit",
            "cluster",
            "bench",
            "version");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Made by {@link #main} and by tests. */
    Merlin() {}

    /**
     * The entry point.
     *
     * @param arguments the command and its options
     */
    public static void main(String[] arguments) {
        System.setProperty("merlin.command", "true"); // a command's output is data: its log goes to the error stream
        int code = run(arguments);
        if (System.out.checkError() && code == 0) {
            System.err.println("merlin: the output cannot be written");
            code = 1;
        }
        System.exit(code);
    }

    /**
     * Runs a command and returns.
     *
     * @param arguments the command and its options
     * @return the exit code
     */
    public static int run(String... arguments) {
        String[] ordered = helpLast(arguments);
        return commandLine(ordered).execute(ordered);
    }

    /** {@code help send} is {@code send --help}. */
    static String[] helpLast(String... arguments) {
        if (arguments.length == 0 || !arguments[0].equals("help")) {
            return arguments;
        }
        String[] turned = Arrays.copyOfRange(arguments, 1, arguments.length + 1);
        turned[arguments.length - 1] = "--help";
        return turned;
    }

    /**
     * The commands with our way of reporting failures: the one that the arguments name, since reading the options of all
     * of them takes longer than most commands, or all if they name none.
     */
    static CommandLine commandLine(String... arguments) {
        CommandLine line = new CommandLine(new Merlin());
        boolean named = arguments.length > 0 && COMMANDS.contains(arguments[0]);
        for (String name : named ? List.of(arguments[0]) : COMMANDS) {
            line.addSubcommand(command(name));
        }
        line.setExecutionExceptionHandler(Merlin::failed);
        line.setParameterExceptionHandler(Merlin::misused);
        line.setUsageHelpAutoWidth(false);
        return line;
    }

    private static Object command(String name) {
        return switch (name) {
            case "start" -> new StartCommand();
            case "stop" -> new StopCommand();
            case "status" -> new StatusCommand();
            case "send" -> new SendCommand();
            case "consume" -> new ConsumeCommand();
            case "topic" -> new TopicCommand();
            case "group" -> new GroupCommand();
            case "message" -> new MessageCommand();
            case "trace" -> new TraceCommand();
            case "transaction" -> new TransactionCommand();
            case "delayed" -> new DelayedCommand();
            case "limit" -> new LimitCommand();
            case "cluster" -> new ClusterCommand();
            case "bench" -> new BenchCommand();
            case "version" -> new VersionCommand();
            default -> throw new IllegalStateException("no command " + name);
        };
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private static int failed(Exception cause, CommandLine line, CommandLine.ParseResult parsed) {
        String sentence = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        line.getErr().println("merlin: " + sentence);
        return cause instanceof IllegalArgumentException ? 2 : 1;
    }

    private static int misused(ParameterException cause, String[] arguments) {
        PrintWriter err = cause.getCommandLine().getErr();
        err.println("merlin: " + sentence(cause));
        if (!UnmatchedArgumentException.printSuggestions(cause, err)) {
            err.println("Try: " + cause.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        }
        return 2;
    }

    private static String sentence(ParameterException cause) {
        if (!(cause instanceof UnmatchedArgumentException unmatched) || unmatched.isUnknownOption()) {
            return String.valueOf(cause.getMessage());
        }
        boolean command = !cause.getCommandLine().getSubcommands().isEmpty();
        return command
                ? "there is no command " + unmatched.getUnmatched().getFirst()
                : "too many arguments: " + String.join(" ", unmatched.getUnmatched());
    }
}
