package org.merlinmq.replication.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.storage.log.EpochTable.Epoch;

/** Messages that a sound member of the group does not send, and those that come too late. */
final class UnfitMessagesTest extends CoreSteps {
    @Test
    void membersOfTwoGroupsDoNotFollowEachOther() {
        MemberCore master = leader(0, 50);
        done(master.message(
                now, PEER, new Message.Hello(1, 0, GROUP + 1, List.of(new Epoch(0, 0)), 0, 90, 1 << 20, false)));
        assertThat(only(Action.Send.class).message()).isInstanceOf(Message.Refusal.class);
        assertThat(only(Action.Report.class).sentence()).contains("members 0 and 1", "empty folder");
        // The folder of another broker.
        done(master.message(now, PEER, new Message.Hello(1, 0, 0, List.of(new Epoch(0, 0)), 0, 90, 1 << 20, false)));
        assertThat(only(Action.Report.class).sentence()).contains("members 0 and 1");
        done(master.message(now, PEER, new Message.Ask(1, PROMOTED, GROUP + 1)));
        assertThat(only(Action.Send.class).message()).isInstanceOf(Message.Refusal.class);
        assertThat(master.leads()).isTrue();

        MemberCore slave = member(1, 2, 0, 90, new Epoch(0, 0));
        done(slave.start(now, false));
        done(slave.tick(now));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 50));
        done(slave.message(now, peer, new Message.Welcome(FIRST, GROUP + 1, epochs, 50, 50, false, 0, 0)));
        assertThat(none(Action.CutBack.class)).isTrue();
        assertThat(only(Action.Report.class).sentence()).contains("members 1 and 0");
    }

    @Test
    void twoMembersOfOneNumberAreToldSo() {
        MemberCore master = leader(1, 50);
        done(master.message(
                now, PEER, new Message.Hello(0, 0, GROUP, List.of(new Epoch(0, 0)), 0, 50, 1 << 20, false)));
        assertThat(((Message.Refusal) only(Action.Send.class).message()).sentence())
                .contains("its own brokerId");
        done(master.message(now, OTHER_PEER, new Message.Ask(0, FIRST, GROUP)));
        assertThat(((Message.Refusal) only(Action.Send.class).message()).sentence())
                .contains("its own brokerId");
        assertThat(master.leads()).isTrue();
    }

    @Test
    void aLeaderOfAnEpochBelowThePromiseIsNotFollowed() {
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 50));
        MemberCore slave = member(1, 2, 1, 50, epochs.getFirst());
        done(slave.start(now, false));
        done(slave.message(now, PEER, new Message.Ask(0, FIRST + (1 << 8), GROUP)));
        now = Math.max(now, slave.wakeAt(now));
        done(slave.tick(now));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        done(slave.message(now, peer, new Message.Welcome(FIRST, GROUP, epochs, 80, 50, false, 0, 0)));
        assertThat(only(Action.Close.class).why()).contains("epoch " + FIRST);
        assertThat(none(Action.StartFollowing.class)).isTrue();
    }

    @Test
    void aMemberThatFollowsGivesNothingToACandidateAnyMore() {
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 0));
        MemberCore slave = member(2, 3, 1, 80, epochs.get(0), epochs.get(1));
        done(slave.start(now, false));
        done(slave.message(now, PEER, new Message.Ask(1, PROMOTED, GROUP)));
        done(slave.message(now, PEER, new Message.Hello(1, PROMOTED, GROUP, epochs, 0, 50, 1 << 20, false)));
        done(slave.message(now, PEER, new Message.Ack(PROMOTED, 50, 50, 50, 0)));
        assertThat(only(Action.SendLog.class)).isEqualTo(new Action.SendLog(PEER, PROMOTED, 50, 30, 0));
        // What it has may change from now on, and with it what it would send.
        now = Math.max(now, slave.wakeAt(now));
        done(slave.tick(now));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        int later = EpochNumbers.promoted(PROMOTED, 0);
        List<Epoch> others = List.of(epochs.get(0), epochs.get(1), new Epoch(later, 60));
        done(slave.message(now, peer, new Message.Welcome(later, GROUP, others, 90, 60, false, 0, 0)));
        assertThat(actions.stream().filter(Action.Close.class::isInstance).map(Action.Close.class::cast))
                .extracting(Action.Close::peer)
                .containsExactly(PEER);
        assertThat(only(Action.CutBack.class).logOffset()).isEqualTo(60);
    }

    @Test
    void aMemberThatConnectsAnewHasOneConnection() {
        MemberCore master = leader(1, 50);
        follow(master, PEER, 50, new Epoch(0, 0));
        follow(master, OTHER_PEER, 50, new Epoch(0, 0));
        assertThat(only(Action.Close.class).peer()).isEqualTo(PEER);
        done(master.message(now, PEER, new Message.Ack(FIRST, 50, 50, 50, 0)));
        assertThat(actions).isEmpty();
    }

    /** An address may lead to another member than it is said to. */
    @Test
    void aPromiseCountsForTheMemberThatWasAsked() {
        MemberCore master = member(0, 3, 1, 50, new Epoch(0, 0));
        done(master.start(now, false));
        List<Action.Connect> asks = connects();
        List<Epoch> epochs = List.of(new Epoch(0, 0));
        now += 60_000;
        done(master.message(now, asks.get(0).peer(), new Message.Promise(2, FIRST, GROUP, epochs, 0, 50, false)));
        assertThat(master.leads()).isFalse();
        done(master.message(now, asks.get(0).peer(), new Message.Promise(1, FIRST + 1, GROUP, epochs, 0, 50, false)));
        assertThat(master.leads()).isFalse();
        done(master.message(now, asks.get(0).peer(), new Message.Promise(1, FIRST, GROUP, epochs, 0, 50, false)));
        assertThat(master.leads()).isTrue();
    }

    /** Only a member whose copies do not count knew it, so that nobody who was asked did. */
    @Test
    void aLeaderThatHearsOfAnEpochOfItsOwnLeadsAboveIt() {
        MemberCore master = leader(1, 50);
        int before = EpochNumbers.restarted(FIRST, 0);
        List<Epoch> epochs = List.of(new Epoch(0, 0));
        done(master.message(now, PEER, new Message.Hello(7, before, GROUP, epochs, 0, 50, 1 << 20, false)));
        assertThat(only(Action.StopLeading.class).heard()).isEqualTo(before);
        done(master.stopped(now, 80, 60));
        int above = EpochNumbers.restarted(before, 0);
        int ask = only(Action.Connect.class).peer();
        done(master.connected(now, ask));
        assertThat(only(Action.Send.class).message()).isEqualTo(new Message.Ask(0, above, GROUP));
        done(master.message(now, ask, new Message.Promise(1, above, GROUP, epochs, 0, 50, false)));
        assertThat(only(Action.Lead.class)).isEqualTo(new Action.Lead(above, 80));
    }

    @Test
    void twoThatDoNotAgreeWhereTheirLogsPartDoNotFollow() {
        MemberCore slave = member(1, 2, 1, 50, new Epoch(0, 0));
        done(slave.start(now, false));
        done(slave.tick(now));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 40));
        done(slave.message(now, peer, new Message.Welcome(FIRST, GROUP, epochs, 90, 30, false, 0, 0)));
        assertThat(only(Action.Close.class).why()).contains("part at 40");
        assertThat(none(Action.CutBack.class)).isTrue();
    }

    @Test
    void anAckOfWhatWasNotSentEndsTheConnection() {
        MemberCore master = leader(1, 50);
        for (Message.Ack wrong : List.of(
                new Message.Ack(FIRST, 60, 50, 50, 0),
                new Message.Ack(FIRST, 50, 60, 50, 0),
                new Message.Ack(FIRST, 50, 50, 60, 0),
                new Message.Ack(FIRST + 1, 50, 50, 50, 0))) {
            follow(master, PEER, 50, new Epoch(0, 0));
            done(master.message(now, PEER, wrong));
            assertThat(only(Action.Close.class).why()).contains("says that it has");
            assertThat(none(Action.Confirm.class)).isTrue();
        }
    }

    @Test
    void bytesThatDoNotFitEndTheConnection() {
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 50));
        for (Message.Chunk wrong : List.of(
                new Message.Chunk(FIRST, 60, 90, 0, new byte[10]),
                new Message.Chunk(FIRST + 1, 50, 90, 0, new byte[10]))) {
            MemberCore slave = member(1, 2, 1, 50, new Epoch(0, 0));
            done(slave.start(now, false));
            done(slave.tick(now));
            int peer = only(Action.Connect.class).peer();
            done(slave.connected(now, peer));
            done(slave.message(now, peer, new Message.Welcome(FIRST, GROUP, epochs, 90, 50, false, 0, 0)));
            done(slave.message(now, peer, wrong));
            assertThat(only(Action.Close.class).why()).contains("expected bytes at log offset 50");
            assertThat(none(Action.Append.class)).isTrue();
        }
    }

    /** The one that has more was promoted itself meanwhile. */
    @Test
    void aCandidateTakesNothingFromALeaderOfAnotherEpoch() {
        MemberCore slave = member(1, 2, 1, 50, new Epoch(0, 0), new Epoch(FIRST, 0));
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 0));
        done(slave.start(now, false));
        done(slave.promote(now, false));
        int ask = only(Action.Connect.class).peer();
        done(slave.message(now, ask, new Message.Promise(0, PROMOTED, GROUP, epochs, 0, 80, false)));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        int later = EpochNumbers.promoted(PROMOTED, 0);
        List<Epoch> others = List.of(new Epoch(0, 0), new Epoch(FIRST, 0), new Epoch(later, 80));
        done(slave.message(now, peer, new Message.Welcome(later, GROUP, others, 90, 50, false, 0, 0)));
        assertThat(only(Action.Close.class).peer()).isEqualTo(peer);
        assertThat(none(Action.StartFollowing.class)).isTrue();
    }
}
