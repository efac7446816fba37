package org.merlinmq.protocol.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.testkit.Golden;

class FrameScanTest {
    private final FrameScan scan = new FrameScan();

    @Test
    void fieldsOfJsonHeaderAreFoundInPlace() {
        byte[] bytes = Golden.read(FrameScanTest.class, "route-request-json.hex");
        scan.scan(bytes, 0, bytes.length);
        assertThat(scan.code()).isEqualTo(105);
        assertThat(scan.version()).isEqualTo(293);
        assertThat(scan.text("topic")).isEqualTo("TopicAv440");
        assertThat(scan.bodyBytes()).isZero();
        assertThat(scan.toFrame()).isEqualTo(FrameCodec.decode(bytes, 0, bytes.length));
    }

    @Test
    void fieldsOfBinaryHeaderAreFoundInPlace() {
        byte[] bytes = Golden.read(FrameScanTest.class, "route-request-binary.hex");
        scan.scan(bytes, 0, bytes.length);
        assertThat(scan.form()).isEqualTo(HeaderForm.BINARY);
        assertThat(scan.code()).isEqualTo(105);
        assertThat(scan.text("topic")).isEqualTo("TopicAvbin");
        assertThat(scan.toFrame().toBytes()).isEqualTo(bytes);
    }

    @Test
    void oneLetterKeysAreForgottenWithTheirFrame() {
        byte[] first = new Frame(HeaderForm.JSON, 310, 0, 479, 1, 0, null, Map.of("a", "1\n", "é", "2"), new byte[3])
                .toBytes();
        scan.scan(first, 0, first.length);
        assertThat(scan.value(scan.field('a'))).isEqualTo("1\n");
        assertThat(scan.field("é")).isNotNegative();
        byte[] second = Frame.ok(HeaderForm.JSON, 2, null, new byte[0]).toBytes();
        scan.scan(second, 0, second.length);
        assertThat(scan.field('a')).isEqualTo(-1);
        assertThat(scan.isResponse()).isTrue();
    }

    @Test
    void anEscapedQuoteInAKeyIsNoKeyOfOneLetter() {
        byte[] header = Bytes.ascii("{\"code\":310,\"extFields\":{\"\\\":b\":\"1\",\"b\":\"2\"}}");
        byte[] bytes = new ByteWriter()
                .putInt(4 + header.length)
                .putInt(header.length)
                .put(header)
                .toByteArray();
        scan.scan(bytes, 0, bytes.length);
        assertThat(scan.text("\":b")).isEqualTo("1");
        assertThat(scan.value(scan.field('b'))).isEqualTo("2");
        assertThat(scan.fieldCount()).isEqualTo(2);
    }

    @Test
    void answersStreamedInEitherFormDecode() {
        ByteWriter out = new ByteWriter(8);
        ReplyWriter writer = new ReplyWriter();
        for (HeaderForm form : HeaderForm.values()) {
            out.clear();
            writer.begin(out, form, 19, -7);
            writer.remark("no \"new\" message");
            writer.field(Bytes.ascii("nextBeginOffset"), Long.MIN_VALUE).field("x", "a\u0001b");
            writer.field(Bytes.ascii("m"), Bytes.ascii("xyz"), 1, 2);
            writer.endHeader();
            out.putAscii("body");
            writer.end();
            Frame frame = FrameCodec.decode(out.array(), 0, out.length());
            assertThat(frame)
                    .isEqualTo(new Frame(
                            form,
                            19,
                            0,
                            479,
                            -7,
                            FrameFlag.RESPONSE,
                            "no \"new\" message",
                            Map.of("nextBeginOffset", Long.toString(Long.MIN_VALUE), "x", "a\u0001b", "m", "yz"),
                            Bytes.ascii("body")));
            scan.scan(out.array(), 0, out.length());
            assertThat(scan.toFrame()).isEqualTo(frame);
        }
    }

    @Test
    void anAnswerLongerThanAFrameBecomesARefusal() {
        ByteWriter out = new ByteWriter().putInt(7);
        ReplyWriter writer = new ReplyWriter();
        for (HeaderForm form : HeaderForm.values()) {
            out.truncate(4);
            writer.begin(out, form, 0, 99);
            writer.field("count", "100000").endHeader();
            out.put(new byte[FrameLimits.MAX_FRAME_BYTES]);
            writer.end();
            Frame frame = FrameCodec.decode(out.array(), 4, out.length() - 4);
            assertThat(frame.requestId()).isEqualTo(99);
            assertThat(frame.code()).isEqualTo(ResponseCode.SYSTEM_ERROR.number());
            assertThat(frame.remark()).contains("and a frame at most 16777216");
            assertThat(frame.body()).isEmpty();
        }
    }

    @Test
    void scanningAndAnsweringAllocateNothing() {
        byte[] send = Golden.read(FrameScanTest.class, "frames/send-message-v2.hex");
        byte[] offset = Bytes.ascii("queueOffset");
        ByteWriter out = new ByteWriter(1024);
        ReplyWriter writer = new ReplyWriter();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        long before = 0;
        for (int i = 0; i < 20_000; i++) {
            if (i == 10_000) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            scan.scan(send, 0, send.length);
            sum += scan.longValue(scan.field('g'))
                    + scan.field("topic")
                    + scan.copyValue(scan.field('i'), out.array(), 0);
            out.clear();
            writer.begin(out, HeaderForm.JSON, 0, scan.requestId());
            writer.field(offset, sum).field(offset, send, 0, 4);
            writer.endHeader();
            writer.end();
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .as("bytes for 10,000 frames")
                .isLessThan(10_000);
        assertThat(sum).isNotZero();
    }

    @Test
    void aFrameThatFailsLeavesNothingBehind() {
        ByteWriter out = new ByteWriter().putInt(7);
        for (Frame bad : List.of(
                Frame.ok(HeaderForm.JSON, 1, null, new byte[FrameLimits.MAX_FRAME_BYTES]),
                new Frame(HeaderForm.BINARY, 1, 0, 1, 1, 0, null, Map.of("k".repeat(40_000), ""), new byte[0]))) {
            assertThatIllegalStateException().isThrownBy(() -> FrameCodec.encode(bad, out));
            assertThat(out.toByteArray()).containsExactly(0, 0, 0, 7);
        }
    }
}
