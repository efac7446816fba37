package org.merlinmq.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimClock;

class MessagePropertyTest {
    private static byte[] bytes(RandomGenerator random, int max) {
        byte[] bytes = new byte[random.nextInt(max + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Map<String, String> properties(RandomGenerator random) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (int i = random.nextInt(12); i > 0; i--) {
            properties.put("n" + random.nextInt(20) + (random.nextBoolean() ? "é" : ""), "v" + random.nextLong());
        }
        return properties;
    }

    @Test
    void anyRecordReadsBackAndAnyCutOfItIsRefused() {
        RecordWriter writer = new RecordWriter();
        RecordView view = new RecordView();
        Seeds.forEach(500, random -> {
            byte[] body = bytes(random, 200);
            byte[] topic = Bytes.ascii("t".repeat(1 + random.nextInt(255)));
            byte[] born = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(born);
            byte[] store = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(store);
            int sysFlag = random.nextInt();
            Map<String, String> properties = properties(random);
            long born1 = random.nextLong();
            long prepared = random.nextLong();
            writer.queueId(random.nextInt())
                    .flag(random.nextInt())
                    .sysFlag(sysFlag)
                    .bornMillis(born1);
            writer.bornHost(born, random.nextInt(65536)).storeHost(store, 10911);
            writer.reconsumeTimes(random.nextInt()).preparedOffset(prepared);
            ByteWriter out = new ByteWriter(random.nextInt(100));
            out.put(bytes(random, 50));
            int at = writer.begin(out, body, 0, body.length, topic, 0, topic.length);
            out.putUtf8(MessageProperties.write(properties));
            int total = writer.end(out);
            RecordLayout.place(out.array(), at, 1, 2, 3);
            assertThat(view.on(out.array(), at, total)).isTrue();
            assertThat(view.bodyCrcMatches()).isTrue();
            assertThat(view.properties()).isEqualTo(properties);
            assertThat(view.topicBytes()).isEqualTo(topic.length);
            assertThat(Arrays.copyOfRange(out.array(), view.bodyAt(), view.bodyAt() + view.bodyBytes()))
                    .isEqualTo(body);
            assertThat(view.bornHostBytes()).isEqualTo(born.length);
            assertThat(view.storeHostBytes()).isEqualTo(store.length);
            assertThat(view.bornMillis()).isEqualTo(born1);
            assertThat(view.preparedOffset()).isEqualTo(prepared);
            assertThat(view.storeMillis()).isEqualTo(3);
            assertThat(view.sysFlag() & ~0x30).isEqualTo(sysFlag & ~0x30);
            assertThat(RecordLayout.recordBytes(view.sysFlag(), body.length, topic.length, view.propertiesBytes()))
                    .isEqualTo(total);
            for (int cut = 0; cut < total; cut++) {
                assertThat(view.on(out.array(), at, cut)).isFalse();
            }
        });
    }

    @Test
    void recordsWithFlippedBytesNeverReachOutOfTheirBounds() {
        RecordView view = new RecordView();
        Seeds.forEach(300, random -> {
            ByteWriter out = new ByteWriter();
            byte[] topic = Bytes.ascii("Topic");
            RecordWriter writer = new RecordWriter();
            writer.begin(out, bytes(random, 60), 0, 0, topic, 0, topic.length);
            out.putUtf8(MessageProperties.write(properties(random)));
            writer.end(out);
            byte[] record = out.toByteArray();
            for (int i = 0; i < 300; i++) {
                byte[] flipped = record.clone();
                flipped[random.nextInt(flipped.length)] = (byte) random.nextInt();
                RecordChecks.readsWithinBounds(view, flipped);
            }
        });
    }

    @Test
    void propertiesAreFoundInBytesAsInTexts() {
        Seeds.forEach(3000, random -> {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append("ab\u0001\u0001\u0002\u0002é".charAt(random.nextInt(7)));
            }
            byte[] room = Bytes.utf8("##" + text + "##");
            int end = room.length - 2;
            Map<String, String> expected = MessageProperties.read(text.toString());
            for (String name : List.of("a", "b", "ab", "ba", "é", "aa", "")) {
                byte[] key = Bytes.utf8(name);
                int at = PropertyBytes.find(room, 2, end - 2, key);
                String value = expected.get(name);
                if (value == null) {
                    assertThat(at).isEqualTo(-1);
                } else {
                    assertThat(Bytes.text(room, at, PropertyBytes.valueBytes(room, at, end)))
                            .isEqualTo(value);
                }
            }
        });
    }

    @Test
    void propertyTextWithAndWithoutLastEndIsTheSame() {
        assertThat(MessageProperties.read("a\u00011\u0002b\u00012"))
                .isEqualTo(MessageProperties.read("a\u00011\u0002b\u00012\u0002"))
                .containsExactly(Map.entry("a", "1"), Map.entry("b", "2"));
        assertThat(MessageProperties.read("a\u0001\u0002\u0001x\u0002q\u0002")).isEmpty();
        assertThat(MessageProperties.read("a\u00011\u0002a\u00012\u0002")).containsEntry("a", "2");
    }

    @Test
    void batchesReadBackAndCutOnesAreMalformed() {
        BatchScan scan = new BatchScan();
        Seeds.forEach(300, random -> {
            ByteWriter out = new ByteWriter();
            List<byte[]> bodies = new ArrayList<>();
            List<Integer> ends = new ArrayList<>(List.of(0));
            for (int i = random.nextInt(6); i >= 0; i--) {
                byte[] body = bytes(random, 40);
                bodies.add(body);
                BatchScan.append(out, i, body, Bytes.utf8(MessageProperties.write(properties(random))));
                ends.add(out.length());
            }
            scan.on(out.array(), 0, out.length());
            for (byte[] body : bodies) {
                assertThat(scan.next()).isTrue();
                assertThat(Arrays.copyOfRange(out.array(), scan.bodyAt(), scan.bodyAt() + scan.bodyBytes()))
                        .isEqualTo(body);
            }
            assertThat(scan.next()).isFalse();
            assertThat(scan.isMalformed()).isFalse();
            for (int cut = 0; cut < out.length(); cut++) {
                int count = scan.count(out.array(), 0, cut);
                assertThat(count >= 0).isEqualTo(ends.contains(cut));
            }
        });
    }

    @Test
    void messageIdTellsWhereTheRecordIs() {
        byte[] host = {127, 0, 0, 1};
        assertThat(MessageId.encode(host, 0xC6DF, 0xFB)).isEqualTo("7F0000010000C6DF00000000000000FB");
        assertThat(MessageId.decode("7F0000010000C6DF00000000000000fb"))
                .isEqualTo(new MessageId("127.0.0.1", 0xC6DF, 0xFB));
        byte[] wide = new byte[16];
        wide[15] = 1;
        String id = MessageId.encode(wide, 10911, Long.MAX_VALUE);
        assertThat(id).hasSize(56);
        assertThat(MessageId.decode(id).logOffset()).isEqualTo(Long.MAX_VALUE);
        for (String bad : new String[] {"", "7F", "x".repeat(32), "é".repeat(56)}) {
            assertThatThrownBy(() -> MessageId.decode(bad)).isInstanceOf(FieldException.class);
        }
    }

    @Test
    void uniqueKeysDifferAndCountTheMonthAnew() {
        SimClock clock = new SimClock(1_769_903_999_990L); // 10 ms before February 2026
        UniqueKey keys = new UniqueKey(new byte[] {7, 1, 2, 3}, 0x14AD8, 0x5FFD2B27, clock);
        Set<String> made = new HashSet<>();
        for (int i = 0; i < 65_536; i++) {
            made.add(keys.next());
        }
        assertThat(made).hasSize(65_536).allMatch(key -> key.length() == 32 && key.startsWith("070102034AD85FFD2B27"));
        clock.advance(Duration.ofMillis(15));
        assertThat(keys.next().substring(20, 28)).isEqualTo("00000005");
    }

    @Test
    void tagCodeIsTheHashOfTheText() {
        Seeds.forEach(500, random -> {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(20); i > 0; i--) {
                text.appendCodePoint(random.nextInt(3) == 0 ? 0x400 + random.nextInt(500) : 'A' + random.nextInt(40));
            }
            byte[] utf8 = Bytes.utf8(text.toString());
            assertThat(Bytes.javaHash(utf8, 0, utf8.length))
                    .isEqualTo(text.toString().hashCode());
        });
    }

    @Test
    void bodyChecksumIsZlibsWithoutTheSign() {
        byte[] body = {1, 2, 3};
        CRC32 crc = new CRC32();
        crc.update(body);
        ByteWriter out = new ByteWriter();
        RecordWriter writer = new RecordWriter();
        writer.begin(out, body, 0, 3, Bytes.ascii("T"), 0, 1);
        writer.end(out);
        assertThat(Bytes.getInt(out.array(), RecordLayout.BODY_CRC_AT)).isEqualTo((int) crc.getValue() & 0x7FFFFFFF);
    }

    @Test
    void mappedIpv4IsStoredAsIpv4() {
        byte[] mapped = new byte[16];
        mapped[10] = -1;
        mapped[11] = -1;
        mapped[12] = 10;
        ByteWriter out = new ByteWriter();
        RecordWriter writer = new RecordWriter().bornHost(mapped, 80);
        writer.begin(out, new byte[0], 0, 0, Bytes.ascii("T"), 0, 1);
        int total = writer.end(out);
        RecordView view = new RecordView();
        assertThat(view.on(out.array(), 0, total)).isTrue();
        assertThat(view.bornHost()).isEqualTo("10.0.0.0:80");
    }

    @Test
    void tooManyPropertiesLeaveTheSinkAsItWas() {
        ByteWriter out = new ByteWriter();
        out.putInt(1);
        RecordWriter writer = new RecordWriter();
        writer.begin(out, new byte[0], 0, 0, Bytes.ascii("T"), 0, 1);
        out.put(new byte[32768]);
        assertThatThrownBy(() -> writer.end(out)).isInstanceOf(IllegalArgumentException.class);
        assertThat(out.length()).isEqualTo(4);
    }
}
