package org.merlinmq.console;

import org.jspecify.annotations.Nullable;

/** Reports whether the server works. */
@FunctionalInterface
public interface Health {
    /**
     * The cause of a failure.
     *
     * <p>Threading: any thread; must not block.
     *
     * @return a sentence with the cause, or null if all is well
     */
    @Nullable String trouble();
}
