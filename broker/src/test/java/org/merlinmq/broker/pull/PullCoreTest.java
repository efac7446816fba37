package org.merlinmq.broker.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.filter.FoundProperties;
import org.merlinmq.broker.filter.RecordFilter;
import org.merlinmq.broker.filter.TagFilter;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.broker.subscription.FilterConfig;
import org.merlinmq.broker.subscription.Subscription;
import org.merlinmq.protocol.body.MessageModel;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;

/** Which answer a pull gets: the decision table of offsets, filters, bounds, and pulls that wait. */
class PullCoreTest {
    /** Where entries begin in a run; docs/formats/queue-run.md. */
    private static final int FIRST_ENTRY_AT = 64;

    @TempDir
    Path folder;

    private Pulling pulling;

    @BeforeEach
    void open() {
        pulling = new Pulling(folder);
    }

    @AfterEach
    void close() {
        pulling.close();
    }

    // ---- limits

    private void limit(Map<String, String> attributes) {
        TopicConfig of = TopicConfig.of("T", 4);
        pulling.topics.put(
                new TopicConfig("T", 4, 4, of.perm(), of.topicFilterType(), of.topicSysFlag(), of.order(), attributes));
    }

    @Test
    void aPullAboveTheRateOfItsTopicWaitsForItsTurn() {
        limit(Map.of("+limit.deliver.messages", "10", "+limit.deliver.burst", "200"));
        pulling.put("a", "b", "c", "d");
        assertThat(pulling.pull(pulling.request(0))).isEqualTo("SUCCESS FOUND next 2 of 0 to 4 a b");
        assertThat(pulling.pull(pulling.request(2))).isEmpty();
        pulling.loop.advance(Duration.ofMillis(99));
        assertThat(pulling.answers).hasSize(1);
        pulling.loop.advance(Duration.ofMillis(1));
        assertThat(pulling.answers.getLast()).isEqualTo("SUCCESS FOUND next 3 of 0 to 4 c");
        pulling.loop.advance(Duration.ofSeconds(1));
        assertThat(pulling.pull(pulling.request(3))).isEqualTo("SUCCESS FOUND next 4 of 0 to 4 d");
        assertThat(pulling.loop.hasLater()).isFalse();
    }

    @Test
    void aPullAboveTheRateOfItsGroupWaitsAndOtherGroupsDoNot() {
        pulling.groups.apply(
                StateTypes.GROUP,
                StateTypes.key("G"),
                SubscriptionGroup.of("G")
                        .withAttributes(Map.of("limit.deliver.messages", "1", "limit.deliver.burst", "0"))
                        .write());
        pulling.put("a", "b");
        assertThat(pulling.pull(pulling.request(0))).isEqualTo("SUCCESS FOUND next 1 of 0 to 2 a");
        assertThat(pulling.pull(pulling.request(1))).isEmpty();
        PullRequest other = pulling.request(0);
        other.group.set("H");
        assertThat(pulling.pull(other)).isEqualTo("SUCCESS FOUND next 2 of 0 to 2 a b");
        pulling.loop.advance(Duration.ofSeconds(1));
        assertThat(pulling.answers.getLast()).isEqualTo("SUCCESS FOUND next 2 of 0 to 2 b");
    }

    @Test
    void aPullThatWaitsLongerThanItMayIsNotRefused() {
        limit(Map.of("+limit.deliver.bytes", "1", "+limit.deliver.burst", "0"));
        pulling.put("a", "b");
        assertThat(pulling.pull(pulling.request(0))).isEqualTo("SUCCESS FOUND next 1 of 0 to 2 a");
        assertThat(pulling.pull(pulling.waiting(1, "*"))).isEmpty();
        pulling.loop.advance(Duration.ofMillis(14_999));
        assertThat(pulling.answers).hasSize(1);
        pulling.loop.advance(Duration.ofMillis(1));
        assertThat(pulling.answers.getLast()).isEqualTo("PULL_NOT_FOUND RATE_LIMITED next 1 of 0 to 2");
    }

    @Test
    void anAppendThatWakesAPullAboveTheRateLetsItWait() {
        limit(Map.of("+limit.deliver.messages", "10", "+limit.deliver.burst", "0"));
        pulling.put("a");
        assertThat(pulling.pull(pulling.request(0))).isEqualTo("SUCCESS FOUND next 1 of 0 to 1 a");
        assertThat(pulling.pull(pulling.waiting(1, "*"))).isEmpty();
        pulling.put("b");
        pulling.loop.run();
        assertThat(pulling.answers).hasSize(1);
        pulling.loop.advance(Duration.ofMillis(100));
        assertThat(pulling.answers.getLast()).isEqualTo("SUCCESS FOUND next 2 of 0 to 2 b");
    }

    // ---- offsets

    @Test
    void messagesFromTheOffsetOnAreFound() {
        pulling.put("a", "b", "c");
        assertThat(pulling.pull(pulling.request(0))).isEqualTo("SUCCESS FOUND next 3 of 0 to 3 a b c");
        assertThat(pulling.pull(pulling.request(2))).isEqualTo("SUCCESS FOUND next 3 of 0 to 3 c");
    }

    @Test
    void anEmptyQueueHasNothingAtItsBeginningAndMovesOtherOffsetsThere() {
        assertThat(pulling.pull(pulling.request(0))).isEqualTo("PULL_NOT_FOUND NO_MESSAGE_IN_QUEUE next 0 of 0 to 0");
        assertThat(pulling.pull(pulling.request(3)))
                .isEqualTo("PULL_OFFSET_MOVED NO_MESSAGE_IN_QUEUE next 0 of 0 to 0");
    }

    @Test
    void theOffsetOfTheNextMessageFindsNothingYet() {
        pulling.put("a");
        assertThat(pulling.pull(pulling.request(1))).isEqualTo("PULL_NOT_FOUND OFFSET_OVERFLOW_ONE next 1 of 0 to 1");
    }

    @Test
    void anOffsetBeyondTheNextMessageIsMoved() {
        pulling.put("a", "b");
        assertThat(pulling.pull(pulling.request(3))).startsWith("PULL_OFFSET_MOVED OFFSET_OVERFLOW_BADLY");
    }

    @Test
    void anOffsetWhoseMessageWasDeletedIsMovedToTheFirstThatIsThere() {
        // A segment takes one of the large ones.
        pulling.put("x".repeat(150_000), "y".repeat(150_000), "a");
        pulling.clock.advance(Duration.ofDays(30));
        assertThat(pulling.store.storage().deleteExpired().join()).isEqualTo(1);
        assertThat(pulling.pull(pulling.request(0))).isEqualTo("PULL_OFFSET_MOVED OFFSET_TOO_SMALL next 1 of 1 to 3");
    }

    @Test
    void aPullThatMeetsADamagedIndexGetsItsMessagesOnceThatIsMadeAnew() throws IOException {
        pulling.put("a", "b");
        pulling.store.storage().checkpoint();
        try (Stream<Path> files = Files.list(folder.resolve("merlin"));
                RandomAccessFile run = new RandomAccessFile(
                        files.filter(each -> each.getFileName().toString().startsWith("queue-"))
                                .findFirst()
                                .orElseThrow()
                                .toFile(),
                        "rw")) {
            run.seek(FIRST_ENTRY_AT);
            run.write(0x55);
        }
        assertThat(pulling.pull(pulling.request(0))).isEmpty();
        Queue queue = Objects.requireNonNull(pulling.store.storage().findQueue("T", 0));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (queue.read(0, 1, new EntrySlice(1)) == 0 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        pulling.loop.advance(Duration.ofMillis(2L * ParkedPulls.SLOT_MILLIS));
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 2 of 0 to 2 a b");
    }

    @Test
    void aPullThatTheDiskCannotReadIsRefusedAndSkipsNothing() throws IOException {
        pulling.put("a", "b");
        Path segment = folder.resolve("commitlog/00000000000000000000");
        byte[] whole = Files.readAllBytes(segment);
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.setLength(50);
        }
        assertThat(pulling.pull(pulling.request(0)))
                .startsWith("SERVICE_NOT_AVAILABLE NOTHING Reading ")
                .contains(segment.toString(), "the file ends after 0 of them", "check the disk");
        Files.write(segment, whole);
        assertThat(pulling.pull(pulling.request(0))).isEqualTo("SUCCESS FOUND next 2 of 0 to 2 a b");
    }

    /** Cuts the log's only segment in the middle of a record of queue 0 of T; returns what was there. */
    private byte[] cutSegmentIn(long queueOffset) throws IOException {
        EntrySlice entry = new EntrySlice(1);
        Objects.requireNonNull(pulling.store.storage().findQueue("T", 0)).read(queueOffset, 1, entry);
        Path segment = folder.resolve("commitlog/00000000000000000000");
        byte[] whole = Files.readAllBytes(segment);
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.setLength(entry.logOffset[0] + entry.size[0] / 2);
        }
        return whole;
    }

    @Test
    void whatCanBeReadBeforeARecordThatTheDiskCannotReadIsFound() throws IOException {
        pulling.put("a", "b", "c", "d");
        byte[] whole = cutSegmentIn(2);
        assertThat(pulling.pull(pulling.request(0))).isEqualTo("SUCCESS FOUND next 2 of 0 to 4 a b");
        assertThat(pulling.pull(pulling.request(2)))
                .startsWith("SERVICE_NOT_AVAILABLE NOTHING Reading ")
                .contains("check the disk");
        assertThat(pulling.counters.hits()).isEqualTo(1);
        Files.write(folder.resolve("commitlog/00000000000000000000"), whole);
        assertThat(pulling.pull(pulling.request(2))).isEqualTo("SUCCESS FOUND next 4 of 0 to 4 c d");
    }

    @Test
    void aFilterHasPassedOverNothingThatTheDiskCannotRead() throws IOException {
        pulling.subscribe("G", "T", new TwoLetters(), 1);
        pulling.put("a", "bb", "c", "dd");
        byte[] whole = cutSegmentIn(1);
        assertThat(pulling.pull(registered(0, -1)))
                .isEqualTo("PULL_RETRY_IMMEDIATELY NO_MATCHED_MESSAGE next 1 of 0 to 4");
        assertThat(pulling.pull(registered(1, -1))).startsWith("SERVICE_NOT_AVAILABLE NOTHING Reading ");
        Files.write(folder.resolve("commitlog/00000000000000000000"), whole);
        cutSegmentIn(2);
        assertThat(pulling.pull(registered(0, -1))).isEqualTo("SUCCESS FOUND next 2 of 0 to 4 bb");
    }

    @Test
    void aResetIsToldOnceAndBeforeAllElse() {
        pulling.put("a", "b");
        pulling.groups.findOrCreate("G");
        pulling.offsets.reset("G", "T", 0, 1);
        assertThat(pulling.pull(pulling.request(0))).isEqualTo("PULL_OFFSET_MOVED OFFSET_RESET next 1 of 0 to 2");
        assertThat(pulling.pull(pulling.request(1))).isEqualTo("SUCCESS FOUND next 2 of 0 to 2 b");
    }

    @Test
    void aPullCommitsTheOffsetThatItCarriesAlsoOneWay() {
        pulling.put("a", "b");
        pulling.request(0).commitOffset = 2;
        pulling.oneWay();
        assertThat(pulling.answers).isEmpty();
        assertThat(pulling.offsets.committed("G", "T", 0)).isEqualTo(2);
        pulling.request(0);
        pulling.oneWay();
        assertThat(pulling.offsets.committed("G", "T", 0))
                .as("one that carries none")
                .isEqualTo(2);
    }

    // ---- bounds

    @Test
    void asManyMessagesAreFoundAsAskedAndAtLeastOne() {
        pulling.put("a", "b", "c");
        pulling.request(0).maxMessages = 2;
        pulling.pull("client");
        pulling.request(0).maxMessages = 0;
        pulling.pull("client");
        assertThat(pulling.answers)
                .containsExactly("SUCCESS FOUND next 2 of 0 to 3 a b", "SUCCESS FOUND next 1 of 0 to 3 a");
    }

    @Test
    void theBrokersBoundOnMessagesHoldsHoweverHighItIsSet() {
        String[] many = new String[150];
        java.util.Arrays.fill(many, "m");
        pulling.put(many);
        pulling.request(0).maxMessages = 1000;
        pulling.pull("client");
        assertThat(pulling.answers.getLast()).startsWith("SUCCESS FOUND next 32 ");
        pulling.configure(new PullConfig(100, 256 << 10, true, 1000, 10, true, FilterConfig.DEFAULT), 6);
        pulling.pull("client");
        assertThat(pulling.answers.getLast()).startsWith("SUCCESS FOUND next 100 ");
    }

    @Test
    void bytesAreBoundedButTheFirstMessageAlwaysFits() {
        pulling.put("x".repeat(3000), "b");
        pulling.request(0).maxBytes = 10;
        pulling.pull("client");
        assertThat(pulling.answers.getLast()).startsWith("SUCCESS FOUND next 1 of 0 to 2 xxx");
    }

    // ---- filters

    @Test
    void aFilterTakesItsTagsAndWhatItPassesOverCountsAsLookedAt() {
        pulling.putTagged("A", "a1");
        pulling.putTagged("B", "b");
        pulling.putTagged("A", "a2");
        pulling.putTagged("B", "b2");
        pulling.request(0).expression.set("A");
        pulling.pull("client");
        pulling.request(0).expression.set("C");
        pulling.pull("client");
        assertThat(pulling.answers)
                .containsExactly(
                        "SUCCESS FOUND next 4 of 0 to 4 a1 a2",
                        "PULL_RETRY_IMMEDIATELY NO_MATCHED_MESSAGE next 4 of 0 to 4");
    }

    @Test
    void onePullLooksAtNoMoreThanEightHundredEntriesForAFilter() {
        for (int i = 0; i < 900; i++) {
            pulling.putTagged("B", "b");
        }
        pulling.putTagged("A", "a");
        pulling.request(0).expression.set("A");
        pulling.pull("client");
        assertThat(pulling.answers.getLast()).startsWith("PULL_RETRY_IMMEDIATELY NO_MATCHED_MESSAGE next 832 ");
        pulling.request(832).expression.set("A");
        pulling.pull("client");
        assertThat(pulling.answers.getLast()).isEqualTo("SUCCESS FOUND next 901 of 0 to 901 a");
    }

    /** Takes messages of two letters; says nothing about tags. */
    private record TwoLetters() implements RecordFilter {
        @Override
        public boolean mayMatch(long tagsCode) {
            return tagsCode != "never".hashCode();
        }

        @Override
        public boolean takesAll() {
            return false;
        }

        @Override
        public boolean matches(RecordView record, FoundProperties found) {
            return record.bodyBytes() == 2;
        }

        @Override
        public int comparisons() {
            return 1;
        }
    }

    private PullRequest registered(long offset, long suspendMillis) {
        PullRequest made = pulling.request(offset);
        made.bringsSubscription = false;
        made.suspendMillis = suspendMillis;
        return made;
    }

    @Test
    void aFilterMayDecideOnTheRecord() {
        pulling.subscribe("G", "T", new TwoLetters(), 1);
        pulling.put("a", "bb", "ccc", "dd");
        pulling.putTagged("never", "ee");
        assertThat(pulling.pull(registered(0, -1))).isEqualTo("SUCCESS FOUND next 5 of 0 to 5 bb dd");
        assertThat(pulling.pull(registered(4, -1)))
                .isEqualTo("PULL_RETRY_IMMEDIATELY NO_MATCHED_MESSAGE next 5 of 0 to 5");
        assertThat(pulling.pull(registered(2, 100)))
                .as("of two, the one that matches")
                .isEqualTo("SUCCESS FOUND next 5 of 0 to 5 dd");
    }

    @Test
    void aParkedPullGoesOnWaitingWhenTheRecordDecidesOtherwise() {
        pulling.subscribe("G", "T", new TwoLetters(), 1);
        assertThat(pulling.pull(registered(0, 15_000))).isEmpty();
        pulling.put("a");
        pulling.loop.run();
        assertThat(pulling.answers).isEmpty();
        pulling.put("bb");
        pulling.loop.run();
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 2 of 0 to 2 bb");
    }

    private PullRequest sql(long offset, String expression) {
        PullRequest made = pulling.request(offset);
        made.expressionType.set("SQL92");
        made.expression.set(expression);
        return made;
    }

    private void putSized(int size, String body) {
        pulling.store.put("T", 0, body, Map.of("size", Integer.toString(size)), 0, 0);
    }

    @Test
    void anSqlFilterDecidesOnTheProperties() {
        putSized(3, "a");
        putSized(7, "b");
        pulling.put("none");
        putSized(9, "c");
        assertThat(pulling.pull(sql(0, "size > 5"))).isEqualTo("SUCCESS FOUND next 4 of 0 to 4 b c");
        assertThat(pulling.pull(sql(0, "size IS NULL"))).isEqualTo("SUCCESS FOUND next 4 of 0 to 4 none");
        assertThat(pulling.pull(sql(0, "size > 9"))).startsWith("PULL_RETRY_IMMEDIATELY NO_MATCHED_MESSAGE next 4 ");
    }

    @Test
    void whatAnSqlFilterTakesIsBoundedInMessagesAndBytes() {
        for (int i = 0; i < 100; i++) {
            putSized(i, "x".repeat(1000));
        }
        pulling.put("last");
        assertThat(pulling.pull(sql(0, "size >= 50"))).startsWith("SUCCESS FOUND next 82 ");
        sql(0, "size >= 50").maxBytes = 2500;
        pulling.pull("client");
        assertThat(pulling.answers.getLast())
                .as("up to the one that did not fit any more")
                .startsWith("SUCCESS FOUND next 52 ");
        sql(0, "size >= 50").maxMessages = 1;
        pulling.pull("client");
        assertThat(pulling.answers.getLast()).startsWith("SUCCESS FOUND next 51 ");
    }

    @Test
    void anSqlFilterLooksAtNoMoreThanEightHundredEntriesAndTwoMegabytes() {
        for (int i = 0; i < 900; i++) {
            putSized(1, "b");
        }
        assertThat(pulling.pull(sql(0, "size = 2"))).startsWith("PULL_RETRY_IMMEDIATELY NO_MATCHED_MESSAGE next 832 ");
        for (int i = 0; i < 100; i++) {
            putSized(1, "x".repeat(50_000));
        }
        pulling.pull(sql(900, "size = 2"));
        assertThat(pulling.answers.getLast()).startsWith("PULL_RETRY_IMMEDIATELY NO_MATCHED_MESSAGE next 942 ");
        assertThat(pulling.pull(sql(900, "size = 2 AND TAGS = 'none'")))
                .as("what its tag rules out is not read")
                .startsWith("PULL_RETRY_IMMEDIATELY NO_MATCHED_MESSAGE next 1000 ");
    }

    @Test
    void anSqlFilterThatAsksForTagsIsWokenByTheseOnly() {
        pulling.waiting(0, "TAGS IN ('A', 'B') AND size > 5").expressionType.set("SQL92");
        pulling.pull("client");
        pulling.putTagged("C", "c");
        assertThat(pulling.loop.run()).as("tasks of the loop").isZero();
        pulling.putTagged("A", "no size");
        pulling.loop.run();
        assertThat(pulling.answers).isEmpty();
        pulling.store.put("T", 0, "b", Map.of("TAGS", "B", "size", "6"), 0, 0);
        pulling.loop.run();
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 3 of 0 to 3 b");
    }

    @Test
    void aRecordThatArrivesIsShownToTheFiltersBeforeAnybodyIsWoken() {
        for (int i = 0; i < 10; i++) {
            pulling.waiting(0, "size = " + i).expressionType.set("SQL92");
            pulling.pull("client-" + i);
        }
        pulling.loop.asLoop(() -> {
            putSized(20, "for nobody");
            assertThat(pulling.counters.wakeUps()).isZero();
            putSized(7, "for seven");
            assertThat(pulling.counters.wakeUps()).isEqualTo(1);
            assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 2 of 0 to 2 for seven");
            putSized(3, "for three");
            assertThat(pulling.answers).hasSize(2).last().isEqualTo("SUCCESS FOUND next 3 of 0 to 3 for three");
        });
        assertThat(pulling.counters.parked()).isEqualTo(8);
        pulling.loop.advance(Duration.ofSeconds(16));
        assertThat(pulling.answers)
                .hasSize(10)
                .filteredOn(answer -> answer.equals("PULL_RETRY_IMMEDIATELY NO_MATCHED_MESSAGE next 3 of 0 to 3"))
                .hasSize(8);
    }

    @Test
    void ofABatchThatArrivesEachRecordIsShown() {
        pulling.waiting(0, "size = 2").expressionType.set("SQL92");
        pulling.pull("client");
        pulling.loop.asLoop(() -> pulling.store.putTogether(
                "T", 0, List.of(Map.of("size", "1"), Map.of("size", "2"), Map.of("size", "1"))));
        assertThat(pulling.answers).hasSize(1).first().asString().startsWith("SUCCESS FOUND next 3 of 0 to 3 ");
    }

    /** A filter that takes nothing, and runs something when it is asked. */
    private record Interrupted(Runnable meanwhile) implements RecordFilter {
        @Override
        public boolean matches(RecordView record, FoundProperties found) {
            meanwhile.run();
            return false;
        }

        @Override
        public boolean mayMatch(long tagsCode) {
            return true;
        }

        @Override
        public boolean takesAll() {
            return false;
        }

        @Override
        public int comparisons() {
            return 1;
        }
    }

    private void pullThrough(Runnable meanwhile) {
        pulling.subscribe("G", "T", new Interrupted(meanwhile), 1);
        PullRequest request = pulling.waiting(0, "*");
        request.bringsSubscription = false;
        request.of(pulling.channel.session());
        pulling.pull("client");
    }

    @Test
    void aPullWhoseTimeIsUpWhileItsFilterIsAskedIsAnsweredRightBehind() {
        pullThrough(() -> pulling.loop.advance(Duration.ofSeconds(16)));
        pulling.loop.asLoop(() -> pulling.put("a"));
        assertThat(pulling.answers).isEmpty();
        pulling.loop.run();
        assertThat(pulling.answers).containsExactly("PULL_RETRY_IMMEDIATELY NO_MATCHED_MESSAGE next 1 of 0 to 1");
        assertThat(pulling.counters.parked()).isZero();
    }

    @Test
    void aPullWhoseFilterIsAskedWhileTheBrokerStopsIsRefusedRightBehind() {
        pullThrough(() -> pulling.core().stop());
        pulling.loop.asLoop(() -> pulling.put("a"));
        assertThat(pulling.answers).isEmpty();
        pulling.loop.run();
        assertThat(pulling.answers).singleElement().asString().startsWith("SERVICE_NOT_AVAILABLE ");
        assertThat(pulling.counters.parked()).isZero();
    }

    @Test
    void aWaitingPullThatPassesOverManyMessagesLetsOthersGoOn() {
        pulling.waiting(0, "size = 2").expressionType.set("SQL92");
        pulling.pull("slow");
        for (int i = 0; i < 5000; i++) {
            putSized(1, "b");
        }
        putSized(2, "found");
        // Each stretch is a task of its own, between which the loop does what else there is.
        assertThat(pulling.loop.run()).isGreaterThan(5000 / MatchingRecords.MAX_ENTRIES);
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 5001 of 0 to 5001 found");
    }

    @Test
    void aWaitingPullWhoseTimeIsUpIsAnsweredInTheMiddleOfManyMessages() {
        pulling.waiting(0, "size = 2").expressionType.set("SQL92");
        pulling.pull("slow");
        for (int i = 0; i < 5000; i++) {
            putSized(1, "b");
        }
        pulling.clock.advance(Duration.ofSeconds(20));
        pulling.loop.run();
        assertThat(pulling.answers)
                .singleElement()
                .asString()
                .startsWith("PULL_RETRY_IMMEDIATELY NO_MATCHED_MESSAGE next 832 ");
    }

    // ---- pulls that wait

    @Test
    void aPullThatMayWaitIsAnsweredByTheAppendThatBringsItsMessage() {
        assertThat(pulling.pull(pulling.waiting(0, "*"))).isEmpty();
        assertThat(pulling.counters.parked()).isEqualTo(1);
        pulling.put("a");
        pulling.loop.run();
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 1 of 0 to 1 a");
        assertThat(pulling.counters.parked()).isZero();
    }

    @Test
    void appendsForOtherTagsWakeNobody() {
        for (int i = 0; i < 1000; i++) {
            pulling.waiting(0, "tag-" + i);
            pulling.pull("client-" + i);
        }
        for (int i = 0; i < 20; i++) {
            pulling.putTagged("other", "x");
        }
        assertThat(pulling.loop.run()).as("tasks of the loop").isZero();
        assertThat(pulling.counters.wakeUps()).isZero();
        pulling.putTagged("tag-7", "for seven");
        pulling.loop.run();
        assertThat(pulling.counters.wakeUps()).isEqualTo(1);
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 21 of 0 to 21 for seven");
        assertThat(pulling.counters.parked()).isEqualTo(999);
    }

    // ---- what is not confirmed

    private void confirm() {
        pulling.store.storage().readableTo(pulling.store.storage().maxLogOffset());
        pulling.loop.run();
    }

    @Test
    void aPullForWhatIsNotConfirmedWaitsUntilItIs() {
        pulling.store.storage().readConfirmedOnly();
        pulling.put("a");
        confirm();
        pulling.put("b", "c");
        assertThat(pulling.pull(pulling.request(0))).isEqualTo("SUCCESS FOUND next 1 of 0 to 1 a");
        assertThat(pulling.pull(pulling.request(1))).isEqualTo("PULL_NOT_FOUND OFFSET_OVERFLOW_ONE next 1 of 0 to 1");
        pulling.answers.clear();
        assertThat(pulling.pull(pulling.waiting(1, "*"))).isEmpty();
        confirm();
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 3 of 0 to 3 b c");
    }

    @Test
    void whoGotMoreOfTheBrokerThatLedBeforeWaitsAndKeepsHisPlace() {
        pulling.store.storage().readConfirmedOnly();
        pulling.put("a", "b", "c");
        PullRequest request = pulling.request(2);
        request.commitOffset = 2;
        assertThat(pulling.pull(request)).isEqualTo("PULL_NOT_FOUND NO_MESSAGE_IN_QUEUE next 2 of 0 to 0");
        assertThat(pulling.target().progress().committed(0)).isEqualTo(2);
        assertThat(pulling.pull(pulling.request(4))).startsWith("PULL_OFFSET_MOVED NO_MESSAGE_IN_QUEUE next 2 ");
        pulling.answers.clear();
        assertThat(pulling.pull(pulling.waiting(2, "*"))).isEmpty();
        confirm();
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 3 of 0 to 3 c");
    }

    @Test
    void filtersAreAskedWhenARecordIsConfirmed() {
        pulling.store.storage().readConfirmedOnly();
        pulling.waiting(0, "tag-1");
        pulling.pull("client-1");
        pulling.waiting(0, "tag-2");
        pulling.pull("client-2");
        pulling.waiting(0, "size = 2").expressionType.set("SQL92");
        pulling.pull("client-3");
        pulling.putTagged("tag-2", "for two");
        putSized(1, "for nobody");
        confirm();
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 2 of 0 to 2 for two");
        putSized(2, "of size two");
        assertThat(pulling.loop.run()).as("tasks of the loop").isZero();
        confirm();
        assertThat(pulling.answers).hasSize(2).last().isEqualTo("SUCCESS FOUND next 3 of 0 to 3 of size two");
        assertThat(pulling.counters.parked()).isEqualTo(1);
    }

    @Test
    void aMessageInTheMiddleOfABatchWakesWhoWaitsForIt() {
        pulling.waiting(0, "B");
        pulling.pull("client");
        pulling.store.putTogether("T", 0, List.of(Map.of("TAGS", "A"), Map.of("TAGS", "B"), Map.of("TAGS", "A")));
        pulling.loop.run();
        assertThat(pulling.counters.wakeUps()).isEqualTo(1);
        assertThat(pulling.answers).hasSize(1);
        assertThat(pulling.answers.getFirst()).startsWith("SUCCESS FOUND next 3 ");
    }

    @Test
    void whenItsTimeIsUpAPullHearsThatNothingCameOrHowFarItsFilterPassedOver() {
        pulling.put("a");
        pulling.waiting(1, "A");
        pulling.pull("client");
        pulling.loop.advance(Duration.ofSeconds(14));
        assertThat(pulling.answers).isEmpty();
        pulling.loop.advance(Duration.ofMillis(1000 + ParkedPulls.SLOT_MILLIS));
        assertThat(pulling.answers).containsExactly("PULL_NOT_FOUND OFFSET_OVERFLOW_ONE next 1 of 0 to 1");

        pulling.waiting(1, "A");
        pulling.pull("client");
        pulling.putTagged("B", "b");
        pulling.putTagged("B", "b");
        pulling.loop.advance(Duration.ofSeconds(16));
        assertThat(pulling.answers.getLast()).isEqualTo("PULL_RETRY_IMMEDIATELY NO_MATCHED_MESSAGE next 3 of 0 to 3");
        assertThat(pulling.loop.hasLater())
                .as("nothing ticks while nobody waits")
                .isFalse();
    }

    @Test
    void withoutLongPollingAPullWaitsNoLongerThanConfigured() {
        pulling.configure(new PullConfig(32, 256 << 10, false, 1000, 10, true, FilterConfig.DEFAULT), 6);
        pulling.waiting(0, "*");
        pulling.pull("client");
        pulling.loop.advance(Duration.ofMillis(1000 + ParkedPulls.SLOT_MILLIS));
        assertThat(pulling.answers).hasSize(1);
    }

    @Test
    void oneMoreThanMayWaitIsAnsweredAtOnce() {
        pulling.configure(new PullConfig(32, 256 << 10, true, 1000, 1, true, FilterConfig.DEFAULT), 6);
        assertThat(pulling.pull(pulling.waiting(0, "*"))).isEmpty();
        assertThat(pulling.pull(pulling.waiting(0, "*"))).startsWith("PULL_NOT_FOUND NO_MESSAGE_IN_QUEUE");
    }

    @Test
    void aReaderThatLagsFarIsPointedToASlaveIfOneIsThere() {
        for (int i = 0; i < 20; i++) {
            pulling.put("message " + i);
        }
        pulling.pull(pulling.request(0));
        assertThat(pulling.suggested).as("no slave").isZero();
        pulling.slaveReads.pointToSlaves(() -> true);
        pulling.pull(pulling.request(0));
        assertThat(pulling.suggested).isEqualTo(1);
        pulling.pull(sql(0, "size IS NULL"));
        assertThat(pulling.suggested).as("through a filter").isEqualTo(1);
        pulling.pull(pulling.request(19));
        assertThat(pulling.suggested).as("near the end").isZero();
        pulling.pull(sql(19, "size IS NULL"));
        assertThat(pulling.suggested).as("near the end, through a filter").isZero();
        pulling.pull(pulling.request(20));
        assertThat(pulling.suggested).as("nothing found").isZero();
    }

    @Test
    void aSlaveWaitsForWhatItsReadersHaveSeenElsewhere() {
        pulling.slaveReads.ofCopy();
        pulling.put("a");
        assertThat(pulling.pull(pulling.waiting(2, "*"))).isEmpty();
        pulling.put("b", "c");
        pulling.loop.advance(Duration.ofMillis(2 * ParkedPulls.SLOT_MILLIS));
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 3 of 0 to 3 c");
        assertThat(pulling.pull(pulling.waiting(9, "*"))).isEmpty();
        pulling.loop.advance(Duration.ofSeconds(16));
        assertThat(pulling.answers.getLast()).isEqualTo("PULL_NOT_FOUND OFFSET_OVERFLOW_ONE next 9 of 0 to 3");
    }

    @Test
    void whoeverHasGoneIsNotAnswered() {
        pulling.waiting(0, "*");
        pulling.pull("client");
        pulling.gone.add("client");
        pulling.put("a");
        pulling.loop.run();
        assertThat(pulling.answers).isEmpty();
        assertThat(pulling.counters.parked()).isZero();
    }

    @Test
    void whatAPullHandsOutIsCountedForItsGroup() {
        pulling.put("a", "b");
        pulling.pull(pulling.request(0));
        ConsumeProgress progress = pulling.offsets.findOrAdd("G", "T");
        assertThat(progress.consumed().messages()).isEqualTo(2);
        assertThat(progress.pulled(0)).isEqualTo(2);
        assertThat(pulling.counters.hits()).isEqualTo(1);
    }

    // ---- pulls that overtake the heartbeat of their subscription

    private PullRequest subscribed(String group, long version) {
        PullRequest made = registered(0, 15_000);
        made.group.set(group);
        made.subscriptionVersion = version;
        return made;
    }

    @Test
    void aPullThatOvertookItsHeartbeatIsServedWhenThatComes() {
        pulling.put("a");
        assertThat(pulling.pull(subscribed("G", 7)))
                .as("nobody of the group is there")
                .isEmpty();
        pulling.heartbeat("G", MessageModel.CLUSTERING, List.of());
        pulling.loop.run();
        assertThat(pulling.answers).as("not subscribed to the topic").isEmpty();
        pulling.subscribe("G", "T", TagFilter.ALL, 7);
        pulling.loop.run();
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 1 of 0 to 1 a");
        pulling.loop.advance(Duration.ofSeconds(2));
        assertThat(pulling.answers).hasSize(1);
        assertThat(pulling.loop.hasLater()).isFalse();
    }

    @Test
    void whatIsServedLateMayStillWaitForAMessage() {
        pulling.pull(subscribed("G", 7));
        pulling.subscribe("G", "T", TagFilter.ALL, 7);
        pulling.loop.run();
        assertThat(pulling.counters.parked()).isEqualTo(1);
        pulling.put("a");
        pulling.loop.run();
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 1 of 0 to 1 a");
    }

    @Test
    void withoutTheHeartbeatAPullIsRefusedAfterASecondAsItWouldHaveBeenAtOnce() {
        pulling.pull(subscribed("G", 7));
        pulling.subscribe("H", "T", TagFilter.ALL, 6);
        subscribed("H", 7).expressionType.set("SQL92");
        pulling.pull("client");
        pulling.loop.advance(Duration.ofMillis(900));
        assertThat(pulling.answers).isEmpty();
        pulling.loop.advance(Duration.ofMillis(100 + ParkedPulls.SLOT_MILLIS));
        assertThat(pulling.answers).hasSize(2);
        assertThat(pulling.answers.get(0)).startsWith("SUBSCRIPTION_NOT_EXIST ");
        assertThat(pulling.answers.get(1)).startsWith("SUBSCRIPTION_NOT_LATEST ");
    }

    @Test
    void pullsThatWaitAreRefusedWhenTheBrokerStops() {
        pulling.put("a");
        pulling.pull(pulling.waiting(1, "*"));
        pulling.pull(subscribed("H", 7));
        assertThat(pulling.answers)
                .as("one waits for a message, one for its heartbeat")
                .isEmpty();
        pulling.core().stop();
        assertThat(pulling.answers)
                .hasSize(2)
                .allMatch(answer -> answer.startsWith("SERVICE_NOT_AVAILABLE NOTHING the broker is stopping"));
        assertThat(pulling.counters.parked()).isZero();
        pulling.put("b");
        pulling.loop.advance(Duration.ofSeconds(20));
        assertThat(pulling.answers).as("each is answered once").hasSize(2);
    }

    @Test
    void aPullThatAnAppendHasJustTakenIsAnsweredWithTheMessageWhenTheBrokerStops() {
        pulling.pull(pulling.waiting(0, "*"));
        pulling.put("a");
        pulling.core().stop();
        pulling.loop.run();
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 1 of 0 to 1 a");
    }

    @Test
    void pullsThatWaitForTheirLimitAreRefusedWhenTheBrokerStops() {
        limit(Map.of("+limit.deliver.messages", "1", "+limit.deliver.burst", "0"));
        pulling.put("a", "b");
        pulling.pull(pulling.request(0));
        pulling.pull(pulling.waiting(1, "*"));
        assertThat(pulling.answers).hasSize(1);
        pulling.core().stop();
        assertThat(pulling.answers.getLast()).startsWith("SERVICE_NOT_AVAILABLE");
        pulling.loop.advance(Duration.ofSeconds(20));
        assertThat(pulling.answers).hasSize(2);
    }

    @Test
    void aPullByNewerTagsThanTheBrokerKnowsMissesNothing() {
        pulling.putTagged("A", "a");
        pulling.putTagged("B", "b");
        pulling.subscribe("G", "T", TagFilter.ofTags(List.of("A")), 6);
        assertThat(pulling.pull(subscribed("G", 7)))
                .as("at once, and all: the tags may be others now, and the client compares them itself")
                .isEqualTo("SUCCESS FOUND next 2 of 0 to 2 a b");
        pulling.subscribe("G", "T", TagFilter.ofTags(List.of("B")), 7);
        assertThat(pulling.pull(subscribed("G", 7))).isEqualTo("SUCCESS FOUND next 2 of 0 to 2 b");
    }

    @Test
    void aPullByNewerTagsMayWaitForAMessage() {
        pulling.subscribe("G", "T", TagFilter.ofTags(List.of("A")), 6);
        assertThat(pulling.pull(subscribed("G", 7))).isEmpty();
        pulling.putTagged("B", "b");
        pulling.loop.run();
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 1 of 0 to 1 b");
    }

    @Test
    void aPullByTagsWaitsForItsHeartbeatIfTheBrokerKnowsAnotherKindOfSubscription() {
        pulling.put("a");
        pulling.heartbeat(
                "G", MessageModel.CLUSTERING, List.of(new Subscription("T", "SQL92", "a = 1", 6, TagFilter.ALL)));
        assertThat(pulling.pull(subscribed("G", 7))).isEmpty();
        pulling.subscribe("G", "T", TagFilter.ALL, 7);
        pulling.loop.run();
        assertThat(pulling.answers).containsExactly("SUCCESS FOUND next 1 of 0 to 1 a");
    }

    @Test
    void ofPullsThatOvertookTheirHeartbeatOnlySoManyAreHeld() {
        for (int i = 0; i < 5_000; i++) {
            pulling.pull(subscribed("G", 7));
        }
        assertThat(pulling.answers)
                .hasSizeBetween(1, 4_500)
                .allSatisfy(answer -> assertThat(answer).startsWith("SUBSCRIPTION_NOT_EXIST "));
    }

    @Test
    void whoeverHasGoneMeanwhileIsNotAnswered() {
        pulling.put("a");
        pulling.pull(subscribed("G", 7));
        pulling.gone.add("client");
        pulling.subscribe("G", "T", TagFilter.ALL, 7);
        pulling.loop.run();
        pulling.loop.advance(Duration.ofSeconds(2));
        assertThat(pulling.answers).isEmpty();
    }

    // ---- a topic that is deleted and made again

    private void makeAgain() {
        pulling.topics.delete("T");
        pulling.topics.create("T", 4, 6, 0);
    }

    private PullRequest committing(long offset) {
        PullRequest made = pulling.request(offset);
        made.commitOffset = offset;
        return made;
    }

    @Test
    void aConsumerOfATopicThatWasMadeAgainGetsAllOfItsMessages() {
        pulling.put("a", "b", "c");
        pulling.pull(committing(0));
        pulling.pull(committing(3));
        makeAgain();
        pulling.put("new0", "new1", "new2", "new3");
        assertThat(pulling.pull(committing(3)))
                .as("by an offset of the queue that is gone, though this one has it too")
                .isEqualTo("PULL_OFFSET_MOVED OFFSET_RESET next 0 of 0 to 4");
        assertThat(pulling.pull(committing(0))).isEqualTo("SUCCESS FOUND next 4 of 0 to 4 new0 new1 new2 new3");
        assertThat(pulling.pull(committing(4))).startsWith("PULL_NOT_FOUND ");
        assertThat(pulling.offsets.committed("G", "T", 0)).isEqualTo(4);
    }

    @Test
    void soDoesOneThatHasCommittedNothingYet() {
        pulling.put("a", "b", "c");
        pulling.pull(pulling.request(0));
        makeAgain();
        pulling.put("new0", "new1", "new2", "new3");
        assertThat(pulling.pull(pulling.request(3))).isEqualTo("PULL_OFFSET_MOVED OFFSET_RESET next 0 of 0 to 4");
    }

    @Test
    void aConsumerThatBeginsTheNewQueueAtItsBeginningIsNotSentThere() {
        pulling.put("a");
        pulling.pull(committing(0));
        makeAgain();
        pulling.put("new0");
        assertThat(pulling.pull(committing(0))).isEqualTo("SUCCESS FOUND next 1 of 0 to 1 new0");
        assertThat(pulling.pull(committing(1))).startsWith("PULL_NOT_FOUND ");
    }

    @Test
    void aPullBeyondTheEndGoesToItsGroupsCommitOrElseToTheBeginning() {
        pulling.put("a", "b", "c");
        assertThat(pulling.pull(pulling.request(9)))
                .isEqualTo("PULL_OFFSET_MOVED OFFSET_OVERFLOW_BADLY next 0 of 0 to 3");
        pulling.pull(committing(2));
        assertThat(pulling.pull(pulling.request(9)))
                .isEqualTo("PULL_OFFSET_MOVED OFFSET_OVERFLOW_BADLY next 2 of 0 to 3");
        assertThat(pulling.pull(committing(9)))
                .as("a commit beyond the end is not of this queue")
                .isEqualTo("PULL_OFFSET_MOVED OFFSET_OVERFLOW_BADLY next 2 of 0 to 3");
        pulling.offsets.commit("G", "T", 0, 9);
        assertThat(pulling.pull(pulling.request(9)))
                .isEqualTo("PULL_OFFSET_MOVED OFFSET_OVERFLOW_BADLY next 0 of 0 to 3");
    }
}
