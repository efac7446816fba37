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
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.util.FileSize;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.LoggerFactory;

/**
 * Where log lines go, set up in code because reading an XML file costs a start more than the rest of logging.
 *
 * <p>Logback finds this class as its {@link Configurator}: lines go to the console until {@link #toFolder} sets
 * otherwise; in a command of {@code bin/merlin}, whose output is data, only warnings, to the error stream. Threading:
 * lines are written by a thread of Logback's own; when its queue is nearly full, lines below WARN are dropped rather
 * than making a sender wait.
 */
public final class Logs extends ContextAwareBase implements Configurator {
    private static final String LINE = "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %thread - %msg%n";
    private static final int QUEUED_LINES = 2048;
    private static final String FILE_BYTES = "64MB";
    private static final int OLD_FILES = 5;

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
        install(context, console, command ? Level.WARN : Level.INFO);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /**
     * Sends all further lines to {@code merlin.log} in a folder, which is rolled by size. Where that cannot be written it
     * says so and changes nothing: a server that runs survives that, and so must one that starts.
     */
    static void toFolder(Path folder, String name) {
        Path first = folder.resolve(name + ".log");
        try (OutputStream probe = Files.newOutputStream(first, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            probe.flush();
        } catch (IOException refused) {
            System.err.println("merlin: no log is kept: " + first + " cannot be written (" + refused + ")");
            return;
        }
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        RollingFileAppender<ILoggingEvent> file = new RollingFileAppender<>();
        file.setName("file");
        file.setFile(first.toString());
        FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
        rolling.setContext(context);
        rolling.setParent(file);
        rolling.setFileNamePattern(folder.resolve(name + ".%i.log").toString());
        rolling.setMinIndex(1);
        rolling.setMaxIndex(OLD_FILES);
        rolling.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
        trigger.setContext(context);
        trigger.setMaxFileSize(FileSize.valueOf(FILE_BYTES));
        trigger.start();
        file.setRollingPolicy(rolling);
        file.setTriggeringPolicy(trigger);
        root(context).detachAndStopAllAppenders();
        install(context, file, Level.INFO);
    }

    /** Writes out what is queued; nothing is logged after it. */
    static void close() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }

    private static void install(LoggerContext context, OutputStreamAppender<ILoggingEvent> to, Level level) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(LINE);
        encoder.start();
        to.setContext(context);
        to.setEncoder(encoder);
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
