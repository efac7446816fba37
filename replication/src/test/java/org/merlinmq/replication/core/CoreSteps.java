package org.merlinmq.replication.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.merlinmq.replication.core.MemberCore.Kept;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.storage.log.EpochTable.Epoch;

/** One member, step by step: what happens to it, and what it wants done. */
class CoreSteps {
    static final int FIRST = EpochNumbers.restarted(0, 0);
    static final int PROMOTED = EpochNumbers.promoted(FIRST, 1);
    static final long GROUP = 4711;
    static final int PEER = 1;
    static final int OTHER_PEER = 2;

    final List<Action> actions = new ArrayList<>();
    long now = 1000;

    static ReplicationSettings settings(int member, int members, int copies) {
        return settings(member, members, copies, false);
    }

    static ReplicationSettings settings(int member, int members, int copies, boolean flushed) {
        List<Integer> numbers = members == 2 ? List.of(0, 1) : List.of(0, 1, 2);
        return new ReplicationSettings(
                member, numbers, copies, flushed, 1 << 20, 100, 40, 1000, 500, 5_000, 20_000, 1_000);
    }

    static MemberCore member(int number, int members, int copies, long end, Epoch... epochs) {
        return new MemberCore(
                settings(number, members, copies),
                number == 0,
                new Kept(0, false, false, GROUP),
                GROUP,
                new EpochHistory(List.of(epochs), end),
                0,
                end);
    }

    void done(List<Action> more) {
        actions.clear();
        actions.addAll(more);
    }

    <T extends Action> T only(Class<T> kind) {
        List<T> found =
                actions.stream().filter(kind::isInstance).map(kind::cast).toList();
        assertThat(found).as(kind.getSimpleName() + " of " + actions).hasSize(1);
        return found.getFirst();
    }

    boolean none(Class<? extends Action> kind) {
        return actions.stream().noneMatch(kind::isInstance);
    }

    /** A master of two that could not reach its slave, and so leads. */
    MemberCore leader(int copies, long end) {
        MemberCore master = member(0, 2, copies, end, new Epoch(0, 0));
        done(master.start(now, false));
        done(master.gone(now, only(Action.Connect.class).peer()));
        assertThat(only(Action.Lead.class)).isEqualTo(new Action.Lead(FIRST, end));
        assertThat(master.leads()).isTrue();
        return master;
    }

    void follow(MemberCore master, int peer, long end, Epoch... epochs) {
        done(master.message(
                now, peer, new Message.Hello(1, 0, end == 0 ? 0 : GROUP, List.of(epochs), 0, end, 1 << 20, false)));
    }

    List<Action.Connect> connects() {
        return actions.stream()
                .filter(Action.Connect.class::isInstance)
                .map(Action.Connect.class::cast)
                .toList();
    }

    /** A member whose folder is empty: a new one, or one whose disk was lost. */
    static MemberCore emptyMember(int number, int members, int copies) {
        EpochHistory nothing = new EpochHistory(List.of(new Epoch(0, 0)), 0);
        return new MemberCore(settings(number, members, copies), number == 0, Kept.NOTHING, GROUP, nothing, 0, 0);
    }
}
