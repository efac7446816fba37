package org.merlinmq.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
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
        String id = new ReceivedMessage(stored(host, 0), "b").offsetMessageId();
        assertThat(id).hasSize(characters).isEqualTo(MessageId.encode(host, 10911, 0x14E));
        assertThat(MessageId.decode(id).logOffset()).isEqualTo(0x14E);
        assertThat(MessageId.decode(id).port()).isEqualTo(10911);
    }

    /** Brokers take any bits of a producer's, so that what they say of the body may be untrue. */
    @ParameterizedTest
    @ValueSource(ints = {-1, 0x1, 0x301, 0x101, 0x701})
    void bitsThatDoNotFitTheBodySpoilNothingButTheBody(int sysFlag) {
        ReceivedMessage message = new ReceivedMessage(stored(new byte[] {127, 0, 0, 1}, sysFlag), "b");
        assertThat(message.storedBody()).isEqualTo(Bytes.ascii("body"));
        assertThat(message.queueOffset()).isEqualTo(5);
        assertThatThrownBy(message::body)
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("the body of message " + message.messageId());
    }

    private static RecordView stored(byte[] host, int sysFlag) {
        ByteWriter out = new ByteWriter(16);
        RecordWriter writer = new RecordWriter()
                .bornHost(new byte[4], 5)
                .storeHost(host, 10911)
                .sysFlag(sysFlag);
        int at = writer.begin(out, Bytes.ascii("body"), 0, 4, Bytes.ascii("T"), 0, 1);
        int bytes = writer.end(out);
        RecordLayout.place(out.array(), at, 5, 0x14E, 8);
        RecordView view = new RecordView();
        assertThat(view.on(out.array(), at, bytes)).isTrue();
        return view;
    }
}
