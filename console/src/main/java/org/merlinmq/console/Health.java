package org.merlinmq.console;

import org.jspecify.annotations.Nullable;

/** Tells whether the server does its work. */
@FunctionalInterface
public interface Health {
    /**
     * What is wrong.
     *
     * <p>Threading: any thread; must not block.
     *
     * @return a sentence with the cause, or null if all is well
     */
    @Nullable String trouble();
}
