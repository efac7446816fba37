package org.merlinmq.storage.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.testkit.Seeds;

/** Entries on their way to another store. */
final class StateEntriesTest {
    private static List<String> list(StateEntries entries) {
        List<String> found = new ArrayList<>();
        entries.forEach((type, key, value) -> found.add(type + Arrays.toString(key) + Arrays.toString(value)));
        return found;
    }

    @Test
    void entriesArriveInPartsAsTheyWere() {
        Seeds.forEach(200, random -> {
            StateEntries entries = new StateEntries();
            for (int i = random.nextInt(50); i > 0; i--) {
                byte[] value = new byte[random.nextInt(random.nextInt(10) == 0 ? 500 : 20)];
                entries.entry(random.nextInt(9), new byte[random.nextInt(9)], random.nextInt(5) == 0 ? null : value);
            }
            int most = 1 + random.nextInt(200);
            StateEntries arrived = new StateEntries();
            int[] parts = {0};
            entries.forEachPart(most, (bytes, count) -> {
                parts[0]++;
                assertThat(count <= 1 || bytes.length <= most).isTrue();
                arrived.addPart(bytes, count);
            });
            assertThat(parts[0]).isPositive();
            assertThat(list(arrived)).isEqualTo(list(entries));
        });
    }

    @Test
    void aPartThatSaysOtherCountsIsRefused() {
        StateEntries entries = new StateEntries();
        entries.entry(1, new byte[] {1}, new byte[] {2});
        entries.entry(1, new byte[] {2}, new byte[] {3});
        entries.forEachPart(1 << 10, (bytes, count) -> {
            assertThat(count).isEqualTo(2);
            assertThatThrownBy(() -> new StateEntries().addPart(bytes, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new StateEntries().addPart(bytes, 3)).isInstanceOf(IllegalArgumentException.class);
        });
    }
}
