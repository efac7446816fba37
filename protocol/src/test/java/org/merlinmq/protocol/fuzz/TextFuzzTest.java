package org.merlinmq.protocol.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.PropertiesText;
import org.merlinmq.protocol.body.RegisterBrokerBody;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicConfigTable;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.frame.ProtocolVersion;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.message.PropertyBytes;

class TextFuzzTest {
    static Stream<byte[]> seeds() {
        TopicConfigTable topics = new TopicConfigTable(new DataVersion(1, 2, 3), Map.of("T", TopicConfig.of("T", 4)));
        return Stream.concat(
                Stream.of("KEYS\u0001a b\u0002TAGS\u0001t", "a=b\nc=\\u0041", "7F0000010000C6DF00000000000000FB")
                        .map(Bytes::utf8),
                Stream.of(new RegisterBrokerBody(topics, List.of("a:1")).writeCompressed()));
    }

    /** Properties, settings, message ids and compressed registrations. */
    @MethodSource("seeds")
    @FuzzTest(maxDuration = "2m")
    void anyBytesAreReadOrRefused(byte[] bytes) {
        String text = Bytes.text(bytes, 0, bytes.length);
        byte[] utf8 = Bytes.utf8(text);
        Map<String, String> properties = MessageProperties.read(text);
        properties.forEach((name, value) -> {
            int at = PropertyBytes.find(utf8, 0, utf8.length, Bytes.utf8(name));
            assertThat(Bytes.text(utf8, at, PropertyBytes.valueBytes(utf8, at, utf8.length)))
                    .isEqualTo(value);
        });
        try {
            assertThat(MessageId.decode(text).host()).isNotEmpty();
        } catch (FieldException e) {
            assertThat(e.getMessage()).contains("msgId");
        }
        readsOrRefuses(() -> PropertiesText.read(bytes));
        readsOrRefuses(() -> RegisterBrokerBody.read(bytes, true, ProtocolVersion.CURRENT));
    }

    private static void readsOrRefuses(Supplier<?> read) {
        try {
            assertThat(read.get()).isNotNull();
        } catch (JsonException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
