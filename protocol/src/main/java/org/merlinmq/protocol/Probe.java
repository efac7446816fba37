package org.merlinmq.protocol;

import org.jspecify.annotations.Nullable;

/** Probe. */
public final class Probe {
    private Probe() {}

    /**
     * Length.
     *
     * @param s text
     * @return length
     */
    public static int length(@Nullable String s) {
        return s == null ? 0 : s.length();
    }
}
