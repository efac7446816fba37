package org.merlinmq.broker.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.facts.KeyHash;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.testkit.Seeds;

/** One pass finds what looking for each property finds. */
class HalfScanTest {
    private static final String[] NAMES = {
        PropertyName.PGROUP,
        PropertyName.REAL_TOPIC,
        PropertyName.REAL_QID,
        PropertyName.TRAN_DELAY_MS,
        PropertyName.TAGS,
        PropertyName.KEYS,
        PropertyName.UNIQ_KEY,
        PropertyName.WAIT,
        "PGROUPS",
        "",
    };

    private final RecordView view = new RecordView();

    private RecordView record(RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(NAMES[random.nextInt(NAMES.length)]).append(random.nextInt(9) == 0 ? "" : "\u0001");
            text.append(random.nextBoolean() ? "" + random.nextInt(100) : "a b".substring(random.nextInt(4)));
            text.append(i == 1 && random.nextBoolean() ? "" : "\u0002");
        }
        ByteWriter out = new ByteWriter();
        RecordWriter writer = new RecordWriter();
        writer.begin(out, new byte[9], 0, 9, Bytes.ascii("T"), 0, 1);
        out.put(Bytes.ascii(text.toString()));
        assertThat(view.on(out.array(), 0, writer.end(out))).isTrue();
        return view;
    }

    private static String find(RecordView record, String name) {
        byte[] b = record.bytes();
        int end = record.propertiesAt() + record.propertiesBytes();
        int value = PropertyBytes.find(b, record.propertiesAt(), record.propertiesBytes(), Bytes.ascii(name));
        return value < 0 ? "" : Bytes.text(b, value, PropertyBytes.valueBytes(b, value, end));
    }

    private static long number(String text) {
        ByteSlice slice = new ByteSlice();
        return HalfProperties.number(slice.set(text));
    }

    @Test
    void aScanFindsWhatLookingForEachPropertyFinds() {
        HalfScan scan = new HalfScan();
        Seeds.forEach(2000, random -> {
            RecordView half = record(random);
            scan.on(half);
            assertThat(scan.group.text()).isEqualTo(find(half, PropertyName.PGROUP));
            assertThat(scan.topic.text()).isEqualTo(find(half, PropertyName.REAL_TOPIC));
            assertThat(scan.queueId()).isEqualTo(number(find(half, PropertyName.REAL_QID)));
            assertThat(scan.delayAfterCommit()).isEqualTo(number(find(half, PropertyName.TRAN_DELAY_MS)));
        });
    }

    @Test
    void aRecordIsFoundByTheSameKeysWhetherItIsScannedOrRead() {
        HalfScan scan = new HalfScan();
        Seeds.forEach(2000, random -> {
            RecordView half = record(random);
            RecordFacts read = new RecordFacts().read(half, RecordRule.NONE);
            byte[] moved = new byte[half.totalBytes() + 100];
            System.arraycopy(half.bytes(), 0, moved, 100, half.totalBytes());
            RecordFacts scanned =
                    new RecordFacts().begin(moved, 100, KeyHash.topic(half.bytes(), half.topicAt(), half.topicBytes()));
            scan.on(half).describe(scanned, 100);
            assertThat(scanned.tagsCode()).isEqualTo(read.tagsCode());
            assertThat(keys(scanned)).isEqualTo(keys(read));
        });
    }

    private static long[] keys(RecordFacts facts) {
        return IntStream.range(0, facts.keyCount()).mapToLong(facts::key).toArray();
    }
}
