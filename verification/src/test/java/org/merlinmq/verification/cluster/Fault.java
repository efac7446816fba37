package org.merlinmq.verification.cluster;

/**
 * What goes wrong on one machine for a time.
 *
 * @param kind what
 * @param host where
 * @param peer the other machine, for what lies between two; else the same one
 * @param beginMillis since the beginning of its schedule
 * @param endMillis when all is well again
 */
record Fault(Kind kind, String host, String peer, int beginMillis, int endMillis) {
    /** Kinds of faults. */
    enum Kind {
        /** SIGKILL; it is started again at the end. */
        KILL,
        /** SIGSTOP. */
        PAUSE,
        /** It gets nothing that its peer sends. */
        CUT_IN,
        /** Its peer gets nothing that it sends. */
        CUT_OUT,
        /** Both. */
        CUT,
        /** A tenth of what its peer sends is lost. */
        LOSS,
        /** What it sends comes late. */
        SLOW_LINE,
        /** What it writes waits for the disk. */
        SLOW_DISK,
        /** There is no byte left on its disk: for slaves, which have a small one. */
        FULL_DISK,
        /** The other one of master and slave leads from then on, by {@code merlin cluster promote}, whatever else goes wrong. */
        PROMOTE;

        /** Whether it may be done to a machine: a slave's disk is small and in memory, all others are the disk of the tests. */
        boolean isFor(String host) {
            boolean slave = host.endsWith("-s");
            return switch (this) {
                case FULL_DISK, PROMOTE -> slave;
                case SLOW_DISK -> !slave;
                case KILL, PAUSE, CUT_IN, CUT_OUT, CUT, LOSS, SLOW_LINE -> true;
            };
        }

        boolean isBetweenTwo() {
            return this == CUT_IN || this == CUT_OUT || this == CUT || this == LOSS;
        }
    }

    @Override
    public String toString() {
        return kind + " " + host + (kind.isBetweenTwo() ? "/" + peer : "") + " " + beginMillis + "-" + endMillis
                + " ms";
    }
}
