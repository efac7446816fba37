package org.merlinmq.broker.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.group.FakeJournal;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.registry.RegistrationResult;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.reply.OffsetReply;
import org.merlinmq.protocol.request.QueryOffsetRequest;
import org.merlinmq.protocol.request.UpdateOffsetRequest;

class OffsetHandoverTest {
    private static final String LEADER = "127.0.0.1:10911";

    private final FakeJournal journal = new FakeJournal();
    private final OffsetTable leader = table();
    private final OffsetTable follower = table();
    private final List<String> asked = new ArrayList<>();
    private boolean follows = true;
    private boolean answers = true;
    private int askedWhere;
    private final OffsetHandover handover =
            new OffsetHandover(follower, () -> follows, this::ask, () -> askedWhere++, Runnable::run);

    private OffsetTable table() {
        return new OffsetTable(journal, new ThroughputStats(() -> 0, at -> {}, ZoneOffset.UTC), () -> {});
    }

    private Frame ask(String address, Frame request, Duration timeout) {
        if (!answers) {
            throw new IllegalStateException("away");
        }
        assertThat(address).isEqualTo(LEADER);
        if (request.code() == RequestCode.QUERY_CONSUMER_OFFSET.number()) {
            QueryOffsetRequest question = QueryOffsetRequest.read(request);
            long known = leader.committed(question.consumerGroup(), question.topic(), question.queueId());
            return known < 0
                    ? refused(request, ResponseCode.QUERY_NOT_FOUND)
                    : Frame.ok(request.form(), 0, new OffsetReply(known), new byte[0]);
        }
        UpdateOffsetRequest offset = UpdateOffsetRequest.read(request);
        asked.add(offset.topic() + ' ' + offset.queueId() + ' ' + offset.commitOffset());
        if (offset.topic().equals("Unknown")) {
            return refused(request, ResponseCode.TOPIC_NOT_EXIST);
        }
        leader.commit(offset.consumerGroup(), offset.topic(), offset.queueId(), offset.commitOffset());
        return Frame.ok(request.form(), 0, null, new byte[0]);
    }

    private static Frame refused(Frame request, ResponseCode code) {
        return Frame.reply(request.form(), 0, code, "no", null, new byte[0]);
    }

    /** What the leader's table writes reaches the follower's. */
    private void logCame() {
        leader.flush();
        journal.replay(follower::apply);
        journal.clear();
    }

    private void leaderIsThere() {
        handover.accepted(new RegistrationResult(null, null, LEADER, "127.0.0.1:10912"));
    }

    @Test
    void theLeaderGetsWhatIsAheadOfItUntilItsLogSaysSo() {
        leaderIsThere();
        leader.commit("G", "T", 0, 10);
        leader.commit("G", "T", 1, 10);
        logCame();
        assertThat(handover.look()).as("nothing was committed here").isFalse();
        follower.commit("G", "T", 0, 15);
        follower.commit("G", "T", 1, 7);
        follower.commit("G", "T", 2, 3);
        assertThat(handover.look()).isTrue();
        assertThat(asked).containsExactlyInAnyOrder("T 0 15", "T 2 3");
        assertThat(handover.look()).as("its log does not say so yet").isTrue();
        assertThat(asked).as("it has it").hasSize(2);
        logCame();
        assertThat(handover.look()).isFalse();
        assertThat(asked).hasSize(2);
    }

    @Test
    void aLeaderThatIsFurtherIsNotSetBack() {
        leaderIsThere();
        follower.commit("G", "T", 0, 15);
        leader.commit("G", "T", 0, 16);
        assertThat(handover.look()).isTrue();
        assertThat(asked).isEmpty();
        logCame();
        assertThat(handover.look()).isFalse();
        assertThat(follower.committed("G", "T", 0)).isEqualTo(16);
    }

    @Test
    void itWaitsForALeaderThatIsKnownAndFollowedAndAnswers() {
        follower.commit("G", "T", 0, 15);
        follows = false;
        assertThat(handover.look()).isTrue();
        assertThat(askedWhere).isZero();
        follows = true;
        assertThat(handover.look()).isTrue();
        assertThat(askedWhere).as("not known").isEqualTo(1);
        leaderIsThere();
        handover.accepted(new RegistrationResult(null, null, null, null));
        answers = false;
        assertThat(handover.look()).isTrue();
        assertThat(asked).isEmpty();
        answers = true;
        assertThat(handover.look()).isTrue();
        assertThat(askedWhere).as("it may have moved").isEqualTo(2);
        assertThat(asked).containsExactly("T 0 15");
        assertThat(handover.look()).isTrue();
        assertThat(askedWhere).as("it answers").isEqualTo(2);
    }

    @Test
    void whatIsRefusedIsNotTriedAgainUntilMoreIsCommitted() {
        leaderIsThere();
        follower.commit("G", "Unknown", 0, 15);
        assertThat(handover.look()).isTrue();
        assertThat(handover.look()).isFalse();
        assertThat(asked).containsExactly("Unknown 0 15");
        follower.commit("G", "Unknown", 0, 16);
        assertThat(handover.look()).isTrue();
        assertThat(asked).containsExactly("Unknown 0 15", "Unknown 0 16");
    }
}
