package org.merlinmq.verification.mqadmin;

import java.util.List;

/**
 * One command line of {@code mqadmin}.
 *
 * @param name names it in golden files and in the table: the command, and what is special about this call; unique
 * @param arguments what is typed behind {@code mqadmin}; {@code $ns}, {@code $broker}, {@code $id}, {@code $key}, {@code
 *     $folder} stand for the addresses, the ids of the message that was sent last, and a folder for files
 * @param view what of the output is compared
 */
record Command(String name, List<String> arguments, View view) {
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
}
