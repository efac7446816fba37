package org.merlinmq.server;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import org.slf4j.LoggerFactory;

/**
 * Where log lines go, set up in code because reading an XML file costs a start more than the rest of logging.
 *
 * <p>Logback finds this class as its {@link Configurator}: lines go to the console until {@link #toFolder} sends them to
 * files; in a command of {@code bin/merlin}, whose output is data, only warnings, to the error stream. Threading: lines are
 * written by a thread of Logback's own; when its queue is nearly full, lines below WARN are dropped rather than making a
 * sender wait.
 */
public final class Logs extends ContextAwareBase implements Configurator {
    private static final String LINE = "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %thread - %msg%n";
    private static final int QUEUED_LINES = 2048;

    /** Called by Logback. */
    public Logs() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setName("console");
        boolean command = Boolean.getBoolean("merlin.command");
        if (command) {
            console.setTarget("System.err");
        }
        console.setEncoder(encoder(context));
        install(context, console, command ? Level.WARN : Level.INFO);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /**
     * Sends all further lines to {@code name.log} in a folder, and to the terminal too where there is one. If the file cannot
     * be written, it prints why and changes nothing: a server that runs survives that, and so must one that starts.
     */
    static void toFolder(Path folder, String name, boolean terminal, LogFiles.Limits limits, Clock clock) {
        LogFiles files;
        try {
            files = LogFiles.open(folder, name, limits, clock);
        } catch (IOException refused) {
            System.err.println("merlin: no log is kept: " + folder.resolve(name + ".log") + " cannot be written ("
                    + refused + ")");
            return;
        }
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        root(context).detachAndStopAllAppenders();
        OutputStreamAppender<ILoggingEvent> both = new OutputStreamAppender<>();
        both.setName("files");
        both.setEncoder(encoder(context));
        both.setOutputStream(terminal ? new WithTerminal(files) : files);
        install(context, both, Level.INFO);
    }

    /** Files, and the terminal that the process was started on; closing it leaves the terminal open. */
    private static final class WithTerminal extends OutputStream {
        private final LogFiles files;

        WithTerminal(LogFiles files) {
            this.files = files;
        }

        @Override
        public void write(int oneByte) {
            System.out.write(oneByte);
            files.write(oneByte);
        }

        @Override
        public void write(byte[] lines, int from, int length) {
            System.out.write(lines, from, length);
            files.write(lines, from, length);
        }

        @Override
        public void flush() {
            System.out.flush();
        }

        @Override
        public void close() {
            files.close();
        }
    }

    /** Writes out what is queued; nothing is logged after it. */
    static void close() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }

    private static PatternLayoutEncoder encoder(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(LINE);
        encoder.start();
        return encoder;
    }

    private static void install(LoggerContext context, OutputStreamAppender<ILoggingEvent> to, Level level) {
        to.setContext(context);
        to.start();
        AsyncAppender async = new AsyncAppender();
        async.setContext(context);
        async.setName("async");
        async.setQueueSize(QUEUED_LINES);
        async.setNeverBlock(true);
        async.addAppender(to);
        async.start();
        root(context).setLevel(level);
        root(context).addAppender(async);
        context.getLogger("io.netty").setLevel(Level.WARN);
    }

    private static Logger root(LoggerContext context) {
        return context.getLogger(Logger.ROOT_LOGGER_NAME);
    }
}
