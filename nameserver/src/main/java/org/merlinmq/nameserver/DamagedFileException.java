package org.merlinmq.nameserver;

import org.jspecify.annotations.Nullable;

/** A nameserver does not start, since a file of its own cannot be read. The message names the file, the place and the cure. */
public final class DamagedFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DamagedFileException(String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
    }
}
