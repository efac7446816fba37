package org.merlinmq.nameserver;

import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.PropertiesText;
import org.merlinmq.protocol.json.JsonException;

/**
 * The settings that operators may change while the nameserver runs, and the file that keeps their changes.
 *
 * <p>Threading: any thread; a change holds the lock while it is written to disk.
 *
 * <p>Format: {@code nameserver.properties}, one {@code key=value} per line.
 */
final class SettingsStore {
    /** What no request may change: where files are, and this list itself. */
    static final Set<String> FIXED = Set.of("configBlackList", "configStorePath", "kvConfigPath", "rocketmqHome");

    private final DurableFile file;
    private final Map<String, String> shown;
    private volatile NameserverSettings current;

    private SettingsStore(DurableFile file, Map<String, String> shown, NameserverSettings current) {
        this.file = file;
        this.shown = shown;
        this.current = current;
    }

    /** Opens the file, if there is one; {@code shown} are fixed values that request 319 shows as well. */
    static SettingsStore open(DurableFile file, NameserverSettings configured, Map<String, String> shown) {
        byte[] content = file.read();
        NameserverSettings current = configured;
        if (content != null) {
            try {
                Map<String, String> kept = PropertiesText.read(content);
                mustBeWhole(kept.keySet(), configured.toMap().keySet());
                current = configured.with(kept);
            } catch (IllegalArgumentException | JsonException e) {
                throw new DamagedFileException(
                        file.path() + " is damaged: " + e.getMessage()
                                + "; correct the line, or move the file away to start with the settings of the"
                                + " configuration",
                        e);
            }
        }
        return new SettingsStore(file, shown, current);
    }

    /** What {@link #change} writes has all keys and no other. */
    private static void mustBeWhole(Set<String> found, Set<String> known) {
        for (String key : found) {
            if (!known.contains(key)) {
                throw new IllegalArgumentException(
                        key.replaceAll("[^ -~]", "?") + " is no setting of a nameserver that can change");
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("it names no setting");
        }
    }

    NameserverSettings current() {
        return current;
    }

    /** The first key that may not be changed, or null. */
    static @Nullable String fixedKey(Map<String, String> changes) {
        return changes.keySet().stream()
                .filter(FIXED::contains)
                .sorted()
                .findFirst()
                .orElse(null);
    }

    /** Applies and keeps changes; throws an {@link IllegalArgumentException} that names an invalid value. */
    synchronized void change(Map<String, String> changes) {
        NameserverSettings next = current.with(changes);
        if (!next.equals(current)) {
            file.replace(PropertiesText.write(next.toMap()));
            current = next;
        }
    }

    /** All settings as properties text, sorted by key. */
    byte[] text() {
        SortedMap<String, String> all = current.toMap();
        all.putAll(shown);
        return PropertiesText.write(all);
    }
}
