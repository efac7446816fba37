package org.merlinmq.cli;

import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.Puller;
import org.merlinmq.client.ReceivedMessage;
import org.merlinmq.client.StartAt;
import org.merlinmq.protocol.body.MessageQueueId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints messages, and leaves offsets alone unless it reads for a group. */
@Command(
        name = "consume",
        description = {
            "Print messages, each body as it is and a line feed.",
            "Without --from and --group it prints what comes from now on, until interrupted; with either, it ends at"
                    + " the last message there is, unless --follow.",
        })
final class ConsumeCommand implements Runnable {
    /** The broker's own group for tools, used to read without a group; nothing is committed for it. */
    static final String NO_GROUP = "TOOLS_CONSUMER";

    private static final long FOR_EVER_MILLIS = Long.MAX_VALUE / 1_000_000;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "TOPIC", description = "What to read.")
    private String topic = "";

    @Option(names = "--tag", paramLabel = "EXPR", defaultValue = "*", description = "Tags with || between them.")
    private String tags = "";

    @Option(names = "--from", paramLabel = "WHERE", description = "first, last, or a time such as 2026-11-23T10:00.")
    @Nullable private String from;

    @Option(names = "--count", paramLabel = "N", defaultValue = "0", description = "End after N messages.")
    private long count;

    @Option(
            names = "--queue",
            paramLabel = "QUEUE",
            description = "Only this queue: a number, or BROKER:NUMBER as topic show prints it.")
    @Nullable private String queue;

    @Option(
            names = "--group",
            paramLabel = "GROUP",
            description = "Go on where this group is, and commit what was printed.")
    @Nullable private String group;

    @Option(names = "--follow", description = "Go on with what comes.")
    private boolean follow;

    @Option(names = "--wait", paramLabel = "TIME", description = "With --follow: end when nothing came for so long.")
    @Nullable private String wait;

    @Option(names = "--json", description = "Print one JSON object per message, with its properties.")
    private boolean json;

    @Override
    public void run() {
        if (count < 0) {
            throw new IllegalArgumentException("--count is 1 or more, or 0 for all, not " + count);
        }
        StartAt place = from == null ? null : Times.startAt(from, ZoneId.systemDefault());
        long idleMillis = wait == null ? FOR_EVER_MILLIS : Times.durationMillis("--wait", wait);
        boolean goesOn = follow || (place == null ? group == null : place instanceof StartAt.Last);
        MessagePrinter printer = MessagePrinter.onOut(json);
        try (Puller puller = Puller.open(server.config(), group == null ? NO_GROUP : group)) {
            MultiQueueReader reading = new MultiQueueReader(puller, tags, goesOn);
            List<MessageQueueId> all = puller.queues(topic);
            for (MessageQueueId each : queue == null ? all : MultiQueueReader.chosen(all, topic, queue)) {
                reading.begin(each, start(puller, each, place));
            }
            reading.run(new PrintingHandler(printer, puller), idleMillis);
            printer.end();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            printer.flush();
        }
    }

    private long start(Puller puller, MessageQueueId each, @Nullable StartAt place) {
        long committed = group == null || place != null ? -1 : puller.committed(each);
        if (committed >= 0) {
            return committed;
        }
        if (place == null) {
            return puller.offset(each, group == null ? StartAt.last() : StartAt.first());
        }
        return puller.offset(each, place);
    }

    /** Prints messages and commits them for the group. */
    private final class PrintingHandler implements MultiQueueReader.MessageHandler {
        private final MessagePrinter printer;
        private final Puller puller;
        private long printed;

        PrintingHandler(MessagePrinter printer, Puller puller) {
            this.printer = printer;
            this.puller = puller;
        }

        @Override
        public boolean handle(ReceivedMessage message) {
            printer.print(message);
            return ++printed != count;
        }

        @Override
        public void handledBelow(MessageQueueId from, long nextOffset) {
            printer.flush();
            if (group != null) {
                puller.commit(from, nextOffset);
            }
        }
    }
}
