package org.merlinmq.broker.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.facts.KeyHash;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.testkit.SimClock;

class StoredKeysTest {
    @TempDir
    Path folder;

    private final SimClock clock = new SimClock();
    private final DedupMemory memory = new DedupMemory(1 << 20);
    private TestStore store;

    @BeforeEach
    void open() {
        store = new TestStore(folder, clock, RecordRule.NONE);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static long hash(String key) {
        byte[] topic = Bytes.utf8("T");
        byte[] bytes = Bytes.utf8(key);
        return KeyHash.of(KeyHash.topic(topic, 0, topic.length), bytes, 0, bytes.length);
    }

    private long put(Map<String, String> properties) {
        return store.put("T", 0, "x", properties, 0, 0);
    }

    private StoredKeys read(long maxBytes) {
        return StoredKeys.read(store.storage(), 0, Long.MAX_VALUE, memory, maxBytes);
    }

    @Test
    void allAreKnownWhereMemoryIsEnough() {
        long[] at = new long[5_000];
        for (int i = 0; i < at.length; i++) {
            at[i] = put(Map.of("UNIQ_KEY", "u" + i));
        }
        StoredKeys keys = read(1 << 20);
        for (int i = 0; i < at.length; i++) {
            assertThat(keys.find(hash("u" + i), 0)).as("key %s", i).isEqualTo(at[i]);
            assertThat(keys.find(hash("u" + i), 1)).isEqualTo(DedupTables.NONE);
        }
        assertThat(keys.find(hash("other"), 0)).isEqualTo(DedupTables.NONE);
        assertThat(keys.sinceMillis()).isEqualTo(Long.MIN_VALUE);
        assertThat(memory.usedBytes()).isEqualTo(keys.bytes());
    }

    @Test
    void whereMemoryEndsTheNewestAreKnownAndItSaysSinceWhen() {
        long[] at = new long[5_000];
        long first = clock.millis();
        for (int i = 0; i < at.length; i++) {
            clock.set(first + i);
            at[i] = put(Map.of("UNIQ_KEY", "u" + i));
        }
        StoredKeys keys = read(16 << 10);
        assertThat(keys.bytes()).isEqualTo(16 << 10);
        int unknown = (int) (keys.sinceMillis() - first) + 1;
        assertThat(at.length - unknown).isBetween(300, 768);
        for (int i = unknown; i < at.length; i++) {
            assertThat(keys.find(hash("u" + i), 0)).as("key %s", i).isEqualTo(at[i]);
        }
        assertThat(keys.find(hash("u" + (unknown - 1)), 0)).isEqualTo(DedupTables.NONE);
    }

    @Test
    void aMessageThatNamesAnothersKeyDoesNotHideThatOne() {
        long first = put(Map.of("UNIQ_KEY", "u1"));
        long second = put(Map.of("UNIQ_KEY", "u2", "KEYS", "u1"));
        StoredKeys keys = read(1 << 20);
        assertThat(List.of(keys.find(hash("u1"), 0), keys.find(hash("u1"), 1)))
                .containsExactlyInAnyOrder(first, second);
        assertThat(keys.find(hash("u1"), 2)).isEqualTo(DedupTables.NONE);
    }

    /** All messages of an application may have one word among their keys. */
    @Test
    void ofOneHashFewAreKept() {
        List<Long> at = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            at.add(put(Map.of("UNIQ_KEY", "u" + i, "KEYS", "all")));
        }
        StoredKeys keys = read(1 << 20);
        assertThat(keys.count()).isEqualTo(100 + StoredKeys.MAX_SAME);
        assertThat(keys.find(hash("all"), StoredKeys.MAX_SAME - 1)).isIn(at);
        assertThat(keys.find(hash("all"), StoredKeys.MAX_SAME)).isEqualTo(DedupTables.NONE);
    }
}
