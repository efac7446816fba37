package org.merlinmq.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NameTableTest {
    private static <V> @Nullable V find(NameTable<V> table, String name) {
        byte[] padded = ("<" + name + ">").getBytes(StandardCharsets.UTF_8);
        return table.find(padded, 1, padded.length - 2);
    }

    @Test
    void bytesAndTextFindTheSame() {
        NameTable<Integer> table = new NameTable<>();
        table.put("topic", 1);
        table.put("größe", 2);
        assertThat(find(table, "topic")).isEqualTo(1);
        assertThat(find(table, "größe")).isEqualTo(2);
        assertThat(find(table, "topi")).isNull();
        table.put("topic", 3);
        assertThat(find(table, "topic")).isEqualTo(3);
        assertThat(table.find("topic")).isEqualTo(3);
        assertThat(table.findOrAdd("topic", name -> 9)).isEqualTo(3);
        assertThat(table.remove("topic")).isEqualTo(3);
        assertThat(find(table, "topic")).isNull();
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void randomChangesAgreeWithAMap() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        NameTable<Integer> table = new NameTable<>();
        Map<String, Integer> model = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            String name = "n" + random.nextInt(500);
            if (random.nextInt(3) > 0) {
                table.put(name, step);
                model.put(name, step);
            } else {
                assertThat(table.remove(name)).as("seed %d", seed).isEqualTo(model.remove(name));
            }
            String other = "n" + random.nextInt(500);
            assertThat(find(table, other)).as("seed %d", seed).isEqualTo(model.get(other));
        }
    }
}
