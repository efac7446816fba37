package org.merlinmq.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows the progress of work on the error stream: in place on a terminal, a line every five seconds elsewhere.
 *
 * <p>Threading: one thread.
 */
final class Progress {
    private static final long TERMINAL_NANOS = 250_000_000L;
    private static final long PLAIN_NANOS = 5_000_000_000L;
    private static final int WIDTH = 78;

    private final PrintStream err;
    private final boolean terminal;
    private final LongSupplier nanoTime;
    private final long begin;
    private long nextAt;
    private boolean shown;

    Progress(PrintStream err, boolean terminal, LongSupplier nanoTime) {
        this.err = err;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
        this.begin = nanoTime.getAsLong();
        this.nextAt = begin + (terminal ? TERMINAL_NANOS : PLAIN_NANOS);
    }

    /** On the process's own error stream; {@code bin/merlin} sets whether that is a terminal. */
    static Progress onErr() {
        return new Progress(System.err, Boolean.getBoolean("merlin.terminal"), System::nanoTime);
    }

    /** Shows the progress if it is time to; {@code share} is from 0 to 1, or negative if unknown. */
    void at(String doing, long messages, double share) {
        long now = nanoTime.getAsLong();
        if (now - nextAt < 0) {
            return;
        }
        nextAt = now + (terminal ? TERMINAL_NANOS : PLAIN_NANOS);
        String percent = share < 0 ? "" : String.format(Locale.ROOT, "  %.0f %%", 100 * share);
        String line = String.format(Locale.ROOT, "%s %,d  %,.0f/s%s", doing, messages, messages / seconds(), percent);
        if (terminal) {
            err.print("\r" + line + " ".repeat(Math.max(0, WIDTH - line.length())));
            shown = true;
        } else {
            err.println(line);
        }
        err.flush();
    }

    /** Clears the line in place, so that what follows starts a line of its own. */
    void end() {
        if (shown) {
            err.print("\r" + " ".repeat(WIDTH) + "\r");
            err.flush();
            shown = false;
        }
    }

    /** Time since the work began; never 0. */
    double seconds() {
        return Math.max(1e-9, (nanoTime.getAsLong() - begin) / 1e9);
    }
}
