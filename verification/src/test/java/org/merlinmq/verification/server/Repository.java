package org.merlinmq.verification.server;

import java.nio.file.Files;
import java.nio.file.Path;

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

    /** The Java that runs these tests. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
