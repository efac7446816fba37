package org.merlinmq.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.bytes.Sink;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;

class ReceivedMessageTest {
    @ParameterizedTest
    @CsvSource({"4, 32", "16, 56"})
    void itsOffsetIdIsTheOneThatTheBrokerGave(int hostBytes, int characters) {
        byte[] host = new byte[hostBytes];
        host[0] = 127;
        host[hostBytes - 1] = 1;
        Sink out = new Sink(16);
        RecordWriter writer = new RecordWriter().bornHost(new byte[4], 5).storeHost(host, 10911);
        int at = writer.begin(out, Bytes.ascii("body"), 0, 4, Bytes.ascii("T"), 0, 1);
        int bytes = writer.end(out);
        RecordLayout.place(out.array(), at, 5, 0x14E, 8);
        RecordView view = new RecordView();
        assertThat(view.on(out.array(), at, bytes)).isTrue();

        String id = new ReceivedMessage(view, "b").offsetMessageId();
        assertThat(id).hasSize(characters).isEqualTo(MessageId.encode(host, 10911, 0x14E));
        assertThat(MessageId.decode(id).logOffset()).isEqualTo(0x14E);
        assertThat(MessageId.decode(id).port()).isEqualTo(10911);
    }
}
