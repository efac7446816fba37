package org.merlinmq.protocol.body;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.json.JsonException;

/**
 * Body of the requests that read and change settings (25, 26, 318, 319): one {@code key=value} a line.
 *
 * <p>Format: read by the rules of Java's property files, written plainly in the order of the keys.
 */
public final class PropertiesText {
    private PropertiesText() {}

    /**
     * Reads settings.
     *
     * @param body their lines in UTF-8
     * @return values by key
     * @throws JsonException if an escape is malformed
     */
    public static SortedMap<String, String> read(byte[] body) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(Bytes.text(body, 0, body.length)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IllegalArgumentException e) {
            throw new JsonException("malformed settings: " + e.getMessage());
        }
        SortedMap<String, String> settings = new TreeMap<>();
        for (String key : properties.stringPropertyNames()) {
            settings.put(key, properties.getProperty(key, ""));
        }
        return settings;
    }

    /**
     * Writes settings.
     *
     * @param settings values by key
     * @return their lines in UTF-8
     */
    public static byte[] write(Map<String, String> settings) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(settings)
                .forEach((key, value) ->
                        text.append(key).append('=').append(value).append('\n'));
        return Bytes.utf8(text.toString());
    }
}
