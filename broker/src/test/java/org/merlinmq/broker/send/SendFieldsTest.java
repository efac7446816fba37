package org.merlinmq.broker.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.frame.FrameScan;

class SendFieldsTest {
    @Test
    void numbersAreRead() {
        SendRequest request = new SendRequest();
        SendFields.read(frame("\"e\":\"3\",\"j\":\"2147483647\""), request);
        assertThat(request.queueId).isEqualTo(3);
        assertThat(request.reconsumeTimes).isEqualTo(Integer.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"d", "e", "f", "h", "j", "l"})
    void aNumberOfMoreThan32BitsIsTheSendersFaultAndNotABug(String field) {
        String queue = field.equals("e") ? "" : "\"e\":\"0\",";
        FrameScan frame = frame(queue + '"' + field + "\":\"2147483648\"");
        assertThatThrownBy(() -> SendFields.read(frame, new SendRequest()))
                .isInstanceOf(FieldException.class)
                .hasMessageContaining("field " + field)
                .hasMessageContaining("32-bit")
                .hasMessageContaining("2147483648");
    }

    private static FrameScan frame(String more) {
        String json = "{\"code\":310,\"opaque\":1,\"extFields\":{\"a\":\"P\",\"b\":\"T\"," + more + "}}";
        byte[] header = json.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer frame = ByteBuffer.allocate(8 + header.length);
        frame.putInt(4 + header.length).putInt(header.length).put(header);
        FrameScan scan = new FrameScan();
        scan.scan(frame.array(), 0, frame.capacity());
        return scan;
    }
}
