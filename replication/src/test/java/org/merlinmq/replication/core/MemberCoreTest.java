package org.merlinmq.replication.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.replication.core.MemberCore.Kept;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.storage.log.EpochTable.Epoch;

/** One member: follows, is promoted, leads, steps down. */
final class MemberCoreTest extends CoreSteps {
    @Test
    void aMessageIsConfirmedWhenItsCopyIsThere() {
        MemberCore master = leader(1, 50);
        done(master.grown(now, 70, 50));
        assertThat(none(Action.Confirm.class)).isTrue();
        follow(master, PEER, 50, new Epoch(0, 0));
        Message.Welcome welcome = (Message.Welcome) only(Action.Send.class).message();
        assertThat(welcome.goOnAt()).isEqualTo(50);
        assertThat(none(Action.SendLog.class)).isTrue();
        done(master.message(now, PEER, new Message.Ack(FIRST, 50, 50, 0, 0)));
        assertThat(only(Action.SendLog.class)).isEqualTo(new Action.SendLog(PEER, FIRST, 50, 20, 50));
        done(master.message(now, PEER, new Message.Ack(FIRST, 70, 70, 0, 0)));
        assertThat(only(Action.Confirm.class).logOffset()).isEqualTo(70);
    }

    @Test
    void whatALeaderTookInItsLastMomentIsInItsLogWhenItFollows() {
        MemberCore master = leader(0, 50);
        done(master.message(now, PEER, new Message.Ask(1, PROMOTED, GROUP)));
        assertThat(only(Action.StopLeading.class).heard()).isEqualTo(PROMOTED);
        done(master.stopped(now, 80, 60));
        assertThat(master.history().end()).isEqualTo(80);
        now += 2_000;
        done(master.tick(now));
        int peer = only(Action.Connect.class).peer();
        done(master.connected(now, peer));
        assertThat(((Message.Hello) only(Action.Send.class).message()).end()).isEqualTo(80);
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 50), new Epoch(PROMOTED, 70));
        done(master.message(now, peer, new Message.Welcome(PROMOTED, GROUP, epochs, 90, 70, false, 0, 0)));
        assertThat(only(Action.CutBack.class).logOffset()).isEqualTo(70);
    }

    @Test
    void theLastBytesThatBothHaveAreChecked() {
        MemberCore master = leader(1, 50);
        List<Epoch> epochs = List.of(new Epoch(0, 0));
        done(master.message(now, PEER, new Message.Hello(1, 0, GROUP, epochs, 20, 40, 1 << 20, false)));
        assertThat(((Message.Welcome) only(Action.Send.class).message()).checkedBytes())
                .isEqualTo(20);
    }

    @Test
    void noMoreIsUnderWayThanTheWindowHolds() {
        MemberCore master = leader(1, 0);
        follow(master, PEER, 0, new Epoch(0, 0));
        done(master.message(now, PEER, new Message.Ack(FIRST, 0, 0, 0, 0)));
        done(master.grown(now, 450, 0));
        assertThat(actions)
                .containsExactly(
                        new Action.SendLog(PEER, FIRST, 0, 40, 0),
                        new Action.SendLog(PEER, FIRST, 40, 40, 0),
                        new Action.SendLog(PEER, FIRST, 80, 20, 0));
        done(master.message(now, PEER, new Message.Ack(FIRST, 40, 40, 0, 0)));
        assertThat(only(Action.SendLog.class).from()).isEqualTo(100);
    }

    @Test
    void aFollowerThatLagsGetsNoMoreThanTheRate() {
        MemberCore master = leader(1, 0);
        follow(master, PEER, 0, new Epoch(0, 0));
        done(master.message(now, PEER, new Message.Ack(FIRST, 0, 0, 0, 0)));
        done(master.grown(now, 5_000, 0));
        long sent = 0;
        long begun = now;
        while (sent < 4_400) {
            for (Action action : actions) {
                if (action instanceof Action.SendLog log) {
                    sent = log.from() + log.count();
                }
            }
            now = Math.max(now + 1, master.wakeAt(now));
            done(master.message(now, PEER, new Message.Ack(FIRST, sent, sent, 0, 0)));
        }
        assertThat(now - begun).isBetween(4_200L, 5_500L);
    }

    @Test
    void eachFollowerThatLagsGetsTheRate() {
        MemberCore master = member(0, 3, 0, 0, new Epoch(0, 0));
        done(master.start(now, false));
        for (Action.Connect each : connects()) {
            List<Action> more = master.gone(now, each.peer());
            if (!more.isEmpty()) {
                done(more);
            }
        }
        assertThat(master.leads()).isTrue();
        long[] sent = {0, 0};
        for (int i = 0; i < 2; i++) {
            List<Epoch> epochs = List.of(new Epoch(0, 0));
            done(master.message(now, PEER + i, new Message.Hello(1 + i, 0, 0, epochs, 0, 0, 1 << 20, false)));
            done(master.message(now, PEER + i, new Message.Ack(FIRST, 0, 0, 0, 0)));
        }
        done(master.grown(now, 5_000, 0));
        long begun = now;
        while (Math.min(sent[0], sent[1]) < 4_400) {
            for (Action action : actions) {
                if (action instanceof Action.SendLog log) {
                    sent[log.peer() - PEER] = log.from() + log.count();
                }
            }
            assertThat(Math.max(sent[0], sent[1]) - Math.min(sent[0], sent[1])).isLessThan(200);
            now = Math.max(now + 1, master.wakeAt(now));
            List<Action> all = new ArrayList<>(master.tick(now));
            all.addAll(master.message(now, PEER, new Message.Ack(FIRST, sent[0], sent[0], 0, 0)));
            all.addAll(master.message(now, OTHER_PEER, new Message.Ack(FIRST, sent[1], sent[1], 0, 0)));
            done(all);
        }
        assertThat(now - begun).isBetween(4_200L, 5_500L);
    }

    @Test
    void anIdleLeaderIsHeardAndASilentFollowerIsDropped() {
        MemberCore master = leader(1, 0);
        follow(master, PEER, 0, new Epoch(0, 0));
        done(master.message(now, PEER, new Message.Ack(FIRST, 0, 0, 0, 0)));
        for (int i = 0; i < 3; i++) {
            now = master.wakeAt(now);
            done(master.tick(now));
            assertThat(only(Action.Send.class).message()).isInstanceOf(Message.Heartbeat.class);
        }
        assertThat(now).isEqualTo(1000 + 15_000);
        now = 1000 + 20_000;
        done(master.tick(now));
        assertThat(only(Action.Close.class).why()).contains("silent for 20000 ms");
        // Perhaps it follows somebody else.
        assertThat(only(Action.Connect.class).member()).isEqualTo(1);
    }

    @Test
    void aLeaderThatIsCutOffHearsOfItsSuccessorFromANameserver() {
        MemberCore master = leader(0, 50);
        done(master.heardOf(now, FIRST));
        assertThat(actions).as("its own").isEmpty();
        done(master.heardOf(now, PROMOTED));
        assertThat(only(Action.StopLeading.class).heard()).isEqualTo(PROMOTED);
        assertThat(only(Action.Keep.class).epoch()).isEqualTo(PROMOTED);
        assertThat(only(Action.Report.class).sentence()).contains("a nameserver has a master of epoch " + PROMOTED);
        assertThat(master.leads()).isFalse();
        done(master.stopped(now, 50, 50));
        // It follows nobody of an earlier epoch, and leads again above that one.
        done(master.promote(now, true));
        done(master.gone(now, only(Action.Connect.class).peer()));
        assertThat(only(Action.Lead.class).epoch()).isGreaterThan(PROMOTED);
    }

    @Test
    void aLeaderThatHearsOfAHigherEpochTakesNoSendsAnyMore() {
        MemberCore master = leader(1, 50);
        done(master.message(now, PEER, new Message.Ask(1, PROMOTED, GROUP)));
        assertThat(master.leads()).isFalse();
        assertThat(actions.getFirst()).isEqualTo(new Action.StopLeading(PROMOTED));
        assertThat(actions.get(1)).isEqualTo(new Action.Keep(PROMOTED, false, false, GROUP));
        Message.Promise promise = (Message.Promise) only(Action.Send.class).message();
        assertThat(promise.epoch()).isEqualTo(PROMOTED);
        assertThat(promise.end()).isEqualTo(50);
        // Not to another one, and not to the same one of another number.
        done(master.message(now, OTHER_PEER, new Message.Ask(1, FIRST, GROUP)));
        assertThat(only(Action.Send.class).message()).isInstanceOf(Message.Refusal.class);
        done(master.message(now, OTHER_PEER, new Message.Ask(0, PROMOTED + (1 << 18), GROUP)));
        assertThat(only(Action.Send.class).message()).isInstanceOf(Message.Refusal.class);
    }

    @Test
    void aMasterThatReturnsFollowsTheOneThatWasPromotedAndIsCutBack() {
        MemberCore old = new MemberCore(
                settings(0, 2, 1),
                true,
                new Kept(FIRST, false, false, GROUP),
                GROUP,
                new EpochHistory(List.of(new Epoch(0, 0), new Epoch(FIRST, 0)), 130),
                0,
                130);
        done(old.start(now, false));
        int ask = only(Action.Connect.class).peer();
        done(old.connected(now, ask));
        assertThat(only(Action.Send.class).message())
                .isEqualTo(new Message.Ask(0, EpochNumbers.restarted(FIRST, 0), GROUP));
        done(old.message(now, ask, new Message.Refusal(PROMOTED, 1, "member 1 leads")));
        assertThat(old.leads()).isFalse();
        now = Math.max(now, old.wakeAt(now));
        done(old.tick(now));
        int peer = only(Action.Connect.class).peer();
        done(old.connected(now, peer));
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 0), new Epoch(PROMOTED, 100));
        done(old.message(now, peer, new Message.Welcome(PROMOTED, GROUP, epochs, 400, 100, false, 0, 0)));
        assertThat(only(Action.CutBack.class).logOffset()).isEqualTo(100);
        done(old.cut(now, 100));
        assertThat(actions)
                .containsExactly(
                        new Action.AdoptEpochs(epochs),
                        new Action.StartFollowing(),
                        new Action.Send(peer, new Message.Ack(PROMOTED, 100, 100, 100, 0)));
    }

    @Test
    void whatWasConfirmedIsNotCutOff() {
        MemberCore slave = member(1, 2, 1, 0, new Epoch(0, 0));
        done(slave.start(now, false));
        done(slave.tick(now));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 0));
        done(slave.message(now, peer, new Message.Welcome(FIRST, GROUP, epochs, 100, 0, false, 0, 0)));
        done(slave.message(now, peer, new Message.Chunk(FIRST, 0, 100, 100, new byte[100])));
        done(slave.grown(now, 100, 0));
        done(slave.gone(now, peer));
        now = slave.wakeAt(now);
        done(slave.tick(now));
        int again = only(Action.Connect.class).peer();
        done(slave.connected(now, again));
        int later = EpochNumbers.restarted(FIRST, 0);
        List<Epoch> shorter = List.of(new Epoch(0, 0), new Epoch(FIRST, 0), new Epoch(later, 60));
        done(slave.message(now, again, new Message.Welcome(later, GROUP, shorter, 60, 60, false, 0, 0)));
        assertThat(none(Action.CutBack.class)).isTrue();
        assertThat(only(Action.Report.class).sentence())
                .contains("lacks what was confirmed")
                .contains("promote this");
    }

    private int masterPeer;

    /** A slave of the first epoch that has 60 bytes, and has heard that 100 are confirmed. */
    private MemberCore lagging() {
        MemberCore slave = member(1, 2, 1, 0, new Epoch(0, 0));
        done(slave.start(now, false));
        done(slave.tick(now));
        int peer = only(Action.Connect.class).peer();
        masterPeer = peer;
        done(slave.connected(now, peer));
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 0));
        done(slave.message(now, peer, new Message.Welcome(FIRST, GROUP, epochs, 100, 0, false, 0, 0)));
        done(slave.message(now, peer, new Message.Chunk(FIRST, 0, 100, 100, new byte[60])));
        assertThat(none(Action.Show.class)).as("it is not written yet").isTrue();
        done(slave.grown(now, 60, 0));
        assertThat(only(Action.Show.class).logOffset()).isEqualTo(60);
        return slave;
    }

    @Test
    void aSlaveShowsWhatIsConfirmedAndInItsLog() {
        MemberCore slave = lagging();
        int peer = masterPeer;
        done(slave.message(now, peer, new Message.Chunk(FIRST, 60, 130, 100, new byte[70])));
        done(slave.grown(now, 130, 0));
        assertThat(only(Action.Show.class).logOffset()).isEqualTo(100);
        done(slave.message(now, peer, new Message.Heartbeat(FIRST, 130, 120, now)));
        assertThat(only(Action.Show.class).logOffset()).isEqualTo(120);
    }

    @Test
    void whatALeaderByForceHasInThePlaceOfWhatWasConfirmedIsNotShown() {
        MemberCore slave = lagging();
        done(slave.gone(now, masterPeer));
        now = slave.wakeAt(now);
        done(slave.tick(now));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        int forced = EpochNumbers.promoted(FIRST, 0);
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 0), new Epoch(forced, 60));
        done(slave.message(now, peer, new Message.Welcome(forced, GROUP, epochs, 90, 60, false, 0, 0)));
        done(slave.message(now, peer, new Message.Chunk(forced, 60, 90, 0, new byte[30])));
        done(slave.grown(now, 90, 0));
        assertThat(none(Action.Show.class)).isTrue();
        done(slave.message(now, peer, new Message.Heartbeat(forced, 90, 90, now)));
        assertThat(only(Action.Show.class).logOffset()).isEqualTo(90);
    }

    @Test
    void aLeaderByForceShowsNothingOfItsOwnBeforeItIsConfirmed() {
        MemberCore slave = lagging();
        done(slave.promote(now, true));
        done(slave.gone(now, only(Action.Connect.class).peer()));
        assertThat(only(Action.Lead.class).logOffset()).isEqualTo(60);
        done(slave.grown(now, 110, 0));
        assertThat(none(Action.Show.class)).isTrue();
    }

    @Test
    void aLeaderShowsWhatItWasToldUntilItsOwnIsConfirmedAndTellsItsFollowersSoon() {
        MemberCore master = leader(1, 50);
        assertThat(none(Action.Show.class)).isTrue();
        follow(master, PEER, 50, new Epoch(0, 0));
        done(master.message(now, PEER, new Message.Ack(FIRST, 50, 50, 0, 0)));
        assertThat(only(Action.Show.class).logOffset()).isEqualTo(50);
        done(master.grown(now, 70, 50));
        assertThat(none(Action.Show.class)).isTrue();
        done(master.message(now, PEER, new Message.Ack(FIRST, 70, 70, 0, 0)));
        assertThat(only(Action.Show.class).logOffset()).isEqualTo(70);
        assertThat(master.wakeAt(now)).as("soon").isEqualTo(now + 2);
        now += 2;
        done(master.tick(now));
        assertThat(only(Action.Send.class).message()).isEqualTo(new Message.Heartbeat(FIRST, 70, 70, now));
        assertThat(master.wakeAt(now)).as("it is told").isGreaterThan(now + 50);
    }

    @Test
    void withoutCopiesNothingIsSaidOfWhatConsumersMayHave() {
        MemberCore master = leader(0, 50);
        done(master.grown(now, 70, 50));
        assertThat(none(Action.Show.class)).isTrue();
    }

    @Test
    void aSlaveThatHasDeletedWhereTheLogsPartBeginsWithACopy() {
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 0));
        Kept kept = new Kept(FIRST, false, false, GROUP);
        MemberCore slave =
                new MemberCore(settings(1, 2, 1), false, kept, GROUP, new EpochHistory(epochs, 100), 60, 100);
        done(slave.start(now, false));
        done(slave.tick(now));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        done(slave.message(now, peer, new Message.Welcome(FIRST, GROUP, epochs, 100, 100, false, 0, 0)));
        done(slave.message(now, peer, new Message.Heartbeat(FIRST, 100, 40, now)));
        done(slave.gone(now, peer));
        now = slave.wakeAt(now);
        done(slave.tick(now));
        int again = only(Action.Connect.class).peer();
        done(slave.connected(now, again));
        List<Epoch> later = List.of(new Epoch(0, 0), new Epoch(FIRST, 0), new Epoch(PROMOTED, 50));
        done(slave.message(now, again, new Message.Welcome(PROMOTED, GROUP, later, 80, 0, true, 0, 0)));
        assertThat(none(Action.Report.class)).isTrue();
        assertThat(actions).contains(new Action.Empty());
    }

    @Test
    void aMasterOfThreeDoesNotLeadBeforeAnotherHasPromised() {
        MemberCore master = member(0, 3, 1, 50, new Epoch(0, 0));
        done(master.start(now, false));
        List<Action.Connect> asked = connects();
        assertThat(asked).hasSize(2);
        done(master.gone(now, asked.get(0).peer()));
        done(master.connected(now, asked.get(1).peer()));
        now += 60_000;
        done(master.tick(now));
        assertThat(master.leads()).isFalse();
        int peer = actions.stream()
                .filter(Action.Connect.class::isInstance)
                .map(Action.Connect.class::cast)
                .filter(each -> each.member() == 1)
                .findFirst()
                .orElseThrow()
                .peer();
        List<Epoch> epochs = List.of(new Epoch(0, 0));
        done(master.message(now, peer, new Message.Promise(1, FIRST, GROUP, epochs, 0, 40, true)));
        assertThat(master.leads()).as("with one that may have lost what it had").isFalse();
        now += 1000;
        done(master.tick(now));
        Action.Connect again = only(Action.Connect.class);
        assertThat(again.member()).isEqualTo(2);
        done(master.message(now, again.peer(), new Message.Promise(2, FIRST, GROUP, epochs, 0, 40, false)));
        assertThat(master.leads()).isTrue();
    }

    @Test
    void aFollowerThatLacksWhatIsDeletedBeginsAnew() {
        MemberCore master = new MemberCore(
                settings(0, 2, 1),
                true,
                new Kept(0, false, false, GROUP),
                GROUP,
                new EpochHistory(List.of(new Epoch(0, 0)), 150),
                100,
                150);
        done(master.start(now, false));
        done(master.gone(now, only(Action.Connect.class).peer()));
        follow(master, PEER, 70, new Epoch(0, 0));
        Message.Welcome welcome = (Message.Welcome) only(Action.Send.class).message();
        assertThat(welcome.copy()).isTrue();
        assertThat(welcome.goOnAt()).isEqualTo(100);
        assertThat(only(Action.SendCopy.class).peer()).isEqualTo(PEER);

        MemberCore slave = member(1, 2, 1, 70, new Epoch(0, 0));
        done(slave.start(now, false));
        done(slave.tick(now));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        done(slave.message(now, peer, welcome));
        assertThat(actions)
                .containsExactly(
                        new Action.Keep(FIRST, false, false, GROUP),
                        new Action.Keep(FIRST, true, false, GROUP),
                        new Action.Empty());
        done(slave.emptied(now, false));
        Message.CopyPart part = new Message.CopyPart(FIRST, 100, 1 << 20, 120, false, true, 0, new byte[0]);
        done(slave.message(now, peer, part));
        assertThat(only(Action.TakeCopyPart.class).part()).isEqualTo(part);
        done(slave.copyBegun(now, 100));
        assertThat(actions)
                .containsExactly(
                        new Action.AdoptEpochs(welcome.epochs().subList(0, 1)),
                        new Action.StartFollowing(),
                        new Action.Send(peer, new Message.Ack(FIRST, 100, 100, 100, 0)));
        done(slave.message(now, peer, new Message.Chunk(FIRST, 100, 150, 0, new byte[50])));
        assertThat(actions.getFirst()).isEqualTo(new Action.AdoptEpochs(welcome.epochs()));
        assertThat(slave.isDoubtful()).isTrue();
        done(slave.grown(now, 150, 100));
        assertThat(actions).contains(new Action.Keep(FIRST, false, false, GROUP));
    }

    @Test
    void aCandidateFetchesWhatItLacks() {
        MemberCore slave = member(1, 2, 1, 50, new Epoch(0, 0), new Epoch(FIRST, 0));
        done(slave.start(now, false));
        done(slave.promote(now, false));
        int ask = only(Action.Connect.class).peer();
        done(slave.connected(now, ask));
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 0));
        done(slave.message(now, ask, new Message.Promise(0, PROMOTED, GROUP, epochs, 0, 80, false)));
        assertThat(slave.leads()).isFalse();
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        assertThat(((Message.Hello) only(Action.Send.class).message()).epoch()).isEqualTo(PROMOTED);
        done(slave.message(now, peer, new Message.Welcome(PROMOTED, GROUP, epochs, 80, 50, false, 0, 0)));
        done(slave.message(now, peer, new Message.Chunk(PROMOTED, 50, 80, 0, new byte[30])));
        done(slave.grown(now, 80, 50));
        assertThat(only(Action.Lead.class)).isEqualTo(new Action.Lead(PROMOTED, 80));
        assertThat(actions.indexOf(only(Action.StopFollowing.class)))
                .isLessThan(actions.indexOf(only(Action.Lead.class)));
    }

    @Test
    void aCandidateAsksAgainWhenTheOneThatHadMoreHasLostIt() {
        MemberCore slave = member(1, 3, 1, 50, new Epoch(0, 0), new Epoch(FIRST, 0));
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 0));
        done(slave.start(now, false));
        done(slave.promote(now, false));
        List<Action.Connect> asks = connects();
        done(slave.gone(now, asks.get(1).peer()));
        done(slave.message(now, asks.get(0).peer(), new Message.Promise(0, PROMOTED, GROUP, epochs, 0, 100, false)));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        // The other one may have more than the 60 that are left of the 100.
        done(slave.message(now, peer, new Message.Welcome(PROMOTED, GROUP, epochs, 60, 50, false, 0, 0)));
        done(slave.message(now, peer, new Message.Chunk(PROMOTED, 50, 60, 0, new byte[10])));
        done(slave.grown(now, 60, 60));
        assertThat(slave.leads()).isFalse();
        asks = connects();
        assertThat(asks).extracting(Action.Connect::member).containsExactly(0, 2);
        done(slave.message(now, asks.get(0).peer(), new Message.Promise(0, PROMOTED, GROUP, epochs, 0, 60, true)));
        assertThat(slave.leads()).as("with one that has lost what it had").isFalse();
        done(slave.message(now, asks.get(1).peer(), new Message.Promise(2, PROMOTED, GROUP, epochs, 0, 60, false)));
        assertThat(slave.leads()).isTrue();
    }

    @Test
    void aCandidateIsNotCutBackByOneThatHasLostWhatItHad() {
        MemberCore slave = member(1, 2, 1, 50, new Epoch(0, 0), new Epoch(FIRST, 0));
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 0));
        done(slave.start(now, false));
        done(slave.promote(now, false));
        int ask = only(Action.Connect.class).peer();
        done(slave.message(now, ask, new Message.Promise(0, PROMOTED, GROUP, epochs, 0, 100, false)));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        List<Epoch> none = List.of(new Epoch(0, 0));
        done(slave.message(now, peer, new Message.Welcome(PROMOTED, 0, none, 0, 0, false, 0, 0)));
        assertThat(none(Action.CutBack.class)).isTrue();
        int again = only(Action.Connect.class).peer();
        done(slave.message(now, again, new Message.Promise(0, PROMOTED, 0, none, 0, 0, true)));
        assertThat(only(Action.Lead.class)).isEqualTo(new Action.Lead(PROMOTED, 50));
    }

    @Test
    void aGroupBeginsWhenAllOfItAreThere() {
        MemberCore master = emptyMember(0, 2, 1);
        done(master.start(now, false));
        done(master.gone(now, only(Action.Connect.class).peer()));
        assertThat(master.leads()).isFalse();
        now = Math.max(now + 60_000, master.wakeAt(now));
        done(master.tick(now));
        int peer = only(Action.Connect.class).peer();
        Message.Promise promise = new Message.Promise(1, FIRST, 0, List.of(new Epoch(0, 0)), 0, 0, true);
        done(master.message(now, peer, promise));
        assertThat(only(Action.Keep.class)).isEqualTo(new Action.Keep(FIRST, false, false, GROUP));
        assertThat(only(Action.Lead.class)).isEqualTo(new Action.Lead(FIRST, 0));
        // It may take sends from then on: whose log that is has to be known before.
        assertThat(actions.indexOf(only(Action.Keep.class))).isLessThan(actions.indexOf(only(Action.Lead.class)));
        assertThat(none(Action.Report.class)).isTrue();
    }

    @Test
    void aMasterThatLostItsDiskTakesWhatItsSlaveHasAndLeadsInALaterEpoch() {
        MemberCore master = emptyMember(0, 2, 1);
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 0));
        done(master.start(now, false));
        int ask = only(Action.Connect.class).peer();
        done(master.message(now, ask, new Message.Promise(1, FIRST, GROUP + 1, epochs, 0, 80, false)));
        int later = EpochNumbers.restarted(FIRST, 0);
        ask = only(Action.Connect.class).peer();
        done(master.connected(now, ask));
        assertThat(only(Action.Send.class).message()).isEqualTo(new Message.Ask(0, later, 0));
        done(master.message(now, ask, new Message.Promise(1, later, GROUP + 1, epochs, 0, 80, false)));
        int peer = only(Action.Connect.class).peer();
        done(master.connected(now, peer));
        done(master.message(now, peer, new Message.Welcome(later, GROUP + 1, epochs, 80, 0, false, 0, 0)));
        assertThat(only(Action.Keep.class)).isEqualTo(new Action.Keep(later, true, true, GROUP + 1));
        done(master.message(now, peer, new Message.Chunk(later, 0, 80, 0, new byte[80])));
        done(master.grown(now, 80, 80));
        assertThat(only(Action.Lead.class)).isEqualTo(new Action.Lead(later, 80));
    }

    @Test
    void aMasterThatLostItsDiskStandsAboveTheEpochOfBefore() {
        MemberCore master = emptyMember(0, 2, 1);
        done(master.start(now, false));
        int ask = only(Action.Connect.class).peer();
        int before = EpochNumbers.restarted(FIRST, 0);
        done(master.message(now, ask, new Message.Refusal(before, -1, "member 1 has promised epoch " + before)));
        ask = only(Action.Connect.class).peer();
        done(master.connected(now, ask));
        int above = EpochNumbers.restarted(before, 0);
        assertThat(only(Action.Send.class).message()).isEqualTo(new Message.Ask(0, above, 0));
    }

    @Test
    void aMemberThatHasNothingIsNotPromoted() {
        MemberCore slave = emptyMember(1, 2, 0);
        done(slave.start(now, false));
        done(slave.promote(now, true));
        assertThat(only(Action.Report.class).sentence()).contains("has nothing of the group's log");
        assertThat(slave.leads()).isFalse();
        // Alone it would begin another group.
        MemberCore master = emptyMember(0, 2, 1);
        done(master.start(now, false));
        done(master.promote(now, true));
        assertThat(only(Action.Report.class).sentence()).contains("has nothing of the group's log");
    }

    @Test
    void oneIsMadeTheLeaderThoughTheOthersAreLost() {
        MemberCore slave = member(1, 3, 1, 50, new Epoch(0, 0), new Epoch(FIRST, 0));
        done(slave.start(now, false));
        done(slave.promote(now, false));
        for (Action.Connect each : connects()) {
            done(slave.gone(now, each.peer()));
        }
        assertThat(slave.leads()).isFalse();
        done(slave.promote(now, true));
        for (Action.Connect each : connects()) {
            done(slave.gone(now, each.peer()));
        }
        assertThat(slave.leads()).isTrue();
        List<Action> led = List.copyOf(actions);
        assertThat(led)
                .anySatisfy(each -> assertThat(each)
                        .isInstanceOfSatisfying(
                                Action.Report.class,
                                report -> assertThat(report.sentence()).contains("may be missing")));
    }

    /** A master of three whose members 1 and 2 follow, 2 as a newcomer. */
    @Test
    void aNewcomerCountsWhenAllOthersFollow() {
        MemberCore master = member(0, 3, 1, 50, new Epoch(0, 0));
        List<Epoch> epochs = List.of(new Epoch(0, 0));
        done(master.start(now, false));
        int ask = connects().getFirst().peer();
        done(master.message(now, ask, new Message.Promise(1, FIRST, GROUP, epochs, 0, 50, false)));
        now += 1_000;
        done(master.tick(now));
        assertThat(master.leads()).isTrue();
        follow(master, PEER, 50, new Epoch(0, 0));
        done(master.message(now, PEER, new Message.Ack(FIRST, 50, 50, 50, 0)));
        done(master.message(now, OTHER_PEER, new Message.Hello(2, 0, 0, epochs, 0, 0, 1 << 20, true)));
        done(master.message(now, OTHER_PEER, new Message.Ack(FIRST, 0, 0, 0, 0)));
        done(master.gone(now, PEER));
        done(master.message(now, OTHER_PEER, new Message.Ack(FIRST, 50, 50, 50, 0)));
        done(master.grown(now, 70, 50));
        done(master.message(now, OTHER_PEER, new Message.Ack(FIRST, 70, 70, 70, 0)));
        assertThat(none(Action.Confirm.class)).as("by its copy").isTrue();
        follow(master, PEER, 50, new Epoch(0, 0));
        done(master.message(now, PEER, new Message.Ack(FIRST, 50, 50, 50, 0)));
        done(master.gone(now, OTHER_PEER));
        List<Epoch> both = List.of(new Epoch(0, 0), new Epoch(FIRST, 50));
        done(master.message(now, OTHER_PEER, new Message.Hello(2, FIRST, GROUP, both, 0, 70, 1 << 20, true)));
        done(master.message(now, OTHER_PEER, new Message.Ack(FIRST, 70, 70, 70, 0)));
        now = Math.max(now + 1, master.wakeAt(now));
        done(master.tick(now));
        done(master.message(now, PEER, new Message.Ack(FIRST, 50, 50, 50, now)));
        assertThat(actions).contains(new Action.Send(OTHER_PEER, new Message.Admitted(FIRST)));
        assertThat(only(Action.Confirm.class).logOffset()).isEqualTo(70);
    }

    /** One whose slave had heard of the group, but had nothing of its log yet. */
    @Test
    void aMasterWithAnEmptyFolderTakesTheNumberOfItsGroup() {
        MemberCore master = emptyMember(0, 2, 1);
        done(master.start(now, false));
        int peer = only(Action.Connect.class).peer();
        Message.Promise promise = new Message.Promise(1, FIRST, GROUP + 1, List.of(new Epoch(0, 0)), 0, 0, true);
        done(master.message(now, peer, promise));
        assertThat(only(Action.Keep.class)).isEqualTo(new Action.Keep(FIRST, false, false, GROUP + 1));
        assertThat(master.leads()).isTrue();
    }

    /** What it lost with its disk, and has got back, is lost again with its power. */
    @Test
    void oneInDoubtLeadsWhenItsLogIsOnTheDisk() {
        List<Epoch> epochs = List.of(new Epoch(0, 0), new Epoch(FIRST, 0));
        Kept kept = new Kept(FIRST, true, false, GROUP);
        MemberCore slave =
                new MemberCore(settings(1, 2, 1, true), false, kept, GROUP, new EpochHistory(epochs, 50), 0, 30);
        done(slave.start(now, false));
        done(slave.promote(now, false));
        int peer = only(Action.Connect.class).peer();
        done(slave.message(now, peer, new Message.Promise(0, PROMOTED, GROUP, epochs, 0, 50, false)));
        assertThat(slave.leads()).isFalse();
        assertThat(actions).contains(new Action.Flush());
        done(slave.grown(now, 50, 50));
        assertThat(only(Action.Lead.class)).isEqualTo(new Action.Lead(PROMOTED, 50));
    }

    @Test
    void aFollowerThatHasDeletedWhereTheLogsPartGetsACopy() {
        MemberCore master = leader(1, 50);
        List<Epoch> epochs = List.of(new Epoch(0, 0));
        done(master.message(now, PEER, new Message.Hello(1, 0, GROUP, epochs, 60, 100, 1 << 20, false)));
        assertThat(((Message.Welcome) only(Action.Send.class).message()).copy()).isTrue();
        assertThat(only(Action.SendCopy.class).peer()).isEqualTo(PEER);
        // That may take longer than a connection may be silent.
        now += 15_000;
        done(master.message(now, PEER, new Message.Heartbeat(FIRST, 0, 0, now)));
        now += 15_000;
        done(master.tick(now));
        assertThat(none(Action.Close.class)).isTrue();
    }
}
