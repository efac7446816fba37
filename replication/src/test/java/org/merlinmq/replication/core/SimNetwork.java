package org.merlinmq.replication.core;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.replication.stream.MessageCodec;

/**
 * Connections between simulated members: messages arrive late, in their order, or not at all; connections break at any moment, and
 * each end hears of it at another time or never; and any direction may be blocked. Some connections are slow: what one of them
 * brings may be older than what came by a later one. A rough network also repeats messages, or brings them in another order.
 */
final class SimNetwork {
    private static final int MAX_DELAY_MILLIS = 12;
    private static final int CONNECT_MILLIS = 800;
    private static final int LOOK_AGAIN_MILLIS = 40;
    private static final int ONE_OF_CONNECTIONS_IS_SLOW = 12;
    private static final int ONE_OF_MESSAGES_IS_ROUGH = 60;

    /** Hears of what happens at its end of a connection. */
    interface Host {
        void connected(int peer);

        void gone(int peer);

        void received(int peer, Message message);

        /** Takes a connection; returns its name there. */
        int accepted(End end);
    }

    /** One end of a connection. */
    static final class End {
        private final int host;
        private final Host owner;
        private int peer;
        private boolean open = true;
        private @Nullable End other;

        /** On the way to here; null is the end of the connection. */
        private final ArrayDeque<ByteBuffer> arriving = new ArrayDeque<>();

        private boolean ending;
        private long lastArrival;

        /** What is sent to here takes so much longer. */
        private final int slowMillis;

        private End(int host, Host owner, int peer, int slowMillis) {
            this.host = host;
            this.owner = owner;
            this.peer = peer;
            this.slowMillis = slowMillis;
        }
    }

    private final SimTime time;
    private final RandomGenerator random;
    private boolean rough;
    private boolean mended;
    private final Set<Long> blocked = new HashSet<>();
    private final List<End> ends = new ArrayList<>();

    SimNetwork(SimTime time, RandomGenerator random) {
        this.time = time;
        this.random = random;
        this.rough = random.nextInt(4) == 0;
    }

    /** From now on it is as good as networks are. */
    void mend() {
        rough = false;
        mended = true;
        blocked.clear();
    }

    private int slowMillis() {
        return random.nextInt(ONE_OF_CONNECTIONS_IS_SLOW) == 0 ? random.nextInt(1000) : 0;
    }

    private boolean isRough() {
        return rough && random.nextInt(ONE_OF_MESSAGES_IS_ROUGH) == 0;
    }

    void block(int from, int to) {
        blocked.add((long) from << 32 | to);
    }

    void unblock() {
        blocked.clear();
    }

    private boolean isBlocked(int from, int to) {
        return blocked.contains((long) from << 32 | to);
    }

    /** Opens a connection; the host hears of it, or that it failed. */
    End connect(int from, Host owner, int peer, int to, @Nullable Host target) {
        End mine = new End(from, owner, peer, slowMillis());
        boolean silent = isBlocked(from, to) || isBlocked(to, from);
        if (target == null || silent) {
            time.in(silent ? CONNECT_MILLIS : 1, () -> lost(mine));
            return mine;
        }
        time.in(delay(), () -> {
            if (!mine.open) {
                return;
            }
            End theirs = new End(to, target, 0, slowMillis());
            theirs.peer = target.accepted(theirs);
            if (theirs.peer == 0) {
                lost(mine);
                return;
            }
            mine.other = theirs;
            theirs.other = mine;
            ends.add(mine);
            ends.add(theirs);
            owner.connected(peer);
        });
        return mine;
    }

    private int delay() {
        return 1 + random.nextInt(random.nextInt(20) == 0 ? 20 * MAX_DELAY_MILLIS : MAX_DELAY_MILLIS);
    }

    void send(End from, Message message) {
        End to = from.other;
        if (from.open && to != null && !to.ending) {
            for (int copies = isRough() ? 2 : 1; copies > 0; copies--) {
                to.arriving.add(MessageCodec.encode(message));
                arriveLater(from, to);
            }
        }
    }

    /** What was sent before arrives; then the other end hears of the close. */
    void close(End end) {
        End to = end.other;
        if (end.open && to != null && !to.ending) {
            to.ending = true;
            arriveLater(end, to);
        }
        end.open = false;
        ends.remove(end);
    }

    private void arriveLater(End from, End to) {
        to.lastArrival = Math.max(to.lastArrival, time.now() + delay() + (mended ? 0 : to.slowMillis));
        time.at(to.lastArrival, () -> arrive(from.host, to));
    }

    private void arrive(int from, End to) {
        if (!to.open) {
            return;
        }
        if (isBlocked(from, to.host)) {
            time.in(LOOK_AGAIN_MILLIS, () -> arrive(from, to));
            return;
        }
        ByteBuffer next = isRough() ? to.arriving.pollLast() : to.arriving.poll();
        if (next != null) {
            to.owner.received(to.peer, MessageCodec.decode(next));
        } else if (to.ending) {
            lost(to);
        }
    }

    private void lost(End end) {
        if (end.open) {
            end.open = false;
            ends.remove(end);
            end.owner.gone(end.peer);
        }
    }

    /** Breaks a connection: what is on the way is lost. */
    void breakAny() {
        if (!ends.isEmpty()) {
            cut(ends.get(random.nextInt(ends.size())));
        }
    }

    private void cut(End end) {
        end.arriving.clear();
        time.in(delay(), () -> lost(end));
        End other = end.other;
        if (other != null) {
            other.arriving.clear();
            other.ending = true;
            time.in(delay(), () -> lost(other));
        }
        end.ending = true;
    }

    /** A host is gone. Others hear of it soon, or have to find out by themselves. */
    void crashed(int host, boolean silently) {
        for (End end : List.copyOf(ends)) {
            if (end.host == host) {
                end.open = false;
                ends.remove(end);
                End other = end.other;
                if (other != null && !silently) {
                    other.arriving.clear();
                    time.in(delay(), () -> lost(other));
                }
            }
        }
    }
}
