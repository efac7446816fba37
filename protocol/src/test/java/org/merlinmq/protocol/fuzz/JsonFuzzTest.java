package org.merlinmq.protocol.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonValue;
import org.merlinmq.protocol.json.JsonWriter;

class JsonFuzzTest {
    static Stream<byte[]> seeds() {
        return FuzzSeeds.json();
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "2m")
    void whatReadsIsWrittenAndReadsTheSame(byte[] bytes) {
        JsonValue value;
        try {
            value = JsonReader.read(bytes);
        } catch (JsonException e) {
            return;
        }
        byte[] written = new JsonWriter().value(value).toByteArray();
        byte[] again = new JsonWriter().value(JsonReader.read(written)).toByteArray();
        assertThat(again).isEqualTo(written);
    }
}
