package org.merlinmq.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.member.SharedSecret;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.Setting;
import org.merlinmq.server.config.Settings;
import org.merlinmq.transport.tls.TlsFiles;

/** The files by which the members of a group know each other. Those that cannot be used keep a member from starting. */
final class MemberFiles {
    private MemberFiles() {}

    /** What all members know; null if the settings name none. */
    static @Nullable SharedSecret secret(Config config) throws StartRefusal {
        if (!config.isSet(Settings.MEMBERS_SECRET)) {
            return null;
        }
        try (Stream<String> lines = Files.lines(path(config, Settings.MEMBERS_SECRET))) {
            return new SharedSecret(lines.findFirst().orElse("").strip(), new SecureRandom());
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            throw refusal(config, Settings.MEMBERS_SECRET, e);
        }
    }

    /** The certificates of the connections between members; null if the settings name none. */
    static @Nullable TlsFiles tls(Config config) throws StartRefusal {
        if (!config.isSet(Settings.MEMBERS_CERTIFICATE)) {
            return null;
        }
        try {
            return new TlsFiles(
                    path(config, Settings.MEMBERS_CERTIFICATE),
                    path(config, Settings.MEMBERS_KEY),
                    path(config, Settings.MEMBERS_TRUST));
        } catch (IOException e) {
            String sentence = String.valueOf(e.getMessage());
            Setting<Path> wrong = Stream.of(Settings.MEMBERS_CERTIFICATE, Settings.MEMBERS_KEY, Settings.MEMBERS_TRUST)
                    .filter(each -> sentence.startsWith(path(config, each) + " "))
                    .findFirst()
                    .orElse(Settings.MEMBERS_CERTIFICATE);
            throw refusal(config, wrong, e);
        }
    }

    private static Path path(Config config, Setting<Path> setting) {
        return config.valueOr(setting, () -> Path.of(""));
    }

    private static StartRefusal refusal(Config config, Setting<Path> setting, Exception cause) {
        return StartRefusal.usage(config.described(setting) + " cannot be used: " + cause.getMessage());
    }
}
