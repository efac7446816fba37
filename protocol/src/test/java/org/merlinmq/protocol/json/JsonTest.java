package org.merlinmq.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.protocol.bytes.Bytes;

class JsonTest {
    private static String rewritten(String text) {
        byte[] written =
                new JsonWriter().value(JsonReader.read(Bytes.utf8(text))).toByteArray();
        return new String(written, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "[1,-2,3.5,1e9,true,false,null,\"x\"]",
                "{\"a\":{\"b\":[{}]},\"c\":\"\\u0001\\n\\\"\\\\é\"}",
                "{{\"brokerName\":\"b\",\"queueId\":0,\"topic\":\"T\"}:5}",
                "9223372036854775807",
                "-9223372036854775808",
                "123456789012345678901234567890"
            })
    void canonicalTextSurvives(String text) {
        assertThat(rewritten(text)).isEqualTo(text);
    }

    @Test
    void bareNumberKeysAreQuoted() {
        assertThat(rewritten("{0:\"a\", 1 : \"b\"}")).isEqualTo("{\"0\":\"a\",\"1\":\"b\"}");
    }

    @Test
    void objectKeysAreReadRawAndQuoted() {
        for (String text : new String[] {"{{\"t\":\"T\"}:5}", "{\"{\\\"t\\\":\\\"T\\\"}\":5}"}) {
            JsonObject.Member member =
                    JsonReader.readObject(Bytes.utf8(text)).members().get(0);
            assertThat(member.keyObject().requiredText("t")).isEqualTo("T");
            assertThat(member.number()).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{a:1}", "[1,]", "{\"a\"}", "\"\\x\"", "\"\\u12\"", "nul", "1 2", "--1", "\"a"})
    void whatIsNoJsonIsRefused(String text) {
        assertThatThrownBy(() -> rewritten(text)).isInstanceOf(JsonException.class);
    }

    @Test
    void deepNestingIsRefused() {
        assertThatThrownBy(() -> rewritten("[".repeat(100_000)))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining("nested");
    }
}
