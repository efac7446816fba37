package org.merlinmq.platform.disk;

import java.nio.file.Path;

/**
 * Bytes on disk that are not what was written. Reported once when met; such bytes are never served.
 *
 * @param file the file
 * @param position first damaged byte, as well as is known
 * @param what what was expected, what was found, what is done about it
 */
public record Damage(Path file, long position, String what) {
    @Override
    public String toString() {
        return file + " at " + position + ": " + what;
    }
}
