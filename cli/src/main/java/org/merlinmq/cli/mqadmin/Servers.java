package org.merlinmq.cli.mqadmin;

import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code -n} and {@code -h}, which every command has. */
final class Servers {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-n", "--namesrvAddr"},
            paramLabel = "ADDR",
            defaultValue = "${env:NAMESRV_ADDR:-127.0.0.1:9876}",
            description =
                    "The nameservers, host:port, with ; between them. Default: $NAMESRV_ADDR, else 127.0.0.1:9876.")
    private String nameservers = "";

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Print this help.")
    boolean help;

    /** Opens the connection to them. */
    Session open() {
        ClientConfig config =
                ClientConfig.of(nameservers.strip().replace("'", "").replace("\"", ""));
        return new Session(Admin.open(config), config, spec.commandLine().getOut());
    }
}
