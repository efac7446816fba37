package org.merlinmq.transport;

/**
 * How many event loops there are and what they may hold together.
 *
 * @param loops how many threads
 * @param maxInFlightBytes bytes of unfinished frames and of unsent output that all connections may hold together;
 *     beyond it, frames go on arriving one connection at a time
 * @param threadName the threads are named this, a dash and their index
 */
public record EventLoopsConfig(int loops, long maxInFlightBytes, String threadName) {
    /** Checks the values. */
    public EventLoopsConfig {
        if (loops < 1 || loops > 1024) {
            throw new IllegalArgumentException("loops must be 1 to 1024, found " + loops);
        }
        if (maxInFlightBytes < 1) {
            throw new IllegalArgumentException("maxInFlightBytes must be positive, found " + maxInFlightBytes);
        }
    }

    /**
     * What fits the machine: a loop per core, at least two, and an eighth of the heap in flight, at least 16 MiB.
     *
     * @return the settings
     */
    public static EventLoopsConfig defaults() {
        Runtime machine = Runtime.getRuntime();
        return new EventLoopsConfig(
                Math.max(2, machine.availableProcessors()), Math.max(16L << 20, machine.maxMemory() / 8), "net");
    }

    /** The configuration of an application that only calls: one loop. */
    public static EventLoopsConfig forCallers() {
        return new EventLoopsConfig(1, defaults().maxInFlightBytes(), "merlin-client-net");
    }
}
