package org.merlinmq.verification.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where things lie in the repository. */
public final class Repository {
    private Repository() {}

    /** The folder that holds {@code build}. */
    public static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("build")) || !Files.exists(folder.resolve("verification"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException(
                        "not inside the repository: " + Path.of("").toAbsolutePath());
            }
        }
        return folder;
    }

    /** What the build of this module makes. */
    public static Path target() {
        return root().resolve("verification/target");
    }

    /** Adds a line to those that {@code tests/run} prints at its end. */
    public static void addTotal(String line) throws IOException {
        Files.createDirectories(target());
        Files.writeString(
                target().resolve("totals.txt"), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The Java that runs these tests. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
