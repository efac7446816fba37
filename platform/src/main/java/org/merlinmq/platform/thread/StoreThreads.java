package org.merlinmq.platform.thread;

/**
 * Runs the work that a store does by itself: flushing, checkpoints, retention. Nothing else in the store makes threads or
 * asks how much time has passed, so one thread with one seed can drive a whole store.
 */
public interface StoreThreads {
    /** Returned by {@link Task#step} to sleep until woken. */
    long UNTIL_WOKEN = Long.MAX_VALUE;

    /**
     * A clock that only goes forward.
     *
     * @return nanoseconds since some moment; differences count, never across an overflow
     */
    long nanoTime();

    /**
     * Makes a worker, which does nothing before {@link Worker#start}.
     *
     * @param name of its thread
     * @param task what it does
     * @return the worker
     */
    Worker worker(String name, Task task);

    /** Work that is done step by step. */
    interface Task {
        /**
         * Does what is due.
         *
         * @return nanoseconds to sleep unless woken, 0 to go on at once, or {@link #UNTIL_WOKEN}
         */
        long step();

        /**
         * Called once when {@link #step} threw, which only a bug does: it is not called again.
         *
         * @param bug what it threw
         */
        void failed(Throwable bug);
    }

    /**
     * Repeats the steps of one task, never two at a time.
     *
     * <p>Threading: any thread.
     */
    interface Worker extends AutoCloseable {
        /** Begins with the first step. */
        void start();

        /** Ends its sleep, or the next one if it does not sleep: what changed before this call is seen by a later step. */
        void wake();

        /** Waits until no step runs, and begins no more. Not to be called by the task. */
        @Override
        void close();
    }
}
