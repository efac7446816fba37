package org.merlinmq.server;

import java.io.PrintStream;
import java.util.Locale;
import org.merlinmq.storage.Progress;

/** Tells the operator how far a long recovery is, a line every other second. Threading: the thread that starts. */
final class RecoveryProgress implements Progress {
    private static final long EVERY_NANOS = 2_000_000_000L;

    private final PrintStream out;
    private long nextAt = System.nanoTime() + EVERY_NANOS;

    RecoveryProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void report(String work, long done, long total) {
        long now = System.nanoTime();
        if (now - nextAt >= 0 && total > 0) {
            nextAt = now + EVERY_NANOS;
            out.println(String.format(
                    Locale.ROOT, "%s: %,d of %,d MB, %d %%", work, done >> 20, total >> 20, 100 * done / total));
        }
    }
}
