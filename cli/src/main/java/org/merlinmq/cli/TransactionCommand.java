package org.merlinmq.cli;

import java.time.Instant;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.Admin;
import org.merlinmq.protocol.body.TransactionView;
import org.merlinmq.protocol.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Transactions that nobody has decided: list, show, commit, rollback, check. */
@Command(
        name = "transaction",
        description = "List, show and decide transactions that their producers have not decided.")
final class TransactionCommand implements Runnable {
    private static final String ID = "The transaction's id, or the message id of its half message.";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "transaction needs list, show, commit, rollback or check");
    }

    @Command(name = "list", description = "List transactions that are open, the oldest first.")
    void list(
            @Mixin ServerOption server,
            @Option(names = "--group", paramLabel = "GROUP", description = "Only of this producer group.") @Nullable String group,
            @Option(names = "--topic", paramLabel = "TOPIC", description = "Only for this topic.") @Nullable String topic,
            @Option(names = "--given-up", description = "Those that the broker gave up after the last check.")
                    boolean givenUp,
            @Option(
                            names = "--max",
                            paramLabel = "N",
                            defaultValue = "100",
                            description = "At most so many. Default: ${DEFAULT-VALUE}.")
                    int max,
            @Option(names = "--json", description = "Print one JSON array.") boolean json) {
        if (max < 1) {
            throw new IllegalArgumentException("--max is 1 or more, not " + max);
        }
        JsonWriter out = new JsonWriter().beginArray();
        Table table = new Table("TRANSACTION", "GROUP", "TOPIC", "STORED", "CHECKS", "NEXT CHECK");
        int[] left = {max};
        try (Admin admin = server.admin()) {
            admin.transactions(group, topic, givenUp, each -> {
                each.writeTo(out);
                table.row(
                        id(each),
                        each.group(),
                        each.topic(),
                        Instant.ofEpochMilli(each.storeTimestamp()),
                        each.checks(),
                        each.givenUp() ? "given up" : Instant.ofEpochMilli(each.nextCheckTimestamp()));
                return --left[0] > 0;
            });
        }
        if (json) {
            System.out.println(out.endArray().toText());
        } else {
            table.print(System.out);
        }
    }

    private static String id(TransactionView transaction) {
        String id = transaction.transactionId();
        return id == null ? transaction.messageId() : id;
    }

    @Command(name = "show", description = "Show a transaction that is open or was given up.")
    void show(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        try (Admin admin = server.admin()) {
            TransactionView found = admin.transaction(id);
            if (found == null) {
                throw unknown(id);
            }
            if (json) {
                JsonWriter out = new JsonWriter();
                found.writeTo(out);
                System.out.println(out.toText());
                return;
            }
            Table table = new Table("WHAT", "IS");
            table.row("transaction", id(found));
            table.row("half message", found.messageId());
            table.row("group", found.group());
            table.row("topic", found.topic());
            table.row("queue", found.queueId());
            table.row("sent", Instant.ofEpochMilli(found.bornTimestamp()) + " by " + found.bornHost());
            table.row("stored", Instant.ofEpochMilli(found.storeTimestamp()));
            table.row("body", found.bodyBytes() + " bytes");
            table.row("checks", found.checks());
            table.row("next check", found.givenUp() ? "given up" : Instant.ofEpochMilli(found.nextCheckTimestamp()));
            table.print(System.out);
        }
    }

    @Command(name = "commit", description = "Deliver the message of a transaction, as its producer would.")
    void commit(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        decide(server, id, Admin::commitTransaction, "committed", json);
    }

    @Command(name = "rollback", description = "Delete the message of a transaction, as its producer would.")
    void rollback(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        decide(server, id, Admin::rollBackTransaction, "rolled back", json);
    }

    @Command(name = "check", description = "Ask a producer of the group about a transaction now.")
    void check(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        decide(server, id, Admin::checkTransaction, "checked", json);
    }

    private static void decide(
            ServerOption server, String id, BiPredicate<Admin, String> decision, String done, boolean json) {
        try (Admin admin = server.admin()) {
            if (!decision.test(admin, id)) {
                throw unknown(id);
            }
            System.out.println(
                    json
                            ? new JsonWriter()
                                    .beginObject()
                                    .field("done", done)
                                    .field("id", id)
                                    .endObject()
                                    .toText()
                            : done + " " + id);
        }
    }

    private static CommandFailure unknown(String id) {
        return new CommandFailure(
                "no transaction " + id + " is open or was given up; merlin transaction list lists those that are");
    }
}
