package org.merlinmq.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --data}, for the commands that look at the server's process. */
final class DataOption {
    @Option(names = "--data", paramLabel = "DIR", description = "The server's data folder. Default: data.")
    @Nullable private Path given;

    /** The given folder, or the default, which lies where the server was started. */
    Path orDefault() {
        return given == null ? Path.of("data") : given;
    }

    /** The given folder, or null. */
    @Nullable Path given() {
        return given;
    }
}
