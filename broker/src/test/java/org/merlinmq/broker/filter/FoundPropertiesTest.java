package org.merlinmq.broker.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.testkit.Seeds;

class FoundPropertiesTest {
    /** Some begin alike, up to a word and beyond. */
    private static final List<String> NAMES = List.of(
            "a",
            "b",
            "ab",
            "aba",
            "TAGS",
            "sixsix",
            "seven_7",
            "eight__8",
            "eight__8_",
            "eight__8_and_more",
            "eight__8_and_most",
            "eight__",
            "grün");

    private final FoundProperties found = new FoundProperties();

    @Test
    void whatIsFoundIsWhatThePropertiesSayWhereverTheyEnd() {
        Seeds.forEach(2_000, this::eachName);
    }

    private void eachName(RandomGenerator random) {
        List<String> names = new ArrayList<>(NAMES);
        Collections.shuffle(names, new Random(random.nextLong()));
        List<String> wanted = List.copyOf(names.subList(0, random.nextInt(names.size() + 1)));
        String properties = properties(random);
        byte[] text = Bytes.utf8(properties);
        int at = random.nextInt(9);
        byte[] b = new byte[at + text.length + random.nextInt(20)];
        for (int i = 0; i < b.length; i++) { // what lies around them looks like more of them
            b[i] = (byte) "a\u0001b\u0001\u0002".charAt(random.nextInt(5));
        }
        System.arraycopy(text, 0, b, at, text.length);
        found.find(b, at, text.length, new PropertyNames(wanted));
        Map<String, String> model = model(properties);
        for (int i = 0; i < wanted.size(); i++) {
            String value = found.has(i) ? Bytes.text(found.bytes(), found.at(i), found.length(i)) : null;
            assertThat(value)
                    .as("%s of %s in %s", wanted.get(i), wanted, Arrays.toString(text))
                    .isEqualTo(model.get(wanted.get(i)));
        }
    }

    /** Properties, and what looks like them: without name, value, or sign between; cut off; the same name again. */
    private static String properties(RandomGenerator random) {
        StringBuilder all = new StringBuilder();
        for (int count = random.nextInt(12); count > 0; count--) {
            String name = random.nextInt(9) == 0 ? "" : NAMES.get(random.nextInt(NAMES.size()));
            all.append(name);
            all.append(random.nextInt(9) == 0 ? "" : random.nextInt(9) == 0 ? "\u0001\u0001" : "\u0001");
            all.append("x".repeat(random.nextInt(12))).append(random.nextInt(9) == 0 ? "" : "\u0002");
        }
        String text = all.toString();
        return text.substring(0, text.length() - random.nextInt(1 + Math.min(3, text.length())));
    }

    private static Map<String, String> model(String properties) {
        Map<String, String> model = new HashMap<>();
        for (String item : properties.split("\u0002", -1)) {
            int nameEnd = item.indexOf('\u0001');
            if (nameEnd > 0 && nameEnd + 1 < item.length()) {
                model.put(item.substring(0, nameEnd), item.substring(nameEnd + 1));
            }
        }
        return model;
    }
}
