package org.merlinmq.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

class RecordTest {
    @Test
    void writtenRecordReadsBack() {
        for (int topicBytes : new int[] {1, 127, 128, 255}) {
            for (int host : new int[] {4, 16}) {
                byte[] topic = Bytes.ascii("t".repeat(topicBytes));
                ByteWriter out = new ByteWriter(16);
                out.putInt(7);
                RecordWriter writer = new RecordWriter()
                        .queueId(3)
                        .flag(9)
                        .sysFlag(0x301 | SysFlag.BORN_HOST_V6)
                        .bornMillis(11)
                        .bornHost(new byte[host], 5)
                        .storeHost(new byte[] {127, 0, 0, 1}, 10911)
                        .reconsumeTimes(2)
                        .preparedOffset(77);
                int at = writer.begin(out, Bytes.ascii("xbody"), 1, 4, topic, 0, topic.length);
                MessageProperties.append(out, Bytes.ascii("TAGS"), Bytes.ascii("A"));
                int total = writer.end(out);
                RecordLayout.place(out.array(), at, 5, 6, 8);
                RecordView view = new RecordView();
                assertThat(view.on(out.array(), at, total)).isTrue();
                assertThat(view.on(out.array(), at, total - 1)).isFalse();
                assertThat(view.on(out.array(), at, total)).isTrue();
                assertThat(total).isEqualTo((int) RecordLayout.recordBytes(view.sysFlag(), 4, topicBytes, 7));
                assertThat(view.bodyCrcMatches()).isTrue();
                assertThat(view.topic()).hasSize(topicBytes);
                assertThat(view.properties()).containsEntry("TAGS", "A").hasSize(1);
                assertThat(view.queueOffset()).isEqualTo(5);
                assertThat(view.logOffset()).isEqualTo(6);
                assertThat(view.storeMillis()).isEqualTo(8);
                assertThat(view.preparedOffset()).isEqualTo(77);
                assertThat(view.reconsumeTimes()).isEqualTo(2);
                assertThat(view.storeHost()).isEqualTo("127.0.0.1:10911");
                assertThat(view.bornHost()).endsWith(":5");
                assertThat(PropertyBytes.find(
                                out.array(), view.propertiesAt(), view.propertiesBytes(), Bytes.ascii("TAGS")))
                        .isEqualTo(view.propertiesAt() + 5);
            }
        }
    }
}
