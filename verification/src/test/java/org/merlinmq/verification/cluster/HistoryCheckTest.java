package org.merlinmq.verification.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.merlinmq.verification.cluster.Event.Place;
import org.merlinmq.verification.cluster.Event.QueueName;
import org.merlinmq.verification.cluster.HistoryCheck.Promise;
import org.merlinmq.verification.cluster.HistoryCheck.Span;
import org.merlinmq.verification.cluster.Verdict.Rule;
import org.merlinmq.verification.cluster.Verdict.Violation;

/** A history in which all is well has no violation, and each rule finds what breaks it, alone. */
class HistoryCheckTest {
    private static final String GROUP = "G";
    private static final QueueName QUEUE = new QueueName("broker-a", 0);
    private static final Promise STRICT = Promise.strict(Set.of(GROUP), Set.of(GROUP));
    private static final Span ALWAYS = new Span(0, Long.MAX_VALUE);

    private final List<Event> events = new ArrayList<>();
    private long now = 100;

    @Test
    void aHistoryInWhichAllIsWellHasNoViolation() {
        for (int i = 0; i < 20; i++) {
            stored("k", i, i);
            receives("k", i, i);
            commits(i + 1);
            answers(i + 1);
        }
        Verdict verdict = HistoryCheck.judge(events, STRICT);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.summary())
                .isEqualTo("20 sends, 20 acknowledged, 0 not, of which 0 were stored all the same; 0 stored twice;"
                        + " delivered again: 0; allowed to be lost, and lost: 0; violations: 0");
    }

    @Test
    void eventsOfSeveralClientsComeInAnyOrder() {
        stored("k", 0, 0);
        stored("k", 1, 1);
        receives("k", 0, 0);
        receives("k", 1, 1);
        assertThat(rules(STRICT, events.reversed())).isEmpty();
    }

    @Test
    void anAcknowledgedMessageThatAGroupNeverReceivedIsLost() {
        stored("k", 0, 0);
        assertThat(rules(STRICT)).containsExactly(Rule.LOST);
        receives("k", 0, 0);
        assertThat(rules(STRICT)).isEmpty();
        assertThat(rules(Promise.strict(Set.of(GROUP, "other"), Set.of())))
                .as("each group has all")
                .containsExactly(Rule.LOST);
    }

    @Test
    void aMessageThatWasNotAcknowledgedMayBeThereOrNot() {
        fails("k", 0);
        fails("k", 1);
        receives("k", 1, 0);
        Verdict verdict = HistoryCheck.judge(events, STRICT);
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.failedAndStored()).isEqualTo(1);
    }

    @Test
    void whatMayBeLostIsCountedAndNothingElse() {
        stored("k", 0, 0);
        long until = now;
        now += 10;
        stored("k", 1, 1);
        Promise promise =
                new Promise(Set.of(GROUP), Set.of(), List.of(new Span(0, until)), List.of(), List.of(), false);
        Verdict verdict = HistoryCheck.judge(events, promise);
        assertThat(verdict.violations()).singleElement().satisfies(v -> {
            assertThat(v.rule()).isEqualTo(Rule.LOST);
            assertThat(v.sentence()).contains("number=1");
        });
        assertThat(verdict.excused()).isEqualTo(1);
    }

    @Test
    void whatNobodySentIsUnknown() {
        receives("k", 7, 0);
        assertThat(rules(STRICT)).containsExactly(Rule.UNKNOWN);
    }

    @Test
    void whatIsNotWhatWasSentIsDamaged() {
        stored("k", 0, 0);
        events.add(new Event.Received(now++, GROUP, message("k", 0), place(0), false));
        assertThat(rules(STRICT)).containsExactly(Rule.DAMAGED);
    }

    @Test
    void nothingIsReceivedBeforeItWasSent() {
        receives("k", 0, 0);
        stored("k", 0, 0);
        assertThat(rules(STRICT)).containsExactly(Rule.BEFORE_IT_WAS_SENT);
    }

    @Test
    void onePlaceHoldsOneMessage() {
        stored("k", 0, 0);
        receives("k", 0, 0);
        stored("j", 0, 5);
        events.add(new Event.Received(now++, GROUP, message("j", 0), place(0), true));
        assertThat(rules(new Promise(Set.of(GROUP), Set.of(), List.of(), List.of(), List.of(ALWAYS), false)))
                .containsExactly(Rule.TWO_AT_ONE_PLACE);
    }

    @Test
    void aPlaceWhoseMessageMayBeLostHoldsAnother() {
        stored("k", 0, 0);
        Span before = new Span(0, now++);
        stored("j", 0, 0);
        receives("j", 0, 0);
        assertThat(rules(new Promise(Set.of(GROUP), Set.of(GROUP), List.of(before), List.of(), List.of(), false)))
                .isEmpty();
    }

    /** A group may have received what the other master, promoted, has not: it was not acknowledged. */
    @Test
    void whatWasNotAcknowledgedMayBeCutOffByAPromotion() {
        fails("k", 0);
        receives("k", 0, 0);
        stored("k", 1, 7);
        receives("k", 1, 7);
        receives("k", 1, 1);
        stored("j", 0, 0);
        receives("j", 0, 0);
        stored("j", 1, 1);
        receives("j", 1, 1);
        assertThat(rules(new Promise(Set.of(GROUP), Set.of(), List.of(), List.of(), List.of(ALWAYS), true)))
                .isEmpty();
        assertThat(rules(new Promise(Set.of(GROUP), Set.of(), List.of(), List.of(), List.of(ALWAYS), false)))
                .containsOnly(Rule.TWO_AT_ONE_PLACE);
    }

    /** A consumer that was ahead of the promoted master goes on behind what that one has acknowledged since. */
    @Test
    void whatAGroupSkipsAfterAPromotionIsLost() {
        fails("k", 0);
        receives("k", 0, 0);
        stored("j", 0, 0);
        stored("j", 1, 1);
        receives("j", 1, 1);
        assertThat(rules(new Promise(Set.of(GROUP), Set.of(), List.of(), List.of(), List.of(ALWAYS), true)))
                .containsExactly(Rule.LOST);
    }

    @Test
    void whoSendsInOrderHasItStoredInOrder() {
        stored("k", 0, 1);
        stored("k", 1, 0);
        receives("k", 1, 0);
        receives("k", 0, 1);
        assertThat(rules(STRICT)).containsExactly(Rule.ORDER_OF_SENDER);
    }

    @Test
    void twoSendersMayOvertakeEachOther() {
        stored("k", 0, 1);
        stored("j", 0, 0);
        receives("j", 0, 0);
        receives("k", 0, 1);
        assertThat(rules(STRICT)).isEmpty();
    }

    @Test
    void aGroupThatTakesQueuesInOrderReceivesThemSo() {
        stored("k", 0, 0);
        stored("k", 1, 1);
        receives("k", 1, 1);
        receives("k", 0, 0);
        assertThat(rules(STRICT)).containsExactly(Rule.ORDER_OF_QUEUE);
        assertThat(rules(Promise.strict(Set.of(GROUP), Set.of())))
                .as("a group that takes them at once")
                .isEmpty();
    }

    @Test
    void committedOffsetsDoNotGoBack() {
        commits(5);
        answers(5);
        answers(4);
        assertThat(rules(STRICT)).containsExactly(Rule.OFFSET_WENT_BACK);
        assertThat(rules(new Promise(Set.of(), Set.of(), List.of(), List.of(ALWAYS), List.of(), false)))
                .isEmpty();
    }

    @Test
    void anOffsetThatIsForgottenWentBack() {
        commits(5);
        answers(5);
        answers(-1);
        assertThat(rules(STRICT)).containsExactly(Rule.OFFSET_WENT_BACK);
    }

    /** A group that has committed nothing begins at the first message of a young queue. */
    @Test
    void nobodyIsAheadOfWhatWasCommitted() {
        answers(-1);
        answers(0);
        assertThat(rules(STRICT)).isEmpty();
        commits(5);
        answers(6);
        assertThat(rules(STRICT)).containsExactly(Rule.OFFSET_AHEAD);
    }

    @Test
    void whatIsDeliveredAgainNeedsACause() {
        stored("k", 0, 0);
        receives("k", 0, 0);
        receives("k", 0, 0);
        assertThat(rules(STRICT)).containsExactly(Rule.AGAIN_WITHOUT_CAUSE);
        Verdict disturbed = HistoryCheck.judge(
                events, new Promise(Set.of(GROUP), Set.of(), List.of(), List.of(), List.of(ALWAYS), false));
        assertThat(disturbed.violations()).isEmpty();
        assertThat(disturbed.deliveredAgain()).isEqualTo(1);
    }

    @Test
    void whatIsStoredTwiceNeedsACause() {
        stored("k", 0, 1);
        receives("k", 0, 0);
        receives("k", 0, 1);
        assertThat(rules(STRICT)).containsExactly(Rule.AGAIN_WITHOUT_CAUSE);
        Span later = new Span(now, now + 1);
        assertThat(rules(new Promise(Set.of(GROUP), Set.of(), List.of(), List.of(), List.of(later), false)))
                .as("a fault after the answer is no cause")
                .containsExactly(Rule.AGAIN_WITHOUT_CAUSE);
        Verdict disturbed = HistoryCheck.judge(
                events, new Promise(Set.of(GROUP), Set.of(), List.of(), List.of(), List.of(ALWAYS), false));
        assertThat(disturbed.violations()).isEmpty();
        assertThat(disturbed.storedTwice()).isEqualTo(1);
    }

    /** A run that lost everything is described in a few lines. */
    @Test
    void ofEachRuleOnlySomeAreDescribed() {
        for (int i = 0; i < 50; i++) {
            stored("k", i, i);
        }
        List<Violation> found = HistoryCheck.judge(events, STRICT).violations();
        assertThat(found).hasSize(11);
        assertThat(found.getLast().sentence()).isEqualTo("40 more of the same kinds: {LOST=50}");
    }

    @Test
    void linesAreReadAsTheyAreWritten() {
        String lines = """
                1\tsending\tk\t0
                2\tacknowledged\tk\t0\tbroker-a\t3\t7
                3\tfailed\tk\t1\tFLUSH_SLAVE_TIMEOUT
                4\treceived\tG\tk\t0\tbroker-a\t3\t7\tintact
                5\treceived\tG\tk\t0\tbroker-a\t3\t7\tdamaged
                6\tcommitting\tG\tbroker-a\t3\t8
                7\tcommitted\tG\tbroker-a\t3\t-1
                8\tsend""";
        QueueName third = new QueueName("broker-a", 3);
        assertThat(Event.parseAll(lines))
                .containsExactly(
                        new Event.Sending(1, message("k", 0)),
                        new Event.Acknowledged(2, message("k", 0), new Place(third, 7)),
                        new Event.Failed(3, message("k", 1), "FLUSH_SLAVE_TIMEOUT"),
                        new Event.Received(4, "G", message("k", 0), new Place(third, 7), true),
                        new Event.Received(5, "G", message("k", 0), new Place(third, 7), false),
                        new Event.Committing(6, "G", third, 8),
                        new Event.Committed(7, "G", third, -1));
        assertThatThrownBy(() -> Event.parse("8\tsend")).hasMessage("no kind of event: 8\tsend");
        assertThatThrownBy(() -> Event.parse("8\tsending\tk")).hasMessage("no event: 8\tsending\tk");
    }

    private static Event.Message message(String key, int number) {
        return new Event.Message(key, number);
    }

    private static Place place(long offset) {
        return new Place(QUEUE, offset);
    }

    private void stored(String key, int number, long offset) {
        events.add(new Event.Sending(now++, message(key, number)));
        events.add(new Event.Acknowledged(now++, message(key, number), place(offset)));
    }

    private void fails(String key, int number) {
        events.add(new Event.Sending(now++, message(key, number)));
        events.add(new Event.Failed(now++, message(key, number), "timeout"));
    }

    private void receives(String key, int number, long offset) {
        events.add(new Event.Received(now++, GROUP, message(key, number), place(offset), true));
    }

    private void commits(long offset) {
        events.add(new Event.Committing(now++, GROUP, QUEUE, offset));
    }

    private void answers(long offset) {
        events.add(new Event.Committed(now++, GROUP, QUEUE, offset));
    }

    private List<Rule> rules(Promise promise) {
        return rules(promise, events);
    }

    private static List<Rule> rules(Promise promise, List<Event> events) {
        return HistoryCheck.judge(events, promise).violations().stream()
                .map(Violation::rule)
                .toList();
    }
}
