package org.merlinmq.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --data}, for the commands that look at the server's process. */
final class DataOption {
    @Option(names = "--data", paramLabel = "DIR", description = "The server's data folder. Default: data.")
    @Nullable private Path given;

    /** The folder asked for, or the one that servers have by default, which lies where they were started. */
    Path orDefault() {
        return given == null ? Path.of("data") : given;
    }

    /** The folder asked for, or null. */
    @Nullable Path given() {
        return given;
    }
}
