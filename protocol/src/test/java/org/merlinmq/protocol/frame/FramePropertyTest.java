package org.merlinmq.protocol.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.testkit.Seeds;

class FramePropertyTest {
    private static final int ROUNDS = 1000;
    private final FrameScan scan = new FrameScan();

    @Test
    void encodedFramesDecodeEqual() {
        Seeds.forEach(ROUNDS, random -> {
            Frame frame = new RandomFrames(random).frame();
            byte[] bytes = frame.toBytes();
            assertThat(FrameCodec.decode(bytes, 0, bytes.length)).isEqualTo(frame);
        });
    }

    @Test
    void scanSeesWhatTheCodecDecodes() {
        Seeds.forEach(ROUNDS, random -> {
            RandomFrames frames = new RandomFrames(random);
            Frame frame = frames.frame();
            byte[] bytes = frame.form() == HeaderForm.JSON ? frames.untidyJson(frame) : frame.toBytes();
            assertThat(FrameCodec.decode(bytes, 0, bytes.length)).isEqualTo(frame);
            // The frame stands anywhere in a larger buffer.
            byte[] room = new byte[bytes.length + 20];
            int at = random.nextInt(20);
            System.arraycopy(bytes, 0, room, at, bytes.length);
            scan.scan(room, at, bytes.length);
            assertThat(scan.toFrame()).isEqualTo(frame);
            checkFields(frame);
        });
    }

    private void checkFields(Frame frame) {
        frame.fields().forEach((key, value) -> {
            assertThat(scan.text(key)).isEqualTo(value);
            int i = scan.field(key);
            byte[] utf8 = Bytes.utf8(value);
            byte[] copy = new byte[scan.valueBytes(i)];
            assertThat(Arrays.copyOf(copy, scan.copyValue(i, copy, 0))).isEqualTo(utf8);
            if (key.length() == 1 && key.charAt(0) < 128) {
                assertThat(scan.field(key.charAt(0))).isEqualTo(i);
            }
        });
        for (char letter = 'a'; letter <= 'z'; letter++) {
            assertThat(scan.field(letter) >= 0).isEqualTo(frame.fields().containsKey(String.valueOf(letter)));
        }
    }

    @Test
    void answersWrittenByStreamDecodeEqual() {
        ReplyWriter writer = new ReplyWriter();
        Seeds.forEach(ROUNDS, random -> {
            Frame frame = new RandomFrames(random).frame();
            ByteWriter out = new ByteWriter(random.nextInt(64));
            out.putAscii("before");
            writer.begin(out, frame.form(), frame.code(), frame.requestId());
            writer.remark(frame.remark());
            frame.fields().forEach(writer::field);
            writer.endHeader();
            out.put(frame.body());
            writer.end();
            Frame decoded = FrameCodec.decode(out.array(), 6, out.length() - 6);
            assertThat(decoded)
                    .isEqualTo(new Frame(
                            frame.form(),
                            frame.code(),
                            Language.JAVA.number(),
                            ProtocolVersion.CURRENT,
                            frame.requestId(),
                            FrameFlag.RESPONSE,
                            frame.remark(),
                            frame.fields(),
                            frame.body()));
        });
    }

    @Test
    void truncatedAndFlippedFramesAreRefusedOrDecodeAlike() {
        Seeds.forEach(30, random -> {
            RandomFrames frames = new RandomFrames(random);
            Frame frame = frames.frame();
            byte[] bytes = frame.form() == HeaderForm.JSON ? frames.untidyJson(frame) : frame.toBytes();
            for (int cut = 0; cut < bytes.length; cut++) {
                byte[] shorter = Arrays.copyOf(bytes, cut);
                assertThatThrownBy(() -> scan.scan(shorter, 0, shorter.length))
                        .isInstanceOf(MalformedFrameException.class)
                        .hasMessageContaining("expected");
            }
            for (int i = 0; i < 200; i++) {
                byte[] flipped = bytes.clone();
                flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
                FrameChecks.scanAgreesWithCodec(scan, flipped);
            }
        });
    }

    @Test
    void headersCutShortInsideAWholeFrameAreRefused() {
        Seeds.forEach(20, random -> {
            Frame frame = new RandomFrames(random).frame();
            byte[] bytes = frame.toBytes();
            int headerBytes = bytes.length - 8 - frame.body().length;
            for (int cut = 0; cut < headerBytes; cut++) {
                byte[] whole = RandomFrames.wrap(bytes[4], Arrays.copyOfRange(bytes, 8, 8 + cut), new byte[0]);
                assertThatThrownBy(() -> scan.scan(whole, 0, whole.length)).isInstanceOf(MalformedFrameException.class);
                assertThatThrownBy(() -> FrameCodec.decode(whole, 0, whole.length))
                        .isInstanceOf(MalformedFrameException.class);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"code\":}",
                "{\"code\":1.5}",
                "{\"code\":4294967296}",
                "{\"code\":{}}",
                "{code:1}",
                "{\"extFields\":[]}",
                "{\"extFields\":\"\"}",
                "{\"extFields\":{\"a\":\"\\x\"}}",
                "{\"extFields\":{\"a\":\"\\u12g4\"}}",
                "{\"extFields\":{\"a\":tru}}",
                "{\"extFields\":{\"a\":\"1\",}}",
                "{} x",
                "{\"a\":1}}"
            })
    void malformedHeadersAreRefused(String header) {
        byte[] bytes = RandomFrames.wrap(0, Bytes.utf8(header), new byte[0]);
        assertThatThrownBy(() -> scan.scan(bytes, 0, bytes.length)).isInstanceOf(MalformedFrameException.class);
    }

    @Test
    void emptyHeaderIsCodeZero() {
        byte[] bytes = RandomFrames.wrap(0, Bytes.utf8("{}"), new byte[0]);
        scan.scan(bytes, 0, bytes.length);
        assertThat(scan.code()).isZero();
        assertThat(scan.fieldCount()).isZero();
    }

    @Test
    void lengthFieldDecidesAtTheLimit() {
        assertThat(FrameLimits.validLength(16_777_212)).isTrue();
        assertThat(FrameLimits.validLength(16_777_213)).isFalse();
        assertThat(FrameLimits.validLength(3)).isFalse();
        assertThat(FrameLimits.validLength(-1)).isFalse();
    }

    @Test
    void moreFieldsThanTheLimitAreRefusedInBothForms() {
        for (HeaderForm form : HeaderForm.values()) {
            Map<String, String> fields = new LinkedHashMap<>();
            for (int i = 0; i < FrameLimits.MAX_FIELDS; i++) {
                fields.put("k" + i, "v");
            }
            byte[] most = new Frame(form, 1, 0, 479, 1, 0, null, fields, new byte[0]).toBytes();
            scan.scan(most, 0, most.length);
            assertThat(scan.fieldCount()).isEqualTo(FrameLimits.MAX_FIELDS);
            fields.put("one more", "v");
            byte[] more = new Frame(form, 1, 0, 479, 1, 0, null, fields, new byte[0]).toBytes();
            assertThatThrownBy(() -> scan.scan(more, 0, more.length))
                    .isInstanceOf(MalformedFrameException.class)
                    .hasMessageContaining("at most 64 header fields");
            assertThatThrownBy(() -> FrameCodec.decode(more, 0, more.length))
                    .isInstanceOf(MalformedFrameException.class)
                    .hasMessageContaining("at most 64 header fields");
        }
    }

    @Test
    void nestedFieldsCountAsAbsentAndDeepOnesAreRefused() {
        byte[] nested = RandomFrames.wrap(0, Bytes.utf8("{\"extFields\":{\"a\":{\"b\":1},\"c\":\"d\"}}"), new byte[0]);
        scan.scan(nested, 0, nested.length);
        assertThat(scan.fieldCount()).isEqualTo(1);
        assertThatThrownBy(() -> scan.requiredText("a"))
                .isInstanceOf(FieldException.class)
                .hasMessageContaining("a is missing");
        byte[] deep = RandomFrames.wrap(0, Bytes.utf8("{\"x\":" + "[".repeat(1_000_000)), new byte[0]);
        assertThatThrownBy(() -> scan.scan(deep, 0, deep.length)).isInstanceOf(MalformedFrameException.class);
    }

    @Test
    void popCodesOfBinaryRequestsAreWidened() {
        for (int code : new int[] {200_050, 200_051, 200_053, 200_054, 200_151}) {
            byte[] bytes = new Frame(HeaderForm.BINARY, code, 0, 479, 1, 0, null, Map.of(), new byte[0]).toBytes();
            scan.scan(bytes, 0, bytes.length);
            assertThat(scan.code()).isEqualTo(code);
        }
    }

    @Test
    void numbersOfFieldsAreCheckedAndNamed() {
        byte[] bytes = RandomFrames.wrap(
                0,
                Bytes.utf8("{\"extFields\":{\"a\":\"12x\",\"b\":\"2147483648\",\"t\":\"TRUE\",\"n\":-5}}"),
                new byte[0]);
        scan.scan(bytes, 0, bytes.length);
        assertThatThrownBy(() -> scan.longValue(scan.field("a")))
                .isInstanceOf(FieldException.class)
                .hasMessage("header field a: expected a 64-bit number, found \"12x\"");
        assertThatThrownBy(() -> scan.intValue(scan.field("b"))).isInstanceOf(FieldException.class);
        assertThat(scan.longValue(scan.field("b"))).isEqualTo(2_147_483_648L);
        assertThat(scan.booleanValue(scan.field("t"))).isTrue();
        assertThat(scan.intValue(scan.field("n"))).isEqualTo(-5);
        assertThatThrownBy(() -> scan.requiredInt("zz")).isInstanceOf(FieldException.class);
        assertThat(scan.optionalInt("zz")).isNull();
    }

    @Test
    void versionNumbersFollowTheReleases() {
        assertThat(ProtocolVersion.of(5, 3, 3)).isEqualTo(ProtocolVersion.CURRENT);
        assertThat(ProtocolVersion.of(4, 4, 0)).isEqualTo(293);
        assertThat(ProtocolVersion.of(4, 9, 8)).isEqualTo(409);
        assertThat(ProtocolVersion.of(5, 0, 0)).isEqualTo(413);
        assertThat(ProtocolVersion.name(479)).isEqualTo("V5_3_3");
        assertThat(ProtocolVersion.name(401)).isEqualTo("V4_9_4");
        assertThat(ProtocolVersion.name(400)).isEqualTo("V4_9_4_SNAPSHOT");
        assertThat(ProtocolVersion.name(28)).isEqualTo("28");
    }
}
