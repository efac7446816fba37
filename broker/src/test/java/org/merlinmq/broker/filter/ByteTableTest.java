package org.merlinmq.broker.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.testkit.Seeds;

class ByteTableTest {
    private static int find(ByteTable table, String text) {
        byte[] bytes = Bytes.utf8("<" + text + ">");
        return table.find(bytes, 1, bytes.length - 2);
    }

    @Test
    void anEmptyTableHoldsNothing() {
        assertThat(find(ByteTable.EMPTY, "")).isEqualTo(-1);
        assertThat(ByteTable.of(List.of()).size()).isZero();
    }

    @Test
    void eachTextIsFoundByItsPlaceAndNoOther() {
        Seeds.forEach(200, ByteTableTest::eachText);
    }

    private static void eachText(RandomGenerator random) {
        Set<String> texts = new LinkedHashSet<>();
        int count = random.nextInt(40);
        for (int i = 0; i < count; i++) {
            texts.add(Integer.toString(random.nextInt(1 << random.nextInt(1, 20)), 36));
        }
        List<String> all = new ArrayList<>(texts);
        ByteTable table = ByteTable.of(all);
        for (int i = 0; i < all.size(); i++) {
            assertThat(find(table, all.get(i))).isEqualTo(i);
        }
        for (int i = 0; i < 50; i++) {
            String text = Integer.toString(random.nextInt(1 << 20), 36);
            assertThat(find(table, text)).isEqualTo(all.indexOf(text));
        }
    }
}
