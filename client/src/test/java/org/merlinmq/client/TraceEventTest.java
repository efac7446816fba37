package org.merlinmq.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceEventTest {
    private static final String HOST = "10.0.0.1:7";

    private static List<TraceEvent> read(String body) {
        return TraceEvent.read(body.replace('|', '\u0001').replace('\n', '\u0002'), HOST);
    }

    @Test
    void aSendIsReadAsClientsWriteIt() {
        List<TraceEvent> events =
                read("Pub|1795422421583|R|PG|T|M1|TagA|k0|127.0.0.1:51911|2|188|0|7F00000100003A22|true\n");
        assertThat(events)
                .containsExactly(new TraceEvent(
                        TraceEvent.Kind.SENT,
                        "M1",
                        1795422421583L,
                        "PG",
                        "T",
                        HOST,
                        188,
                        "ok",
                        "",
                        Map.of(
                                "region",
                                "R",
                                "tags",
                                "TagA",
                                "keys",
                                "k0",
                                "storeHost",
                                "127.0.0.1:51911",
                                "bodyBytes",
                                "2",
                                "messageType",
                                "0",
                                "offsetMessageId",
                                "7F00000100003A22")));
    }

    @Test
    void aSendWithoutTheBrokersIdAndOneWithAnAddressAreReadToo() {
        TraceEvent old = read("Pub|1|R|PG|T|M1|null|null|h:1|2|188|0|false\n").get(0);
        assertThat(old.outcome()).isEqualTo("failed");
        assertThat(old.details()).doesNotContainKeys("offsetMessageId", "tags", "keys");
        assertThat(read("Pub|1|R|PG|T|M1|a|k|h:1|2|188|0|O|true|client:5\n")
                        .get(0)
                        .outcome())
                .isEqualTo("ok");
    }

    @Test
    void aConsumptionIsTwoEvents() {
        List<TraceEvent> events = read("""
                SubBefore|100|R|G|req|M1|2|k0
                SubAfter|req|M1|30|true|k0|0|130|G
                """);
        assertThat(events)
                .extracting(TraceEvent::kind)
                .containsExactly(TraceEvent.Kind.CONSUMING, TraceEvent.Kind.CONSUMED);
        assertThat(events.get(0).details()).containsEntry("retryTimes", "2");
        TraceEvent done = events.get(events.size() - 1);
        assertThat(done.atMillis()).isEqualTo(130);
        assertThat(done.group()).isEqualTo("G");
        assertThat(done.costMillis()).isEqualTo(30);
        assertThat(done.outcome()).isEqualTo("ok");
    }

    @Test
    void whatAnOldConsumerLeavesOutComesFromTheBeginning() {
        List<TraceEvent> events = read("""
                SubBefore|100|R|G|req|M1|0|k0
                SubAfter|req|M1|30|false|k0|4
                """);
        TraceEvent done = events.get(events.size() - 1);
        assertThat(done.atMillis()).isEqualTo(-1);
        TraceEvent whole = done.begun(events.get(0));
        assertThat(whole.atMillis()).isEqualTo(130);
        assertThat(whole.group()).isEqualTo("G");
        assertThat(whole.outcome()).isEqualTo("failed");
        assertThat(done.begun(null)).isEqualTo(done);
    }

    @Test
    void decisionsAndRecallsAreRead() {
        List<TraceEvent> events = read("""
                EndTransaction|5|R|PG|T|M1|a|k|h:1|2|TX|COMMIT_MESSAGE|true
                Recall|6|R|PG|T|M1|true
                """);
        assertThat(events).extracting(TraceEvent::outcome).containsExactly("COMMIT_MESSAGE", "ok");
        assertThat(events.get(0).details()).containsEntry("transactionId", "TX");
    }

    @Test
    void whatIsNoEventIsPassedOver() {
        assertThat(read("")).isEmpty();
        assertThat(read("""
                        Pub|1
                        Other|1|2|3|4|5|6|7|8|9|10|11|12
                        Pub|x|R|PG|T|M1|a|k|h|2|188|0|O|true
                        SubAfter|req|M1|30|true|k0|zero
                        Recall|6|R|PG|T|M1|true""")).extracting(TraceEvent::kind).containsExactly(TraceEvent.Kind.RECALLED);
    }
}
