package org.merlinmq.verification.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives all test classes of a run one and the same server, started at first need and stopped at the end. */
public final class SharedServer implements ParameterResolver {
    private static final Namespace SPACE = Namespace.create(SharedServer.class);

    /** For JUnit. */
    public SharedServer() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Server.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(SPACE)
                .computeIfAbsent(
                        "server",
                        // which RocketMQ has off
                        key -> Server.start(
                                freshFolder("shared-"),
                                Map.of("enablePropertyFilter", "true", "recallMessageEnable", "true")),
                        Server.class);
    }

    /** A new folder under target, for one server. */
    public static Path freshFolder(String prefix) {
        try {
            Path parent = Files.createDirectories(Repository.target().resolve("servers"));
            return Files.createTempDirectory(parent, prefix);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
