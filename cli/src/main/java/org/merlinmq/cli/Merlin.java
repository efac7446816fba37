package org.merlinmq.cli;

import java.io.PrintWriter;
import org.merlinmq.client.ClientException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code bin/merlin}: picks the command.
 *
 * <p>Exit codes: 0 done, 1 what was asked for failed, 2 wrong usage.
 */
@Command(
        name = "merlin",
        description = "Runs and uses a MerlinMQ server.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        versionProvider = VersionCommand.class,
        subcommands = {
            StartCommand.class,
            StopCommand.class,
            StatusCommand.class,
            SendCommand.class,
            ConsumeCommand.class,
            TopicCommand.class,
            GroupCommand.class,
            MessageCommand.class,
            ClusterCommand.class,
            BenchCommand.class,
            VersionCommand.class
        })
public final class Merlin implements Runnable {
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
        System.exit(commandLine().execute(arguments));
    }

    /** The commands with our way of reporting failures. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Merlin());
        line.setExecutionExceptionHandler(Merlin::failed);
        line.setParameterExceptionHandler(Merlin::misused);
        line.setUsageHelpAutoWidth(false);
        return line;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private static int failed(Exception cause, CommandLine line, CommandLine.ParseResult parsed) throws Exception {
        if (cause instanceof CommandFailure || cause instanceof ClientException) {
            line.getErr().println("merlin: " + cause.getMessage());
            return 1;
        }
        if (cause instanceof IllegalArgumentException) {
            line.getErr().println("merlin: " + cause.getMessage());
            return 2;
        }
        throw cause;
    }

    private static int misused(ParameterException cause, String[] arguments) {
        PrintWriter err = cause.getCommandLine().getErr();
        err.println("merlin: " + cause.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(cause, err)) {
            err.println("Try: " + cause.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        }
        return 2;
    }
}
