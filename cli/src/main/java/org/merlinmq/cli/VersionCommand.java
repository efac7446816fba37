package org.merlinmq.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** Says which MerlinMQ and which Java this is. */
@Command(name = "version", description = "Say which MerlinMQ and which Java this is.")
final class VersionCommand implements Runnable, IVersionProvider {
    @Override
    public void run() {
        System.out.println(String.join(System.lineSeparator(), getVersion()));
    }

    @Override
    public String[] getVersion() {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        return new String[] {"MerlinMQ " + (version == null ? "development" : version) + ", Java " + Runtime.version()};
    }
}
