package org.merlinmq.broker.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.DelayedMessage;
import org.merlinmq.protocol.body.DelayedMessageList;
import org.merlinmq.protocol.body.TimerMetrics;
import org.merlinmq.protocol.body.TimingCount;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.message.RecallHandle;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.reply.DelayedMessageReply;
import org.merlinmq.protocol.reply.MessageIdReply;
import org.merlinmq.protocol.request.DelayedMessageRequest;
import org.merlinmq.protocol.request.ListDelayedRequest;
import org.merlinmq.protocol.request.RecallMessageRequest;
import org.merlinmq.transport.dispatch.Answer;

class DelayHandlersTest extends DelayedStore {
    private static final BrokerIdentity IDENTITY =
            new BrokerIdentity("C", "broker-a", 0, InetAddress.getLoopbackAddress(), false, 10911, 10912);

    private final ScheduleConfig config = ScheduleConfig.defaults();

    @BeforeEach
    void begin() {
        topics.add("T", 4);
        topics.add("Other", 1);
        open(RocketMqDelayProgress.NOTHING);
    }

    private DelayHandlers handlers() {
        return handlers(config);
    }

    private DelayHandlers handlers(ScheduleConfig schedule) {
        return new DelayHandlers(store.storage(), topics, schedule, IDENTITY, clock::millis);
    }

    private void reopen(boolean onlyTheLog) {
        close();
        if (onlyTheLog) {
            TestStore.keepOnlyTheLog(folder);
        }
        open(RocketMqDelayProgress.NOTHING);
    }

    /** Stores a message of T that is due in so many milliseconds; returns its handle. */
    private String put(String key, long delayMillis) {
        long due = clock.millis() + delayMillis;
        put("T", key, due, Map.of());
        return new RecallHandle("T", "broker-a", due, key).toString();
    }

    private void put(String topic, String key, long due, Map<String, String> more) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("UNIQ_KEY", key);
        properties.put("REAL_TOPIC", topic);
        properties.put("REAL_QID", "0");
        properties.put("TIMER_OUT_MS", Long.toString(due));
        properties.putAll(more);
        store.put(ScheduleTopics.TIMERS, 0, key, properties, 0, more.isEmpty() ? due : due - 1);
    }

    private void pass(long millis) {
        for (long end = clock.millis() + millis; clock.millis() < end; ) {
            clock.set(clock.millis() + 1);
            deadlines.runDue();
        }
    }

    private List<String> arrived() {
        return store.read("T", 0).stream().map(TestStore::body).toList();
    }

    private Answer recall(String handle) {
        return done(handlers().recall(new RecallMessageRequest("T", handle, "P")));
    }

    private Answer cancel(String id) {
        return done(handlers().cancel(new DelayedMessageRequest("T", id)));
    }

    private static Answer done(Answer answer) {
        return answer.later() == null ? answer : answer.later().join();
    }

    private static void assertIllegal(Answer answer, String... words) {
        assertThat(answer.code()).as(answer.remark()).isEqualTo(ResponseCode.ILLEGAL_OPERATION);
        assertThat(answer.remark()).contains(words);
    }

    private static void assertOk(Answer answer, String id) {
        assertThat(answer.code()).as(answer.remark()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(answer.header()).isEqualTo(new MessageIdReply(id));
    }

    // ---- taking back

    @Test
    void whatIsTakenBackIsNeverDeliveredAndTheRestIs() {
        String one = put("one", 1_000);
        put("two", 1_000);
        assertOk(recall(one), "one");
        assertIllegal(recall(one), "waits no more");
        pass(2_000);
        assertThat(arrived()).containsExactly("two");
        assertThat(store.storage().timers().count()).isZero();
    }

    @Test
    void aCancellationOutlivesARestartAndTheLossOfAllButTheLog() {
        String near = put("near", 1_000);
        String far = put("far", 40 * 86_400_000L);
        put("kept", 1_000);
        store.storage().checkpoint();
        assertOk(recall(near), "near");
        assertOk(recall(far), "far");
        reopen(false);
        assertThat(list("T")).containsExactly("kept");
        assertIllegal(recall(far), "waits no more");
        store.storage().checkpoint();
        assertIllegal(recall(far), "waits no more");
        assertThat(store.storage().timers().count()).isEqualTo(1);
        reopen(true);
        assertThat(list("T")).containsExactly("kept");
        pass(2_000);
        assertThat(arrived()).containsExactly("kept");
    }

    @Test
    void whatWasSentTwiceWithOneIdIsTakenBackAsAWhole() {
        put("same", 1_000);
        String second = put("same", 2_000);
        assertOk(recall(second), "same");
        pass(3_000);
        assertThat(arrived()).isEmpty();
    }

    @Test
    void whatIsDeliveredCannotBeTakenBack() {
        String handle = put("one", 1_000);
        pass(1_000);
        assertThat(arrived()).containsExactly("one");
        assertIllegal(recall(handle), "was due at");
        String later = new RecallHandle("T", "broker-a", clock.millis() + 5_000, "one").toString();
        assertIllegal(recall(later), "waits no more");
        assertIllegal(cancel("one"), "waits no more");
    }

    @Test
    void handlesThatWereMadeUpOrAreOfSomewhereElseAreRefused() {
        put("one", 1_000);
        long due = clock.millis() + 1_000;
        assertIllegal(recall("nonsense"), "recall handle is invalid");
        assertIllegal(recall(new RecallHandle("Other", "broker-a", due, "one").toString()), "topic not match");
        assertIllegal(recall(new RecallHandle("T", "broker-b", due, "one").toString()), "broker-b");
        assertIllegal(recall(new RecallHandle("T", "broker-a", due, "none").toString()), "made up");
        assertIllegal(recall(new RecallHandle("T", "broker-a", due - 5_000, "one").toString()), "was due at");
        Answer missing = done(handlers().recall(new RecallMessageRequest("No", "x", null)));
        assertThat(missing.code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
        ScheduleConfig off = new ScheduleConfig(config.levels(), true, Duration.ofDays(3), false);
        assertThat(handlers(off)
                        .recall(new RecallMessageRequest("T", "x", null))
                        .code())
                .isEqualTo(ResponseCode.NO_PERMISSION);
        pass(1_000);
        assertThat(arrived()).containsExactly("one");
    }

    /** A handle of another topic does not take a message that has its id by chance. */
    @Test
    void aHandleTakesBackOnlyWhatIsOfItsTopic() {
        put("Other", "same", clock.millis() + 1_000, Map.of());
        String handle = new RecallHandle("T", "broker-a", clock.millis() + 1_000, "same").toString();
        assertIllegal(recall(handle), "made up");
        assertThat(list("Other")).containsExactly("same");
    }

    // ---- messages that ask for a cancellation, as applications of RocketMQ send them

    @Test
    void aMessageThatNamesAnotherCancelsIt() {
        long due = clock.millis() + 1_000;
        put("T", "one", due, Map.of());
        put("T", "two", due, Map.of());
        put("T", "asks", due, Map.of("TIMER_DEL_UNIQKEY", "T+one"));
        put("T", "asks again", due, Map.of("TIMER_DEL_UNIQKEY", "two"));
        put("T", "three", due, Map.of());
        pass(2_000);
        assertThat(arrived()).containsExactly("three");
        assertThat(store.storage().timers().count()).isZero();
        assertThat(service.delivered()).isEqualTo(1);
    }

    @Test
    void aMessageThatNamesAnotherCancelsItAlsoIfBothBecameDueWhileTheBrokerWasDown() {
        long due = clock.millis() + 1_000;
        put("T", "one", due, Map.of());
        put("T", "asks", due, Map.of("TIMER_DEL_UNIQKEY", "T+one"));
        put("T", "two", due, Map.of());
        close();
        TestStore.keepOnlyTheLog(folder);
        clock.set(due + 60_000);
        open(RocketMqDelayProgress.NOTHING);
        pass(5);
        assertThat(arrived()).containsExactly("two");
        reopen(true);
        pass(5);
        assertThat(arrived()).containsExactly("two");
    }

    // ---- listing

    private List<String> list(String topic) {
        return all(topic, 0, Long.MAX_VALUE, 100).stream()
                .map(DelayedMessage::uniqueKey)
                .toList();
    }

    private List<DelayedMessage> all(String topic, long from, long to, int page) {
        List<DelayedMessage> all = new ArrayList<>();
        String cursor = null;
        do {
            Answer answer = handlers().list(new ListDelayedRequest(topic, from, to, cursor, page));
            DelayedMessageList body = DelayedMessageList.read(answer.body());
            assertThat(body.messages()).hasSizeLessThanOrEqualTo(page);
            all.addAll(body.messages());
            cursor = body.cursor();
        } while (cursor != null);
        return all;
    }

    @Test
    void whatWaitsIsListedPageByPageInTheOrderOfTime() {
        long now = clock.millis();
        for (int i = 0; i < 25; i++) {
            put(i % 5 == 4 ? "Other" : "T", "m" + i, now + 1_000 + i / 4, Map.of());
        }
        Map<String, String> level = Map.of("UNIQ_KEY", "L", "REAL_TOPIC", "T", "REAL_QID", "3", "DELAY", "2");
        store.put(ScheduleTopics.LEVELS, 1, "level", level, 0, now + 5_000);
        for (int page : new int[] {1, 3, 100}) {
            List<DelayedMessage> listed = all("T", 0, Long.MAX_VALUE, page);
            assertThat(listed).hasSize(21);
            assertThat(listed.stream().map(DelayedMessage::dueMillis)).isSorted();
            assertThat(listed.stream().map(DelayedMessage::uniqueKey).distinct())
                    .hasSize(21);
            DelayedMessage last = listed.getLast();
            assertThat(last.level()).isEqualTo(2);
            assertThat(last.queueId()).isEqualTo(3);
            assertThat(last.dueMillis()).isEqualTo(now + 5_000);
            assertThat(all("", 0, Long.MAX_VALUE, page)).hasSize(26);
            assertThat(all("T", now + 1_001, now + 1_003, page)).hasSize(6);
        }
    }

    @Test
    void aPageEndsWhereTooMuchWasLookedAt() {
        for (int i = 0; i <= DelayedMessages.MAX_LOOKED; i++) {
            put("Other", "m" + i, clock.millis() + 1_000, Map.of());
        }
        put("T", "one", clock.millis() + 1_001, Map.of());
        Answer answer = handlers().list(new ListDelayedRequest("T", 0, Long.MAX_VALUE, null, 10));
        DelayedMessageList first = DelayedMessageList.read(answer.body());
        assertThat(first.messages()).isEmpty();
        assertThat(first.cursor()).isNotNull();
        assertThat(list("T")).containsExactly("one");
    }

    @Test
    void askedForNonsenseItIsRefused() {
        for (int max : new int[] {0, -1, DelayHandlers.MAX_PAGE + 1}) {
            assertThatThrownBy(() -> handlers().list(new ListDelayedRequest(null, 0, 9, null, max)))
                    .isInstanceOf(FieldException.class);
        }
        for (String cursor : new String[] {"", "5", "a-b", "1-2-3", "-1-2", "99999999999999999999-1"}) {
            assertThatThrownBy(() -> handlers().list(new ListDelayedRequest(null, 0, 9, cursor, 5)))
                    .isInstanceOf(FieldException.class);
        }
    }

    // ---- showing and cancelling by id

    @Test
    void aMessageIsShownAndCancelledByEitherOfItsIds() {
        put("one", 1_000);
        put("two", 1_000);
        Answer shown = handlers().show(new DelayedMessageRequest("T", "one"));
        assertThat(shown.header()).isEqualTo(new DelayedMessageReply("one", clock.millis() + 1_000));
        RecordView record = new RecordView();
        assertThat(record.on(shown.body(), 0, shown.body().length)).isTrue();
        assertThat(TestStore.body(record)).isEqualTo("one");
        String place = all("T", 0, Long.MAX_VALUE, 10).get(1).messageId();
        assertOk(cancel(place), "two");
        assertOk(cancel("one"), "one");
        assertIllegal(handlers().show(new DelayedMessageRequest("T", "one")), "waits no more");
        assertThat(cancel("nobody").code()).isEqualTo(ResponseCode.QUERY_NOT_FOUND);
        assertThat(handlers().show(new DelayedMessageRequest("Other", "one")).code())
                .isEqualTo(ResponseCode.QUERY_NOT_FOUND);
        pass(2_000);
        assertThat(arrived()).isEmpty();
    }

    @Test
    void aMessageWithALevelCanBeCancelled() {
        Map<String, String> level = Map.of("UNIQ_KEY", "L", "REAL_TOPIC", "T", "REAL_QID", "0", "DELAY", "2");
        store.put(ScheduleTopics.LEVELS, 1, "level", level, 0, clock.millis() + 5_000);
        assertOk(cancel("L"), "L");
        pass(6_000);
        assertThat(arrived()).isEmpty();
    }

    // ---- counts

    @Test
    void whatWaitsIsCountedByTopic() {
        put("one", 1_000);
        put("two", 2_000);
        put("Other", "three", clock.millis() + 1_000, Map.of());
        Answer answer = handlers().metrics();
        TimerMetrics metrics = TimerMetrics.read(Objects.requireNonNull(answer.body()));
        assertThat(metrics.dataVersion())
                .as("without one RocketMQ's slaves fail")
                .isEqualTo(new DataVersion(2, 0, clock.millis()));
        assertThat(metrics.timingCount())
                .containsEntry("T", new TimingCount(2, clock.millis()))
                .containsEntry("Other", new TimingCount(1, clock.millis()))
                .hasSize(2);
    }
}
