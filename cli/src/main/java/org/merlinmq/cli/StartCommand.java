package org.merlinmq.cli;

import picocli.CommandLine.Command;

/** Stands in the list of commands; {@code bin/merlin} itself runs the server, without this program in between. */
@Command(name = "start", description = "Run nameserver, broker and console in one process: merlin start --help.")
final class StartCommand implements Runnable {
    @Override
    public void run() {
        throw new CommandFailure("a server is started by bin/merlin start");
    }
}
