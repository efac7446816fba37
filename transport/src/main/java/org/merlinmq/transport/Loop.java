package org.merlinmq.transport;

/**
 * One event loop, as those who work on it see it.
 *
 * <p>Threading: {@link #execute} and {@link #schedule} from any thread.
 */
public interface Loop {
    /**
     * Runs a task on this loop, after what the loop is doing now. Tasks that arrive close together share one wake-up,
     * and what they append to connections goes out after the last of them.
     *
     * @param task what to run; must not block
     * @throws java.util.concurrent.RejectedExecutionException when the loops have been closed
     */
    void execute(Runnable task);

    /**
     * Runs a task on this loop: at once if this is called on it, else as {@link #execute} does.
     *
     * @param task what to run; must not block
     * @throws java.util.concurrent.RejectedExecutionException when the loops have been closed
     */
    default void runOrExecute(Runnable task) {
        if (inLoop()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /**
     * Runs a task on this loop later. Meant for rare deadlines: each one costs a wake-up.
     *
     * @param task what to run; must not block
     * @param delayMillis how long to wait
     * @throws java.util.concurrent.RejectedExecutionException when the loops have been closed
     */
    void schedule(Runnable task, long delayMillis);

    /**
     * Tells whether the calling thread is this loop.
     *
     * @return true on the loop's own thread
     */
    boolean inLoop();

    /**
     * The place of this loop among its {@link EventLoops}.
     *
     * @return 0 to count − 1
     */
    int index();
}
