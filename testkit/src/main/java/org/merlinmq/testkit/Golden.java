package org.merlinmq.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads captured bytes from {@code src/test/resources/golden}.
 *
 * <p>Format: a line that starts with {@code #} is a comment; one that starts with {@code "} is literal text up to its
 * end; all else is hexadecimal, in which blanks and bars do not count.
 */
public final class Golden {
    private Golden() {}

    /**
     * Reads a file.
     *
     * @param test a class of the module that has the file
     * @param name its name, for example {@code route-request.hex}
     * @return its bytes
     */
    public static byte[] read(Class<?> test, String name) {
        String path = "/golden/" + name;
        try (InputStream in = test.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + path);
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The files of a folder.
     *
     * @param test a class of the module that has the folder, as files, not in a jar
     * @param folder its name, for example {@code frames}
     * @return their names without {@code .hex}, in order
     */
    public static List<String> names(Class<?> test, String folder) {
        URL found = test.getResource("/golden/" + folder);
        if (found == null) {
            throw new IllegalArgumentException("no resource /golden/" + folder);
        }
        try (Stream<Path> files = Files.list(Path.of(found.toURI()))) {
            return files.map(file -> file.getFileName().toString().replace(".hex", ""))
                    .sorted()
                    .toList();
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException("cannot list " + found, e);
        }
    }

    /**
     * Reads the text of such a file.
     *
     * @param text its lines
     * @return its bytes
     */
    public static byte[] parse(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        text.lines().forEach(line -> {
            if (line.startsWith("\"")) {
                out.writeBytes(line.substring(1).getBytes(StandardCharsets.UTF_8));
            } else if (!line.startsWith("#")) {
                hex(line.replaceAll("[ \t|]", ""), out);
            }
        });
        return out.toByteArray();
    }

    private static void hex(String digits, ByteArrayOutputStream out) {
        for (int i = 0; i < digits.length(); i += 2) {
            out.write(Integer.parseInt(digits.substring(i, i + 2), 16));
        }
    }
}
