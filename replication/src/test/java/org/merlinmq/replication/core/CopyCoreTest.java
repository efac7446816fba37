package org.merlinmq.replication.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.storage.SetAsideLog;
import org.merlinmq.storage.log.EpochTable.Epoch;

/** A member that begins again with a copy: its old log counts until the copy is level. */
final class CopyCoreTest extends CoreSteps {
    private static final List<Epoch> OLD = List.of(new Epoch(0, 0), new Epoch(FIRST, 20));
    private static final EpochHistory OLD_LOG = new EpochHistory(OLD, 50);

    /** The connection to the leader. */
    private int leader;

    /** Its log ended at 50; that of its leader goes from 80 to 120, and the copy has what is below 100. */
    private MemberCore copying(int members) {
        MemberCore slave = member(1, members, 1, 50, OLD.get(0), OLD.get(1));
        done(slave.start(now, false));
        done(slave.tick(now));
        leader = only(Action.Connect.class).peer();
        done(slave.connected(now, leader));
        done(slave.message(now, leader, new Message.Welcome(FIRST, GROUP, OLD, 120, 80, true, 0, 0)));
        assertThat(actions).endsWith(new Action.Keep(FIRST, true, false, GROUP), new Action.Empty());
        done(slave.emptied(now, true));
        assertThat(actions).containsExactly(new Action.Keep(FIRST, false, false, GROUP));
        done(slave.message(now, leader, new Message.CopyPart(FIRST, 80, 1 << 20, 80, false, true, 0, new byte[0])));
        done(slave.copyBegun(now, 80));
        assertThat(only(Action.Send.class).message()).isEqualTo(new Message.Ack(FIRST, 80, 0, 0, 0));
        done(slave.message(now, leader, new Message.Chunk(FIRST, 80, 120, 0, new byte[20])));
        done(slave.grown(now, 100, 100));
        assertThat(only(Action.Send.class).message()).isEqualTo(new Message.Ack(FIRST, 100, 0, 0, 0));
        assertThat(slave.isDoubtful()).isFalse();
        return slave;
    }

    @Test
    void aCopyCountsWhenItIsLevel() {
        MemberCore slave = copying(2);
        done(slave.message(now, leader, new Message.Chunk(FIRST, 100, 120, 0, new byte[20])));
        done(slave.grown(now, 120, 100));
        assertThat(actions)
                .containsExactly(
                        new Action.Send(leader, new Message.Ack(FIRST, 120, 0, 0, 0)),
                        new Action.CopyIsLevel(),
                        new Action.Send(leader, new Message.Ack(FIRST, 120, 120, 100, 0)));
    }

    @Test
    void aPromiseIsGivenWithTheOldLogWhileTheCopyGoesOn() {
        MemberCore slave = copying(3);
        int later = EpochNumbers.promoted(FIRST, 2);
        done(slave.message(now, PEER, new Message.Ask(2, later, GROUP)));
        Message.Promise promise = (Message.Promise) actions.stream()
                .filter(each -> each instanceof Action.Send send && send.peer() == PEER)
                .map(each -> ((Action.Send) each).message())
                .findFirst()
                .orElseThrow();
        assertThat(promise).isEqualTo(new Message.Promise(1, later, GROUP, OLD, 0, 50, false));
        assertThat(none(Action.PutBack.class)).isTrue();
        // It goes on from the new leader, and again does not count.
        now += 2_000;
        done(slave.tick(now));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        assertThat(((Message.Hello) only(Action.Send.class).message()).end()).isEqualTo(100);
        List<Epoch> epochs = List.of(OLD.get(0), OLD.get(1), new Epoch(later, 110));
        done(slave.message(now, peer, new Message.Welcome(later, GROUP, epochs, 115, 100, false, 0, 0)));
        assertThat(only(Action.Send.class).message()).isEqualTo(new Message.Ack(later, 100, 0, 0, 0));
    }

    @Test
    void aCandidateThatFetchesTheOldLogGetsItWhenItIsPutBack() {
        MemberCore slave = copying(3);
        int later = EpochNumbers.promoted(FIRST, 2);
        done(slave.message(now, PEER, new Message.Ask(2, later, GROUP)));
        Message.Hello hello = new Message.Hello(2, later, GROUP, List.of(OLD.get(0)), 0, 10, 1 << 20, false);
        done(slave.message(now, PEER, hello));
        only(Action.PutBack.class);
        assertThat(only(Action.Close.class).why()).contains("puts its log back");
        done(slave.putBack(now, OLD_LOG, 0, 50, false));
        done(slave.message(now, OTHER_PEER, hello));
        assertThat(((Message.Welcome) only(Action.Send.class).message()).end()).isEqualTo(50);
    }

    @Test
    void oneThatStandsHasItsOldLogBack() {
        MemberCore slave = copying(2);
        done(slave.promote(now, false));
        assertThat(actions.indexOf(new Action.PutBack()))
                .isGreaterThan(actions.indexOf(new Action.StopFollowing()))
                .isGreaterThan(actions.indexOf(new Action.Keep(PROMOTED, false, false, GROUP)));
        int ask = only(Action.Connect.class).peer();
        done(slave.putBack(now, OLD_LOG, 0, 50, false));
        assertThat(slave.history()).isEqualTo(OLD_LOG);
        done(slave.gone(now, ask));
        assertThat(only(Action.Lead.class)).isEqualTo(new Action.Lead(PROMOTED, 50));
    }

    @Test
    void aMemberThatStartsInTheMiddleOfACopyGoesOnWithIt() {
        MemberCore slave = member(1, 2, 1, 100, OLD.get(0), OLD.get(1));
        slave.isCopyFor(new SetAsideLog(OLD, 0, 50));
        done(slave.start(now, false));
        done(slave.tick(now));
        int peer = only(Action.Connect.class).peer();
        done(slave.connected(now, peer));
        done(slave.message(now, peer, new Message.Welcome(FIRST, GROUP, OLD, 120, 100, false, 0, 0)));
        assertThat(only(Action.Send.class).message()).isEqualTo(new Message.Ack(FIRST, 100, 0, 0, 0));
        done(slave.message(now, peer, new Message.Chunk(FIRST, 100, 120, 0, new byte[20])));
        done(slave.grown(now, 120, 120));
        only(Action.CopyIsLevel.class);
    }

    @Test
    void anOldLogThatIsFoundDamagedIsInDoubt() {
        MemberCore slave = copying(2);
        done(slave.promote(now, false));
        done(slave.putBack(now, new EpochHistory(OLD, 40), 0, 40, true));
        assertThat(only(Action.Keep.class).doubtful()).isTrue();
    }

    @Test
    void anOldLogThatSomebodyHasDeletedIsInDoubt() {
        MemberCore slave = copying(2);
        done(slave.gone(now, leader));
        now += 2_000;
        done(slave.tick(now));
        leader = only(Action.Connect.class).peer();
        done(slave.connected(now, leader));
        done(slave.message(now, leader, new Message.Welcome(FIRST, GROUP, OLD, 220, 200, true, 0, 0)));
        assertThat(actions).contains(new Action.Empty());
        done(slave.emptied(now, false));
        assertThat(only(Action.Keep.class).doubtful()).isTrue();
    }
}
