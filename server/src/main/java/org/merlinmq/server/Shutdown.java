package org.merlinmq.server;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process: on SIGTERM and SIGINT in good order with exit code 0, after the death of one of our threads with
 * exit code 1.
 *
 * <p>Java's own exit code after SIGTERM is 143, so the hook halts the process itself once all is closed. A watchdog
 * halts it after {@link #LIMIT} whatever hangs: what was acknowledged is safe by then, as it is under SIGKILL.
 */
final class Shutdown {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
    private static final Duration LIMIT = Duration.ofSeconds(9);

    private final Node node;
    private final DataFolder folder;
    private final boolean background;
    private final AtomicInteger exitCode = new AtomicInteger();

    Shutdown(Node node, DataFolder folder, boolean background) {
        this.node = node;
        this.folder = folder;
        this.background = background;
    }

    void install() {
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(this::stop));
        Thread.setDefaultUncaughtExceptionHandler(this::died);
    }

    private void died(Thread thread, Throwable cause) {
        LOG.error("thread-died thread={} cure=\"a bug: please report it with this trace\"", thread.getName(), cause);
        if (!thread.isVirtual()) {
            exitCode.set(1);
            Thread.ofPlatform().name("exit").start(() -> System.exit(1));
        }
    }

    private void stop() {
        long begin = System.nanoTime();
        Thread.ofPlatform().name("shutdown-limit").daemon().start(this::haltWhenLate);
        node.close();
        folder.close();
        if (!background) {
            double seconds = (System.nanoTime() - begin) / 1e9;
            System.out.println(String.format(Locale.ROOT, "stopped in %.1f s", seconds));
        }
        LOG.info("stopped");
        Logs.close();
        Runtime.getRuntime().halt(exitCode.get());
    }

    private void haltWhenLate() {
        try {
            Thread.sleep(LIMIT);
            LOG.error("shutdown-timed-out limit={} action=\"halted; the next start recovers by itself\"", LIMIT);
            Logs.close();
            Runtime.getRuntime().halt(1);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
