package org.merlinmq.platform.disk;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A disk did not do what was asked. The message names the path, what was tried and, where there is one, the cure.
 *
 * <p>After a failed write or force the content of the range is unknown; the owner of the file must stop using it.
 */
public final class DiskException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whether there was no space; see {@link #full}. */
    private final boolean full;

    /**
     * A failure.
     *
     * @param message what was tried, at which path and position, and what came of it
     * @param full whether the cause is missing space
     * @param cause what the system said, if it said something
     */
    public DiskException(String message, boolean full, @Nullable Throwable cause) {
        super(message, cause);
        this.full = full;
    }

    static DiskException of(String tried, Path path, boolean full, Throwable cause) {
        String said = cause.getMessage() == null
                ? cause.toString()
                : cause.getClass().getSimpleName() + ": " + cause.getMessage();
        return new DiskException(tried + " " + path + " failed: " + said, full, cause);
    }

    /**
     * Whether the disk (or a quota on it) is full: then space, not repair, is the cure.
     *
     * @return true if space was missing
     */
    public boolean full() {
        return full;
    }
}
