package org.merlinmq.broker.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.client.FakeChannel;
import org.merlinmq.broker.client.ProducerGroups;
import org.merlinmq.broker.group.FakeTopics;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.schedule.Deadlines;
import org.merlinmq.broker.schedule.DelayLevels;
import org.merlinmq.broker.schedule.DelayService;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.TransactionPage;
import org.merlinmq.protocol.body.TransactionView;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.SysFlag;
import org.merlinmq.protocol.request.CheckTransactionRequest;
import org.merlinmq.protocol.request.EndTransactionRequest;
import org.merlinmq.protocol.request.ResumeHalfRequest;
import org.merlinmq.protocol.request.TransactionListRequest;
import org.merlinmq.protocol.request.TransactionRequest;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.dispatch.Answer;

/** Checks of half messages, late decisions, and what administrators do, on a real store with producers in memory. */
@SuppressWarnings("NullAway.Init") // opened before each test
class TransactionChecksTest {
    private static final int MAX_CHECKS = 2;
    private static final String GIVEN_UP = "TRANS_CHECK_MAX_TIME_TOPIC";

    private final SimClock clock = new SimClock();
    private final FakeChannel one = new FakeChannel("10.0.0.1:1");
    private final FakeChannel two = new FakeChannel("10.0.0.2:1");

    @TempDir
    Path folder;

    private TestStore store;
    private ProducerGroups producers;
    private Deadlines deadlines;
    private Transactions transactions;
    private TransactionHandlers administration;
    private LateDecisions late;

    @BeforeEach
    void open() {
        open(TestStore.config(folder));
    }

    private void open(StorageConfig config) {
        store = new TestStore(config, clock, new HalfRecords(() -> 6_000, 0, RecordRule.NONE));
        TopicTable topics = store.topics(TopicSettings.defaults("C", "broker-a"));
        topics.create("T", 4, 6, 0);
        producers = new ProducerGroups(clock::millis);
        deadlines = new Deadlines(clock::millis, failure -> {
            throw new AssertionError(failure);
        });
        TransactionConfig settings =
                new TransactionConfig(false, Duration.ofSeconds(6), Duration.ofSeconds(30), MAX_CHECKS, 1000);
        Transactions.Parts parts = new Transactions.Parts(
                store.storage(),
                topics,
                producers,
                new StoredMessages(store.storage(), 0),
                new ThroughputStats(clock::millis, at -> {}, ZoneOffset.UTC),
                deadlines,
                clock::millis,
                () -> settings,
                new BrokerIdentity("C", "broker-a", 0, InetAddress.getLoopbackAddress(), false, 10911, 10912));
        transactions = new Transactions(parts, Runnable::run);
        late = new LateDecisions(store.storage(), Runnable::run, transactions::records, transactions.counters());
        administration = new TransactionHandlers(parts, late, transactions);
        transactions.start();
    }

    @AfterEach
    void close() {
        transactions.close();
        store.close();
    }

    private long half(String key, String... more) {
        Map<String, String> properties = new HashMap<>(
                Map.of("TRAN_MSG", "true", "PGROUP", "P", "UNIQ_KEY", key, "REAL_TOPIC", "T", "REAL_QID", "1"));
        for (int i = 0; i < more.length; i += 2) {
            properties.put(more[i], more[i + 1]);
        }
        return store.put("RMQ_SYS_TRANS_HALF_TOPIC", 0, "body of " + key, properties, 0, 0);
    }

    private void connect(FakeChannel channel) {
        producers.heartbeat("P", new ConsumerGroups.Client(channel, "client", 0, 1));
    }

    private void advance(int seconds) {
        clock.advance(Duration.ofSeconds(seconds));
        deadlines.runDue();
        // What a pass has armed for the time being is due at once.
        clock.advance(Duration.ofMillis(200));
        deadlines.runDue();
    }

    private OpenHalf open(long logOffset) {
        OpenHalf half = store.storage().transactions().openAt(logOffset);
        assertThat(half).isNotNull();
        return Objects.requireNonNull(half);
    }

    private Answer decide(int decision, String group, long logOffset, long queueOffset, String key) {
        return late.decideNow(
                new EndTransactionRequest(group, queueOffset, logOffset, decision, key, false, key, null));
    }

    private Answer decide(int decision, long logOffset, String key) {
        return decide(decision, "P", logOffset, 0, key);
    }

    private static void assertRefused(Answer answer, String... words) {
        assertThat(answer.code()).isNotEqualTo(ResponseCode.SUCCESS);
        assertThat(answer.remark()).contains(words);
    }

    @Test
    void aProducerIsAskedAfterTheTimeOutAndThenEachInterval() {
        long half = half("K");
        connect(one);
        advance(5);
        assertThat(one.sent).isEmpty();
        advance(1);
        assertThat(one.sent).hasSize(1);
        Frame question = one.sent.getFirst();
        CheckTransactionRequest header = CheckTransactionRequest.read(question);
        assertThat(question.code()).isEqualTo(39);
        assertThat(question.isOneway()).isTrue();
        assertThat(header.commitLogOffset()).isEqualTo(half);
        assertThat(header.tranStateTableOffset()).isZero();
        assertThat(header.transactionId()).isEqualTo("K");
        RecordView body = new RecordView();
        assertThat(body.on(question.body(), 0, question.body().length)).isTrue();
        assertThat(body.bodyCrcMatches()).isTrue();
        assertThat(body.topic()).isEqualTo("T");
        assertThat(body.queueId()).isOne();
        assertThat(body.logOffset()).isEqualTo(half);
        assertThat(body.properties())
                .containsEntry("TRANSACTION_CHECK_TIMES", "1")
                .containsEntry("PGROUP", "P");
        assertThat(TestStore.body(body)).isEqualTo("body of K");
        assertThat(open(half).checks()).isOne();
        advance(20);
        assertThat(one.sent).hasSize(1);
        advance(10);
        assertThat(one.sent).hasSize(2);
        assertThat(store.read("RMQ_SYS_TRANS_HALF_TOPIC", 0))
                .as("not stored again")
                .hasSize(1);
    }

    @Test
    void immunityAndNobodyThereUseUpNoChecks() {
        long immune = half("I", "CHECK_IMMUNITY_TIME_IN_SECONDS", "300");
        long alone = half("A");
        for (int i = 0; i < 9; i++) {
            advance(30);
        }
        assertThat(open(immune).checks()).isZero();
        assertThat(open(alone).checks()).isZero();
        one.open = false;
        connect(one);
        advance(60);
        assertThat(open(alone).checks()).as("a connection that is gone").isZero();
        one.open = true;
        advance(30);
        assertThat(open(immune).checks()).isOne();
        assertThat(open(alone).checks()).isOne();
    }

    @Test
    void anotherProducerIsAskedAfterOneThatDoesNotAnswer() {
        half("K");
        connect(one);
        connect(two);
        advance(6);
        advance(30);
        assertThat(one.sent).hasSize(1);
        assertThat(two.sent).hasSize(1);
    }

    @Test
    void afterTheLastCheckWasNotAnsweredItIsGivenUpAndCanBeTakenUpAgain() {
        long half = half("K");
        long other = half("L");
        connect(one);
        advance(6);
        advance(30);
        assertThat(open(half).checks()).isEqualTo(MAX_CHECKS);
        assertThat(store.read(GIVEN_UP, 0))
                .as("its last check may still be answered")
                .isEmpty();
        assertThat(decide(EndTransactionRequest.COMMIT, other, "L").code()).isEqualTo(ResponseCode.SUCCESS);
        advance(30);
        assertThat(store.storage().transactions().count()).isZero();
        RecordView givenUp = store.read(GIVEN_UP, 0).getFirst();
        assertThat(givenUp.properties()).containsEntry("UNIQ_KEY", "K").containsEntry("TRANSACTION_CHECK_TIMES", "2");
        assertThat(transactions.counters().givenUp()).isOne();
        assertRefused(decide(EndTransactionRequest.COMMIT, half, "K"), "given up");

        TransactionPage page = TransactionPage.read(administration
                .list(new TransactionListRequest(null, null, true, 0, 10))
                .body());
        assertThat(page.transactions())
                .extracting(TransactionView::transactionId)
                .containsExactly("K");
        String id = page.transactions().getFirst().messageId();
        assertThat(administration.resume(new ResumeHalfRequest(null, id)).code())
                .isEqualTo(ResponseCode.SUCCESS);
        assertRefused(administration.resume(new ResumeHalfRequest(null, id)), "already");
        assertThat(open(half).checks()).as("by its first name").isZero();
        advance(6);
        assertThat(open(half).checks()).isOne();
        assertThat(decide(EndTransactionRequest.COMMIT, half, "K").code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(store.read("T", 1)).extracting(TestStore::body).containsExactly("body of L", "body of K");
    }

    @Test
    void aDecisionThatComesTwiceIsTakenOnceAndAContradictingOneIsRefused() {
        long committed = half("K");
        assertThat(decide(EndTransactionRequest.COMMIT, committed, "K").code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(decide(EndTransactionRequest.COMMIT, committed, "K").code()).isEqualTo(ResponseCode.SUCCESS);
        assertRefused(decide(EndTransactionRequest.ROLLBACK, committed, "K"), "was committed already");
        long rolledBack = half("L");
        assertThat(decide(EndTransactionRequest.ROLLBACK, rolledBack, "L").code())
                .isEqualTo(ResponseCode.SUCCESS);
        assertRefused(decide(EndTransactionRequest.COMMIT, rolledBack, "L"), "was rolled back already");
        assertThat(store.read("T", 1)).hasSize(1);
        RecordView message = store.read("T", 1).getFirst();
        assertThat(SysFlag.transaction(message.sysFlag())).isEqualTo(SysFlag.COMMIT);
        assertThat(message.properties())
                .containsEntry("TRAN_MSG", "true")
                .containsEntry("REAL_TOPIC", "T")
                .containsEntry("PGROUP", "P");
    }

    private static StorageConfig withoutKeys(StorageConfig config) {
        return new StorageConfig(
                config.folder(),
                config.commitLogFolder(),
                config.segmentBytes(),
                config.maxRecordBytes(),
                config.flush(),
                config.flushInterval(),
                config.syncFlushTimeout(),
                config.retention(),
                config.deleteHours(),
                config.diskMaxUsed(),
                config.diskForce(),
                config.diskRefuse(),
                false,
                config.checkpointBytes(),
                config.checkpointEntries(),
                config.checkpointInterval(),
                config.setAside());
    }

    @Test
    void withoutAKeyIndexADecisionThatComesAgainIsRefusedWithTheReason() {
        close();
        open(withoutKeys(TestStore.config(folder)));
        long half = half("K");
        assertThat(decide(EndTransactionRequest.COMMIT, half, "K").code()).isEqualTo(ResponseCode.SUCCESS);
        assertRefused(
                decide(EndTransactionRequest.COMMIT, half, "K"), "was decided already", "storage.key-index is off");
        long other = half("L");
        OpenHalf claimed = Objects.requireNonNull(store.storage().transactions().claim(other));
        assertRefused(decide(EndTransactionRequest.COMMIT, other, "L"), "is being stored");
        store.storage().transactions().release(claimed.logOffset());
        assertThat(decide(EndTransactionRequest.ROLLBACK, other, "L").code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(store.read("T", 1)).hasSize(1);
    }

    @Test
    void aBugInADecisionIsAnsweredAndKeepsNoPlace() {
        long half = half("K");
        LateDecisions broken = new LateDecisions(
                store.storage(),
                Runnable::run,
                () -> {
                    throw new IllegalStateException("on purpose");
                },
                transactions.counters());
        EndTransactionRequest request =
                new EndTransactionRequest("P", 0, half, EndTransactionRequest.COMMIT, "K", false, "K", null);
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i <= LateDecisions.MAX_AT_ONCE; i++) {
            broken.decide(request, answers::add);
        }
        assertThat(answers).hasSize(LateDecisions.MAX_AT_ONCE + 1);
        answers.forEach(answer -> assertRefused(answer, "IllegalStateException", "on purpose"));
        assertThat(decide(EndTransactionRequest.COMMIT, half, "K").code())
                .as("it was given back")
                .isEqualTo(ResponseCode.SUCCESS);
    }

    @Test
    void offsetsOfAnotherBrokerFindItByItsId() {
        half("K");
        long theirs = 123_456_789;
        assertRefused(decide(EndTransactionRequest.COMMIT, "Q", theirs, 9, "K"), "no half message");
        assertRefused(decide(EndTransactionRequest.COMMIT, theirs, "X"), "no half message", "X");
        assertThat(decide(EndTransactionRequest.COMMIT, "P", theirs, 9, "K").code())
                .isEqualTo(ResponseCode.SUCCESS);
        assertThat(store.read("T", 1)).hasSize(1);
    }

    @Test
    void anAdministratorSeesListsAndDecides() {
        half("K");
        half("L", "PGROUP", "Q");
        long third = half("M");
        TransactionPage first = TransactionPage.read(administration
                .list(new TransactionListRequest("P", null, false, 0, 1))
                .body());
        assertThat(first.open()).isEqualTo(3);
        assertThat(first.transactions())
                .extracting(TransactionView::transactionId)
                .containsExactly("K");
        TransactionPage next = TransactionPage.read(administration
                .list(new TransactionListRequest("P", "T", false, first.nextCursor(), 10))
                .body());
        assertThat(next.transactions())
                .extracting(TransactionView::transactionId)
                .containsExactly("M");
        assertThat(next.nextCursor()).isEqualTo(TransactionPage.LAST);
        TransactionView shown = TransactionView.read(
                administration.show(new TransactionRequest("L", null)).body());
        assertThat(shown.group()).isEqualTo("Q");
        assertThat(shown.topic()).isEqualTo("T");
        assertRefused(administration.show(new TransactionRequest("X", null)), "no transaction X");
        assertRefused(administration.decide(new TransactionRequest("L", "check")), "no producer of the group Q");
        assertRefused(administration.decide(new TransactionRequest("L", "forget")), "commit, rollback or check");
        assertThat(administration.decide(new TransactionRequest("K", "commit")).code())
                .isEqualTo(ResponseCode.SUCCESS);
        assertThat(administration
                        .decide(new TransactionRequest("L", "rollback"))
                        .code())
                .isEqualTo(ResponseCode.SUCCESS);
        connect(one);
        assertThat(administration
                        .decide(new TransactionRequest(
                                next.transactions().getFirst().messageId(), "check"))
                        .code())
                .isEqualTo(ResponseCode.SUCCESS);
        advance(0);
        assertThat(one.sent).hasSize(1);
        assertThat(open(third).checks()).isOne();
        assertThat(store.read("T", 1)).extracting(TestStore::body).containsExactly("body of K");
    }

    @Test
    void ofTheCopiesThatRocketMqMadeTheLastStaysOpen() {
        long first = half("K");
        half("L");
        long last = half("K", "TRANSACTION_CHECK_TIMES", "3");
        transactions.adopt();
        assertThat(store.storage().transactions().list(0, 10))
                .extracting(OpenHalf::logOffset)
                .hasSize(2)
                .contains(last);
        assertThat(decide(EndTransactionRequest.COMMIT, first, "K").code())
                .as("by the place that the producer was first given")
                .isEqualTo(ResponseCode.SUCCESS);
        assertThat(store.storage().transactions().count()).isOne();
        assertThat(store.read("T", 1)).hasSize(1);
    }

    @Test
    void aDelayThatOurOwnClientAsksForCountsFromTheCommit() {
        long half = half("K", "MERLIN_TRAN_DELAY_MS", "5000");
        clock.advance(Duration.ofMinutes(1));
        assertThat(decide(EndTransactionRequest.COMMIT, half, "K").code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(store.storage().transactions().count()).isZero();
        assertThat(store.read("T", 1)).isEmpty();
        List<Long> due = new ArrayList<>();
        store.storage().timers().list(0, (dueMillis, logOffset) -> due.add(dueMillis));
        assertThat(due).containsExactly(clock.millis() + 5_000);
        FakeTopics known = new FakeTopics();
        known.add("T", 4);
        DelayService delays = new DelayService(store.storage(), known, DelayLevels.STANDARD, deadlines, clock::millis);
        delays.start();
        clock.advance(Duration.ofSeconds(5));
        deadlines.runDue();
        RecordView delivered = store.read("T", 1).getFirst();
        assertThat(TestStore.body(delivered)).isEqualTo("body of K");
        assertThat(SysFlag.transaction(delivered.sysFlag())).isZero();
        assertThat(store.storage().timers().count()).isZero();
        delays.close();
    }

    @Test
    void aTopicThatIsGoneLeavesTheTransactionOpen() {
        long half = half("K", "REAL_TOPIC", "GONE");
        assertRefused(decide(EndTransactionRequest.COMMIT, half, "K"), "no topic GONE");
        assertThat(open(half)).isNotNull();
        assertThat(decide(EndTransactionRequest.ROLLBACK, half, "K").code()).isEqualTo(ResponseCode.SUCCESS);
    }
}
