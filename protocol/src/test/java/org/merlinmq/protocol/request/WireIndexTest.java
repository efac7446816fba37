package org.merlinmq.protocol.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.RandomRecords;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.Header;
import org.merlinmq.protocol.reply.SendReply;

class WireIndexTest {
    private static final Pattern ENTRY = Pattern.compile("`(\\w+)`: ([^|<]*)");
    private static final Pattern FIELD = Pattern.compile("`(\\w+)`(?=(/`\\w+`)? (?:text|int|long|bool))");

    private static List<String> lines() throws IOException {
        return Files.readAllLines(Path.of("..", "docs", "wire", "README.md")).stream()
                .filter(line -> line.matches("\\| \\d+ .*"))
                .toList();
    }

    @Test
    void everyLineNamesItsCode() throws IOException {
        for (String line : lines()) {
            String[] cells = line.split("\\|", -1);
            RequestCode code = RequestCode.of(Integer.parseInt(cells[1].trim()));
            assertThat(code).isNotNull();
            assertThat(code).hasToString(cells[2].trim());
        }
    }

    @Test
    void everyHeaderIsListedWithTheFieldsItWrites() throws IOException, ReflectiveOperationException {
        String index = String.join("\n", lines());
        List<Class<?>> headers = new ArrayList<>(RandomRecords.of(SendRequest.class, Header.class));
        headers.addAll(RandomRecords.of(SendReply.class, Header.class));
        for (Class<?> type : headers) {
            Header header = (Header) new RandomRecords(new Random(1)).record(type, false);
            Matcher entry = ENTRY.matcher(index);
            Set<String> listed = null;
            while (listed == null && entry.find()) {
                listed = entry.group(1).equals(type.getSimpleName()) ? fields(entry.group(2)) : null;
            }
            assertThat(listed)
                    .as(type.getSimpleName() + " in docs/wire/README.md")
                    .isEqualTo(new TreeSet<>(Frame.fieldsOf(header).keySet()));
        }
    }

    private static Set<String> fields(String text) {
        Set<String> names = new TreeSet<>();
        Matcher field = FIELD.matcher(text);
        while (field.find()) {
            boolean secondSpelling = field.start() > 0 && text.charAt(field.start() - 1) == '/';
            if (!secondSpelling) {
                names.add(field.group(1));
            }
        }
        return names;
    }
}
