package org.merlinmq.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.merlinmq.cli.Merlin;
import org.merlinmq.server.config.Assignment;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.ConfigException;
import org.merlinmq.server.config.ConfigLoader;
import org.merlinmq.server.config.Role;

/**
 * Runs a server for a moment in a folder of its own, so that Java records for its AOT cache which classes a start, a
 * send, a pull and a start after a crash need. {@code bin/launch} runs it in the background after a start that found no cache.
 */
final class Training {
    private Training() {}

    /** Runs in a new folder in {@code parent}, which is deleted afterwards. */
    static void run(Path parent) throws StartRefusal, ConfigException {
        try {
            Path data = Files.createTempDirectory(parent, "train");
            try {
                train(data);
            } finally {
                delete(data);
            }
        } catch (IOException failed) {
            throw StartRefusal.failed("training failed: " + failed.getMessage());
        }
    }

    private static void train(Path data) throws StartRefusal, ConfigException, IOException {
        Config config = ConfigLoader.load(
                Role.ALL_IN_ONE,
                null,
                Map.of(),
                List.of(
                        set("data", data.toString()),
                        set("bind", "127.0.0.1"),
                        set("nameserver.port", "0"),
                        set("broker.port", "0"),
                        set("console.port", "0"),
                        set("storage.segment", "4m")));
        Path checkpoint = data.resolve("merlin/checkpoint");
        Path first = data.resolve("first-checkpoint");
        try (DataFolder folder = DataFolder.open(data, Role.ALL_IN_ONE);
                Node node = Node.start(config, folder, Clock.system(ZoneId.systemDefault()))) {
            Files.copy(checkpoint, first);
            String nameserver = String.valueOf(node.addresses().get("nameserver"));
            Path lines = Files.writeString(data.resolve("lines"), "a line of a log, number 1\n".repeat(20_000));
            command("send", "Training", "hello", "--namesrv", nameserver);
            command("send", "Training", "--file", lines.toString(), "--key", "\\d+", "--namesrv", nameserver);
            command("send", "Training", "--file", lines.toString(), "--batch", "16", "--namesrv", nameserver);
            command("topic", "show", "Training", "--namesrv", nameserver);
            command("group", "list", "--namesrv", nameserver);
            command("consume", "Training", "--from", "first", "--count", "20000", "--namesrv", nameserver);
            for (String page : List.of("", "healthz", "metrics")) {
                URI address = URI.create(node.addresses().get("console") + page);
                try (InputStream in = address.toURL().openStream()) {
                    in.readAllBytes();
                }
            }
        }
        // As after a crash: with the first checkpoint a start reads all of it again.
        Files.move(first, checkpoint, StandardCopyOption.REPLACE_EXISTING);
        try (DataFolder folder = DataFolder.open(data, Role.ALL_IN_ONE);
                Node again = Node.start(config, folder, Clock.system(ZoneId.systemDefault()))) {
            command(
                    "send",
                    "Training",
                    "again",
                    "--namesrv",
                    String.valueOf(again.addresses().get("nameserver")));
        }
    }

    private static Assignment set(String key, String value) {
        return new Assignment("training", key, value);
    }

    private static void command(String... arguments) throws StartRefusal {
        int code = Merlin.run(arguments);
        if (code != 0) {
            throw StartRefusal.failed("training failed: " + String.join(" ", arguments) + " ended with " + code);
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failed) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
