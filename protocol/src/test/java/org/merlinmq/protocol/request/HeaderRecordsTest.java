package org.merlinmq.protocol.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.RandomRecords;
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.frame.Header;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.reply.SendReply;
import org.merlinmq.testkit.Seeds;

class HeaderRecordsTest {
    private static List<Class<?>> headers() {
        List<Class<?>> headers = new ArrayList<>(RandomRecords.of(SendRequest.class, Header.class));
        headers.addAll(RandomRecords.of(SendReply.class, Header.class));
        return headers;
    }

    @Test
    void everyHeaderReadsBackWhatItWroteFromEitherForm() {
        assertThat(headers()).hasSizeGreaterThan(50);
        FrameScan scan = new FrameScan();
        Seeds.forEach(50, random -> {
            for (Class<?> type : headers()) {
                Header header = (Header) new RandomRecords(random).record(type, true);
                Method read = type.getMethod("read", Fields.class);
                for (HeaderForm form : HeaderForm.values()) {
                    byte[] bytes = Frame.ok(form, 1, header, new byte[0]).toBytes();
                    scan.scan(bytes, 0, bytes.length);
                    assertThat(read.invoke(null, scan)).isEqualTo(header);
                    assertThat(read.invoke(null, scan.toFrame())).isEqualTo(header);
                }
            }
        });
    }

    @Test
    void unreadableAndMissingFieldsAreNamed() {
        Seeds.forEach(5, random -> {
            for (Class<?> type : headers()) {
                Header header = (Header) new RandomRecords(random).record(type, false);
                Method read = type.getMethod("read", Fields.class);
                Map<String, String> fields = Frame.fieldsOf(header);
                for (String name : fields.keySet()) {
                    for (String wrong : new String[] {null, "", "x", "99999999999999999999"}) {
                        Map<String, String> changed = new LinkedHashMap<>(fields);
                        changed.put(name, wrong);
                        readsOrNames(read, changed::get, name);
                    }
                }
            }
        });
    }

    private static void readsOrNames(Method read, Fields fields, String name) throws IllegalAccessException {
        try {
            assertThat(read.invoke(null, fields)).isNotNull();
        } catch (InvocationTargetException e) {
            assertThat(e.getCause()).isInstanceOf(FieldException.class).hasMessageContaining("field " + name);
        }
    }

    @Test
    void sendHeaderHasNamesOfOneLetter() {
        SendRequest send = new SendRequest("g", "t", "TBW102", 4, -1, 0, 9, 0, "p", 0, false, 16, true, "broker-a");
        assertThat(Frame.fieldsOf(send)).containsEntry("a", "g").containsEntry("n", "broker-a");
        assertThatThrownBy(() -> SendRequest.read(Map.of("producerGroup", "g")::get))
                .hasMessage("header field a is missing");
    }

    @Test
    void deletedGroupsOffsetsHaveTwoNames() {
        assertThat(DeleteGroupRequest.read(Map.of("groupName", "g", "removeOffset", "true")::get)
                        .cleanOffset())
                .isTrue();
    }
}
