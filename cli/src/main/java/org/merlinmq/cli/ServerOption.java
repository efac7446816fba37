package org.merlinmq.cli;

import java.time.Duration;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import picocli.CommandLine.Option;

/** {@code --namesrv} and {@code --timeout}, for every command that talks to a server. */
final class ServerOption {
    @Option(
            names = {"-n", "--namesrv"},
            paramLabel = "ADDR",
            defaultValue = "${env:NAMESRV_ADDR:-127.0.0.1:9876}",
            description = "The nameserver, host:port; several with ; between them. Default: $NAMESRV_ADDR, else"
                    + " 127.0.0.1:9876.")
    private String nameservers = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "How long one request may take. Default: ${DEFAULT-VALUE}.")
    private String timeout = "";

    ClientConfig config() {
        long millis = Times.durationMillis("--timeout", timeout);
        if (millis == 0) {
            throw new IllegalArgumentException("--timeout must be longer than " + timeout);
        }
        return ClientConfig.of(nameservers).withTimeout(Duration.ofMillis(millis));
    }

    Admin admin() {
        return Admin.open(config());
    }
}
