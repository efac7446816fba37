package org.merlinmq.verification.mqadmin;

import java.util.List;
import java.util.Set;

/**
 * One command line of {@code mqadmin}.
 *
 * @param name names it in golden files and in the table: the command, and what is special about this call; unique
 * @param arguments what is typed behind {@code mqadmin}; {@code $ns}, {@code $broker}, {@code $id}, {@code $key}, {@code
 *     $client}, {@code $folder} stand for the addresses, the ids of the message that was sent last, the id of the client that is
 *     connected, and a folder for files
 * @param view what of the output is compared
 */
record Command(String name, List<String> arguments, View view) {
    private static final Set<String> ENDLESS = Set.of("clusterRT", "clusterList", "haStatus");

    enum View {
        /** All lines. */
        LINES,
        /** The names of what is listed, not the values: settings and counters of another program. */
        NAMES,
        /** Nothing but that it comes to its end without an exception. */
        ENDS
    }

    /** The command itself. */
    String command() {
        return arguments.getFirst();
    }

    /** Whether it goes on until it is stopped. */
    boolean isEndless() {
        return arguments.contains("-i") && ENDLESS.contains(command());
    }
}
