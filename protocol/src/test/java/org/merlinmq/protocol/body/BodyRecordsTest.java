package org.merlinmq.protocol.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.merlinmq.protocol.RandomRecords;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.ProtocolVersion;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;
import org.merlinmq.testkit.Golden;
import org.merlinmq.testkit.Seeds;

class BodyRecordsTest {
    private static final String DAMAGE = "{}[]\",:0-e\\unlt\u0001";

    @Test
    void everyBodyReadsBackWhatItWrote() {
        assertThat(BodyChecks.BODIES).hasSizeGreaterThan(45);
        Seeds.forEach(50, random -> {
            for (Class<?> type : BodyChecks.BODIES) {
                JsonBody body = (JsonBody) new RandomRecords(random).record(type, true);
                assertThat(BodyChecks.read(type, body.write())).isEqualTo(body);
            }
        });
    }

    @Test
    void everyBodyIsWrittenInAlphabeticalOrder() {
        Seeds.forEach(3, random -> {
            for (Class<?> type : BodyChecks.BODIES) {
                JsonBody body = (JsonBody) new RandomRecords(random).record(type, false);
                List<String> names = JsonReader.readObject(body.write()).members().stream()
                        .map(member -> member.name())
                        .toList();
                assertThat(names).as(type.getSimpleName()).isSorted();
            }
        });
    }

    @Test
    void damagedBodiesAreReadOrRefused() {
        Seeds.forEach(20, random -> {
            for (int kind = 0; kind < BodyChecks.BODIES.size(); kind++) {
                JsonBody body = (JsonBody) new RandomRecords(random).record(BodyChecks.BODIES.get(kind), true);
                for (int i = 0; i < 20; i++) {
                    BodyChecks.readsOrRefuses(kind, damaged(body.write(), random));
                }
            }
        });
    }

    private static byte[] damaged(byte[] bytes, RandomGenerator random) {
        byte[] damaged = Arrays.copyOf(bytes, bytes.length - random.nextInt(2) * random.nextInt(bytes.length));
        for (int i = random.nextInt(3); i >= 0 && damaged.length > 0; i--) {
            damaged[random.nextInt(damaged.length)] = (byte) DAMAGE.charAt(random.nextInt(DAMAGE.length()));
        }
        return damaged;
    }

    static List<String> bodies() {
        return Golden.names(BodyRecordsTest.class, "bodies");
    }

    /** The name of the file starts with the class that reads it. */
    @ParameterizedTest
    @MethodSource("bodies")
    void bodiesOfRealPeersKeepAllTheySay(String name) throws ReflectiveOperationException, ClassNotFoundException {
        byte[] captured = Golden.read(BodyRecordsTest.class, "bodies/" + name + ".hex");
        Class<?> type = Class.forName(TopicRoute.class.getPackageName() + '.' + name.replaceAll("-.*", ""));
        JsonBody body = BodyChecks.read(type, captured);
        byte[] canonical = new JsonWriter().value(JsonReader.read(captured)).toByteArray();
        byte[] written = body.write();
        boolean lossy = name.equals("HaStatus") || name.startsWith("TopicRoute-4");
        if (!lossy) {
            assertThat(Bytes.text(written, 0, written.length)).isEqualTo(Bytes.text(canonical, 0, canonical.length));
        }
        assertThat(BodyChecks.read(type, written)).isEqualTo(body);
    }

    @Test
    void routeOfOldServersHasItsOldSpelling() {
        TopicRoute route = TopicRoute.read(Golden.read(BodyRecordsTest.class, "bodies/TopicRoute-4.4.0.hex"));
        assertThat(route.brokerDatas().get(0).brokerAddrs()).containsEntry(0L, "127.0.0.1:10911");
        assertThat(route.queueDatas().get(0).topicSysFlag()).isEqualTo(1);
    }

    @Test
    void heartbeatsOfClientsInGoAndCppRead() {
        assertThat(consumer("\"PUSH\"", "\"Clustering\"", "\"CONSUME_FROM_FIRST_OFFSET\""))
                .isEqualTo(consumer("1", "1", "4"))
                .isEqualTo(new ConsumerEntry(
                        ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET,
                        ConsumeType.CONSUME_PASSIVELY,
                        "g",
                        MessageModel.CLUSTERING,
                        List.of(),
                        false));
        assertThat(consumer("0", "0", "5").messageModel()).isEqualTo(MessageModel.BROADCASTING);
    }

    @Test
    void aSubscriptionOfNoKindIsOneByTags() {
        for (String kind : List.of("", ",\"expressionType\":\"\"", ",\"expressionType\":null")) {
            byte[] json = Bytes.utf8("{\"topic\":\"T\",\"subString\":\"a\"" + kind + '}');
            assertThat(SubscriptionEntry.read(json).expressionType()).isEqualTo("TAG");
        }
    }

    private static ConsumerEntry consumer(String type, String model, String where) {
        return ConsumerEntry.read(Bytes.utf8("{\"groupName\":\"g\",\"consumeType\":" + type + ",\"messageModel\":"
                + model + ",\"consumeFromWhere\":" + where + '}'));
    }

    @Test
    void compressedRegistrationReadsBack() {
        Seeds.forEach(50, random -> {
            RandomRecords records = new RandomRecords(random);
            DataVersion version = (DataVersion) records.record(DataVersion.class, true);
            Map<String, TopicConfig> topics = new TreeMap<>();
            for (int i = random.nextInt(50); i > 0; i--) {
                Map<String, String> attributes = random.nextBoolean() ? Map.of() : Map.of("message.type", "FI FO");
                topics.put("T" + i, new TopicConfig("T" + i, i, 2, 6, "SINGLE_TAG", 0, false, attributes));
            }
            RegisterBrokerBody body = new RegisterBrokerBody(new TopicConfigTable(version, topics), List.of("a:1"));
            byte[] bytes = body.writeCompressed();
            assertThat(RegisterBrokerBody.read(bytes, true, ProtocolVersion.CURRENT))
                    .isEqualTo(body);
            assertThat(RegisterBrokerBody.read(body.write(), false, ProtocolVersion.CURRENT))
                    .isEqualTo(body);
            for (int i = 0; i < 100; i++) {
                byte[] damaged = Arrays.copyOf(bytes, random.nextInt(bytes.length) + 1);
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
                readsOrRefuses(damaged);
            }
        });
    }

    private static void readsOrRefuses(byte[] stream) {
        try {
            assertThat(RegisterBrokerBody.read(stream, true, ProtocolVersion.CURRENT))
                    .isNotNull();
        } catch (JsonException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }

    @Test
    void offsetsForClientsInCppAreAList() {
        ResetOffsets offsets = new ResetOffsets(Map.of(new MessageQueueId("T", "b", 3), 7L));
        byte[] list = offsets.writeAsList();
        assertThat(Bytes.text(list, 0, list.length))
                .isEqualTo("{\"offsetTable\":[{\"brokerName\":\"b\",\"offset\":7,\"queueId\":3,\"topic\":\"T\"}]}");
        assertThat(ResetOffsets.read(list)).isEqualTo(offsets);
        byte[] table = offsets.write();
        assertThat(Bytes.text(table, 0, table.length))
                .isEqualTo("{\"offsetTable\":{{\"brokerName\":\"b\",\"queueId\":3,\"topic\":\"T\"}:7}}");
    }

    @Test
    void settingsAreSortedLines() {
        byte[] text = PropertiesText.write(Map.of("b", "2", "a", "x=1"));
        assertThat(Bytes.text(text, 0, text.length)).isEqualTo("a=x=1\nb=2\n");
        assertThat(PropertiesText.read(text)).isEqualTo(Map.of("a", "x=1", "b", "2"));
        assertThatThrownBy(() -> PropertiesText.read(Bytes.utf8("a=\\u12"))).isInstanceOf(JsonException.class);
    }
}
