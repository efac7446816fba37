package org.merlinmq.broker.send;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.transaction.HalfRecords;
import org.merlinmq.broker.transaction.TransactionConfig;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.message.BatchScan;
import org.merlinmq.protocol.message.RecallHandle;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.SysFlag;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.transport.dispatch.Refusal;

/** The rules of sending: what is refused, in which order, and what becomes of the rest. */
class SendCoreTest {
    @TempDir
    Path folder;

    private Sending sending;

    @BeforeEach
    void open() {
        sending = new Sending(folder);
    }

    @AfterEach
    void close() {
        sending.close();
    }

    private static void assertRefused(@Nullable Refusal refusal, ResponseCode code, String... words) {
        assertThat(refusal).isNotNull();
        assertThat(requireNonNull(refusal).code()).as(refusal.sentence()).isEqualTo(code);
        for (String word : words) {
            assertThat(refusal.sentence()).contains(word);
        }
    }

    private static ByteWriter item(ByteWriter batch, String body, String properties) {
        BatchScan.append(batch, 3, Bytes.utf8(body), Bytes.utf8(properties));
        return batch;
    }

    private static String id(RecordView stored) {
        return "0A00000700002A9F%016X".formatted(stored.logOffset());
    }

    // ---- what is stored, and the answer

    @Test
    void aMessageIsStoredAsItIsAndItsSenderToldWhere() {
        assertThat(sending.send(sending.message("T", 2, "hello", Map.of("UNIQ_KEY", "U1", "TAGS", "a"))))
                .isNull();
        RecordView stored = sending.store.read("T", 2).getFirst();
        assertThat(sending.answers)
                .containsExactly(new Sending.Answer("client", 1, "SUCCESS " + id(stored) + " queue 2 offset 0 key U1"));
        assertThat(TestStore.body(stored)).isEqualTo("hello");
        assertThat(stored.flag()).isEqualTo(5);
        assertThat(stored.bornMillis()).isEqualTo(77);
        assertThat(stored.bornHost()).isEqualTo("9.9.9.9:99");
        assertThat(stored.storeHost()).isEqualTo("10.0.0.7:10911");
        assertThat(stored.properties()).containsEntry("TAGS", "a").containsEntry("UNIQ_KEY", "U1");
    }

    @Test
    void whoeverSendsAMessageWithATimeIsToldHowToTakeItBack() {
        long due = sending.clock.millis() + 60_000;
        sending.message("T", 2, "later", Map.of("UNIQ_KEY", "U1", "TIMER_DELIVER_MS", Long.toString(due)));
        sending.stage("one", 1);
        sending.message("T", 2, "now", Map.of("UNIQ_KEY", "U2"));
        sending.stage("two", 2);
        sending.message("T", 2, "by level", Map.of("UNIQ_KEY", "U3", "DELAY", "3"));
        sending.stage("three", 3);
        sending.message("T", 1, "later too", Map.of("UNIQ_KEY", "U4", "TIMER_DELAY_MS", "1"));
        sending.stage("four", 4);
        sending.commit();
        assertThat(sending.answers).hasSize(4);
        assertThat(sending.answers.get(0).what())
                .endsWith("key U1 recall " + new RecallHandle("T", "broker-a", due, "U1"));
        assertThat(sending.answers.get(1).what()).endsWith("key U2");
        assertThat(sending.answers.get(2).what()).endsWith("key U3");
        assertThat(sending.answers.get(3).what())
                .endsWith("key U4 recall " + new RecallHandle("T", "broker-a", sending.clock.millis() + 1, "U4"));
    }

    @Test
    void theBrokerAddsWhereAMessageWasStoredAndAUniqueKeyIfItHasNone() {
        sending.send(sending.message("T", 0, "x", Map.of("TRACE_ON", "false")));
        Map<String, String> properties = sending.store.read("T", 0).getFirst().properties();
        assertThat(properties)
                .containsEntry("MSG_REGION", "R")
                .containsEntry("CLUSTER", "C")
                .containsEntry("TRACE_ON", "false");
        assertThat(properties.get("UNIQ_KEY")).hasSize(32);
        assertThat(sending.answers.getFirst().what()).endsWith("key " + properties.get("UNIQ_KEY"));
    }

    @Test
    void aMessageWithoutAQueueGoesToOneThatCanBeWritten() {
        for (int i = 0; i < 20; i++) {
            assertThat(sending.send(sending.message("T", SendRequest.ANY_QUEUE, "x", Map.of())))
                    .isNull();
        }
        int found = 0;
        for (int queue = 0; queue < 4; queue++) {
            found += sending.store.read("T", queue).size();
        }
        assertThat(found).isEqualTo(20);
    }

    @Test
    void sendsThatCameTogetherShareOneAppend() {
        long before = sending.store.storage().stats().batches();
        for (int i = 0; i < 3; i++) {
            sending.message("T", i, "x", Map.of());
            assertThat(sending.stage("client-" + i, i)).isNull();
        }
        assertThat(sending.answers).isEmpty();
        sending.commit();
        assertThat(sending.answers)
                .extracting(Sending.Answer::client)
                .containsExactly("client-0", "client-1", "client-2");
        assertThat(sending.store.storage().stats().batches()).isEqualTo(before + 1);
    }

    @Test
    void aRefusedSendTakesNothingOfTheOthersWithIt() {
        sending.message("T", 0, "first", Map.of());
        assertThat(sending.stage("a", 1)).isNull();
        sending.batch(
                "T", item(item(new ByteWriter(), "in", ""), "x".repeat(10), "a").toByteArray());
        sending.request.body.set(Bytes.utf8("no batch at all, but long enough"), 0, 32);
        assertThat(sending.stage("b", 2)).isNotNull();
        sending.message("T", 0, "last", Map.of());
        assertThat(sending.stage("c", 3)).isNull();
        sending.commit();
        assertThat(sending.answers).extracting(Sending.Answer::client).containsExactly("a", "c");
        assertThat(sending.store.read("T", 0)).extracting(TestStore::body).containsExactly("first", "last");
        assertThat(sending.counters.refusals()).isEqualTo(1);
    }

    @Test
    void aOneWaySendIsStoredAndNobodyIsTold() {
        sending.message("T", 0, "x", Map.of());
        assertThat(sending.stage(null, 1)).isNull();
        sending.commit();
        assertThat(sending.answers).isEmpty();
        assertThat(sending.store.read("T", 0)).hasSize(1);
    }

    @Test
    void whatMustNotBeStoredIsLeftOut() {
        sending.send(sending.message("T", 0, "x", Map.of("POP_CK", "c", "__RMQ.TRANSIENT.a", "b", "k", "v")));
        assertThat(sending.store.read("T", 0).getFirst().properties())
                .containsEntry("k", "v")
                .doesNotContainKeys("POP_CK", "__RMQ.TRANSIENT.a");
    }

    // ---- refusals, in the order of the checks

    @Test
    void aBrokerThatTakesNothingSaysSoBeforeItLooksAtTheMessage() {
        sending.configure(new SendConfig(1000, "R", true, 4, 0));
        assertRefused(
                sending.send(sending.message("nowhere", 99, "", Map.of())),
                ResponseCode.NO_PERMISSION,
                "brokerPermission=4");
        sending.configure(new SendConfig(1000, "R", true, 6, sending.clock.millis() + 1));
        assertRefused(
                sending.send(sending.message("T", 0, "x", Map.of())),
                ResponseCode.SYSTEM_ERROR,
                "startAcceptSendRequestTimeStamp");
    }

    @Test
    void aBatchCannotGoToARetryTopicWhetherItExistsOrNot() {
        assertRefused(sending.send(sending.batch("%RETRY%G", new byte[0])), ResponseCode.MESSAGE_ILLEGAL, "%RETRY%G");
    }

    @Test
    void aTopicIsMadeOnTheFirstSendAfterThePatternThatTheSendNames() {
        assertThat(sending.send(sending.message("New", 3, "x", Map.of()))).isNull();
        assertThat(requireNonNull(sending.topics.find("New")).config().writeQueueNums())
                .isEqualTo(4);
        SendRequest send = sending.message("Newer", 0, "x", Map.of());
        send.defaultTopic.set("");
        assertRefused(sending.send(send), ResponseCode.TOPIC_NOT_EXIST, "Newer");
        assertThat(sending.topics.find("Newer")).isNull();
    }

    @Test
    void theBrokersOwnTopicsAreClosed() {
        assertRefused(
                sending.send(sending.message("SCHEDULE_TOPIC_XXXX", 0, "x", Map.of())),
                ResponseCode.NO_PERMISSION,
                "SCHEDULE_TOPIC_XXXX");
    }

    @Test
    void aRetryGoesWhereItsGroupSays() {
        assertThat(sending.send(sending.message("%RETRY%G", 0, "again", Map.of())))
                .isNull();
        sending.retried = new SendBack.Destination("%DLQ%G", true, false);
        assertThat(sending.send(sending.message("%RETRY%G", 3, "dead", Map.of("DELAY", "3"))))
                .isNull();
        assertThat(sending.store.read("%RETRY%G", 0)).hasSize(1);
        assertThat(sending.store.read("%DLQ%G", 0))
                .as("one queue, at once, whatever was asked")
                .hasSize(1);
        sending.retried = new SendBack.Destination("%RETRY%G", false, true);
        assertRefused(
                sending.send(sending.message("%RETRY%G", 0, "x", Map.of())), ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
    }

    @Test
    void aHalfMessageWaitsInItsOwnTopicAsRocketMqStoresIt() {
        SendRequest send = sending.message("T", 2, "half", half("DELAY", "3", "TIMER_DELAY_MS", "5000", "k", "v"));
        send.sysFlag = SysFlag.PREPARED | SysFlag.COMPRESSED;
        assertThat(sending.send(send)).isNull();
        assertThat(sending.store.read("T", 2)).isEmpty();
        assertThat(sending.store.read("SCHEDULE_TOPIC_XXXX", 2)).isEmpty();
        RecordView half = sending.store.read("RMQ_SYS_TRANS_HALF_TOPIC", 0).getFirst();
        assertThat(half.sysFlag()).isEqualTo(SysFlag.COMPRESSED);
        assertThat(half.properties())
                .containsEntry("TRAN_MSG", "true")
                .containsEntry("PGROUP", "P")
                .containsEntry("UNIQ_KEY", "K")
                .containsEntry("__transactionId__", "K")
                .containsEntry("REAL_TOPIC", "T")
                .containsEntry("REAL_QID", "2")
                .containsEntry("k", "v")
                .doesNotContainKeys("DELAY", "TIMER_DELAY_MS");
        assertThat(sending.answers.getFirst().what()).isEqualTo("SUCCESS " + id(half) + " queue 2 offset 0 key K");
        assertThat(sending.store.storage().transactions().count()).isOne();
    }

    private static Map<String, String> half(String... more) {
        Map<String, String> properties = new HashMap<>(Map.of("TRAN_MSG", "true", "PGROUP", "P", "UNIQ_KEY", "K"));
        for (int i = 0; i < more.length; i += 2) {
            properties.put(more[i], more[i + 1]);
        }
        return properties;
    }

    private static String halfProperties(RandomGenerator random) {
        List<String> items = new ArrayList<>(List.of("TRAN_MSG\u0001true", "PGROUP\u0001P" + random.nextInt(3)));
        String[] others = {
            "UNIQ_KEY\u0001U" + random.nextInt(9),
            "KEYS\u0001a b" + random.nextInt(9),
            "TAGS\u0001t" + random.nextInt(9),
            "CHECK_IMMUNITY_TIME_IN_SECONDS\u0001" + random.nextInt(90),
            "MERLIN_TRAN_DELAY_MS\u00015",
            "REAL_TOPIC\u0001mine",
            "TIMER_DELAY_SEC\u00017",
            "TRACE_ON\u0001no",
            "an\u0001",
            ""
        };
        for (int i = random.nextInt(8); i > 0; i--) {
            items.add(random.nextInt(items.size() + 1), others[random.nextInt(others.length)]);
        }
        return String.join("\u0002", items) + (random.nextBoolean() ? "\u0002" : "");
    }

    private static List<String> keys(Map<String, String> properties) {
        List<String> keys = new ArrayList<>(List.of(properties.get("UNIQ_KEY")));
        keys.addAll(List.of(properties.getOrDefault("KEYS", keys.getFirst()).split(" ", -1)));
        return keys;
    }

    @Test
    void aHalfMessageMeansTheSameToTheSendAndToWhoeverReadsIt() {
        HalfRecords rule = new HalfRecords(
                () -> (int) TransactionConfig.defaults().timeOut().toMillis(), 0, RecordRule.NONE);
        EntrySlice entry = new EntrySlice(1);
        Seeds.forEach(200, random -> {
            SendRequest send = sending.message("T", 1, "half", Map.of());
            send.properties.set(halfProperties(random));
            assertThat(sending.send(send)).isNull();
            Queue halves = sending.store.storage().queue("RMQ_SYS_TRANS_HALF_TOPIC", 0);
            assertThat(halves.read(halves.maxOffset() - 1, 1, entry)).isOne();
            byte[] bytes = requireNonNull(sending.store.storage().readRecord(entry.logOffset[0]));
            RecordView record = new RecordView();
            assertThat(record.on(bytes, 0, bytes.length)).isTrue();
            RecordFacts read = new RecordFacts().read(record, rule);
            OpenHalf open =
                    requireNonNull(sending.store.storage().transactions().openAt(record.logOffset()));
            assertThat(open.checkMillis()).isEqualTo(record.storeMillis() + (read.dueMillis() >>> 32));
            assertThat(open.groupHash()).isEqualTo((int) read.dueMillis());
            assertThat(entry.tagsCode[0]).isEqualTo(read.tagsCode());
            assertThat(record.properties()).containsEntry("REAL_TOPIC", "T").containsKey("UNIQ_KEY");
            for (String key : keys(record.properties())) {
                assertThat(sending.store.storage().findByKey("RMQ_SYS_TRANS_HALF_TOPIC", key, 1, 0, Long.MAX_VALUE))
                        .containsExactly(record.logOffset());
            }
        });
    }

    @Test
    void whatIsNoHalfMessageIsRefusedAsOne() {
        SendRequest flagged = sending.message("T", 0, "x", Map.of());
        flagged.sysFlag = SysFlag.PREPARED;
        assertRefused(sending.send(flagged), ResponseCode.MESSAGE_ILLEGAL, "TRAN_MSG=true");
        SendRequest rolledBack = sending.message("T", 0, "x", Map.of());
        rolledBack.sysFlag = SysFlag.ROLLBACK;
        assertRefused(sending.send(rolledBack), ResponseCode.MESSAGE_ILLEGAL, "rollback");
        assertRefused(
                sending.send(sending.message("T", 0, "x", Map.of("TRAN_MSG", "true"))),
                ResponseCode.MESSAGE_ILLEGAL,
                "PGROUP");
        assertThat(sending.store.storage().transactions().count()).isZero();
    }

    @Test
    void aRetryOfACommittedMessageIsNoHalfMessage() {
        SendRequest retry = sending.message("T", 0, "x", half("DELAY", "1"));
        retry.sysFlag = SysFlag.PREPARED;
        retry.reconsumeTimes = 1;
        assertThat(sending.send(retry)).isNull();
        RecordView held = sending.store.read("SCHEDULE_TOPIC_XXXX", 0).getFirst();
        assertThat(SysFlag.transaction(held.sysFlag())).isZero();
        assertThat(sending.store.storage().transactions().count()).isZero();
    }

    @Test
    void halfMessagesAreRefusedWhereTheBrokerTakesNoneOrHasTooMany() {
        sending.transactions = new TransactionConfig(false, Duration.ofSeconds(6), Duration.ofSeconds(30), 15, 1);
        assertThat(sending.send(sending.message("T", 0, "x", half()))).isNull();
        assertRefused(
                sending.send(sending.message("T", 0, "x", half())),
                ResponseCode.SERVICE_NOT_AVAILABLE,
                "transaction.max-open is 1");
        sending.transactions = new TransactionConfig(true, Duration.ofSeconds(6), Duration.ofSeconds(30), 15, 100);
        assertRefused(
                sending.send(sending.message("T", 0, "x", half())),
                ResponseCode.NO_PERMISSION,
                "rejectTransactionMessage");
    }

    @Test
    void aQueueThatTheTopicDoesNotHaveIsRefusedBeforeTheBodyIsLookedAt() {
        assertRefused(
                sending.send(sending.message("T", 4, "", Map.of())), ResponseCode.INVALID_PARAMETER, "no queue 4");
    }

    @Test
    void aBodyIsNeitherEmptyNorLargerThanAllowed() {
        assertRefused(sending.send(sending.message("T", 0, "", Map.of())), ResponseCode.MESSAGE_ILLEGAL, "no body");
        assertThat(sending.send(sending.message("T", 0, "x".repeat(1000), Map.of())))
                .isNull();
        assertRefused(
                sending.send(sending.message("T", 0, "x".repeat(1001), Map.of())),
                ResponseCode.MESSAGE_ILLEGAL,
                "1001 bytes",
                "maxMessageSize");
    }

    @Test
    void propertiesThatFitNoRecordAreRefused() {
        assertRefused(
                sending.send(sending.message("T", 0, "x", Map.of("p", "v".repeat(40_000)))),
                ResponseCode.MESSAGE_ILLEGAL,
                "properties");
        assertThat(sending.store.read("T", 0)).isEmpty();
    }

    /** That the room is enough is shown in {@link SendBackTest}. */
    @Test
    void propertiesThatLeaveNoRoomForRetriesAreRefused() {
        int most = RecordLayout.MAX_PROPERTIES_BYTES - RecordStager.RESERVED_BYTES;
        sending.send(sending.message("T", 0, "x", Map.of("UNIQ_KEY", "U", "p", "v")));
        int fits = most - sending.store.read("T", 0).getFirst().propertiesBytes() + 1;
        assertThat(sending.send(sending.message("T", 1, "x", Map.of("UNIQ_KEY", "U", "p", "v".repeat(fits)))))
                .isNull();
        assertThat(sending.store.read("T", 1).getFirst().propertiesBytes()).isEqualTo(most);
        assertRefused(
                sending.send(sending.message("T", 1, "x", Map.of("UNIQ_KEY", "U", "p", "v".repeat(fits + 1)))),
                ResponseCode.MESSAGE_ILLEGAL,
                "delayed and retried");
        assertRefused(
                sending.send(sending.message(
                        "T", 1, "x", Map.of("UNIQ_KEY", "U", "DELAY", "1", "p", "v".repeat(fits - 20)))),
                ResponseCode.MESSAGE_ILLEGAL,
                "delayed and retried");
    }

    @Test
    void aRecordThatFitsNoSegmentIsRefused() {
        try (Sending small =
                new Sending(TestStore.config(folder.resolve("small")).withSegmentBytes(4096), Sending.CONFIG)) {
            assertRefused(
                    small.send(small.message("T", 0, "x".repeat(900), Map.of("p", "v".repeat(4000)))),
                    ResponseCode.MESSAGE_ILLEGAL,
                    "segments of the log");
        }
    }

    @Test
    void aStoreThatTakesNoWritesRefusesWithItsReason() {
        sending.store.storage().close();
        assertRefused(sending.send(sending.message("T", 0, "x", Map.of())), ResponseCode.SERVICE_NOT_AVAILABLE);
    }

    // ---- delays

    @Test
    void aDelayedMessageIsHeldByTheScheduleUnderItsOwnName() {
        assertThat(sending.send(sending.message("T", 2, "x", Map.of("DELAY", "3", "TAGS", "a"))))
                .isNull();
        assertThat(sending.store.read("T", 2)).isEmpty();
        RecordView held = sending.store.read("SCHEDULE_TOPIC_XXXX", 2).getFirst();
        assertThat(held.properties())
                .containsEntry("REAL_TOPIC", "T")
                .containsEntry("REAL_QID", "2")
                .containsEntry("TAGS", "a");
        assertThat(sending.answers.getFirst().what()).contains("queue 2 offset 0");
    }

    @Test
    void aDelayBeyondTheLongestIsRefused() {
        assertRefused(
                sending.send(sending.message("T", 0, "x", Map.of("TIMER_DELAY_SEC", "999999999999"))),
                ResponseCode.MESSAGE_ILLEGAL,
                "longest");
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "3.0", " 3", "3 ", "-1", "+3", "0x3", "99999999999999999999"})
    void aDelayThatIsNoLevelIsRefusedInsteadOfBeingForgotten(String level) {
        assertRefused(
                sending.send(sending.message("T", 0, "x", Map.of("DELAY", level))),
                ResponseCode.MESSAGE_ILLEGAL,
                "DELAY",
                level);
        assertThat(sending.store.read("T", 0)).isEmpty();
    }

    @Test
    void levelZeroIsNoDelay() {
        assertThat(sending.send(sending.message("T", 0, "x", Map.of("DELAY", "0"))))
                .isNull();
        assertThat(sending.store.read("T", 0)).hasSize(1);
    }

    // ---- batches

    @Test
    void aBatchWithAnEmptyMessageInsideIsRefusedLikeASingleEmptyMessage() {
        byte[] body = item(item(new ByteWriter(), "one", ""), "", "").toByteArray();
        assertRefused(sending.send(sending.batch("T", body)), ResponseCode.MESSAGE_ILLEGAL, "no body");
        assertThat(sending.store.read("T", 0)).isEmpty();
    }

    @Test
    void aBatchHoldsNoDelayedAndNoHalfMessage() {
        byte[] delayed = item(new ByteWriter(), "one", "DELAY\u00013\u0002").toByteArray();
        assertRefused(sending.send(sending.batch("T", delayed)), ResponseCode.MESSAGE_ILLEGAL, "delay", "singly");
        byte[] half = item(new ByteWriter(), "one", "TRAN_MSG\u0001true\u0002").toByteArray();
        assertRefused(sending.send(sending.batch("T", half)), ResponseCode.MESSAGE_ILLEGAL, "transaction", "singly");
        byte[] asked = item(new ByteWriter(), "one", "").toByteArray();
        SendRequest whole = sending.batch("T", asked);
        whole.properties.set("DELAY\u00013\u0002");
        assertRefused(sending.send(whole), ResponseCode.MESSAGE_ILLEGAL, "delay", "singly");
        assertThat(sending.store.read("T", 0)).isEmpty();
    }

    @Test
    void whatMustNotBeStoredIsLeftOutOfABatchToo() {
        byte[] body = item(new ByteWriter(), "one", "POP_CK\u0001c\u0002k\u0001v\u0002")
                .toByteArray();
        assertThat(sending.send(sending.batch("T", body))).isNull();
        assertThat(sending.store.read("T", 0).getFirst().properties())
                .containsEntry("k", "v")
                .doesNotContainKey("POP_CK");
    }

    @Test
    void aBatchIsStoredAsItsMessagesAndAnsweredAsOne() {
        ByteWriter body = item(item(new ByteWriter(), "one", "UNIQ_KEY\u0001A\u0002"), "two", "UNIQ_KEY\u0001B\u0002");
        assertThat(sending.send(sending.batch("T", body.toByteArray()))).isNull();
        List<RecordView> stored = sending.store.read("T", 0);
        assertThat(stored).extracting(TestStore::body).containsExactly("one", "two");
        assertThat(stored).extracting(RecordView::flag).containsExactly(3, 3);
        Sending.Answer answer = sending.answers.getFirst();
        assertThat(answer.what())
                .isEqualTo("SUCCESS " + id(stored.getFirst()) + "," + id(stored.getLast())
                        + " queue 0 offset 0 key OUTER");
    }

    @Test
    void aBatchThatIsNoneIsRefusedWhole() {
        byte[] whole = item(item(new ByteWriter(), "one", ""), "two", "").toByteArray();
        SendRequest cut = sending.batch("T", whole);
        cut.body.set(whole, 0, whole.length - 1);
        assertRefused(sending.send(cut), ResponseCode.MESSAGE_ILLEGAL, "no sequence of messages");
        assertThat(sending.store.read("T", 0)).isEmpty();
    }
}
