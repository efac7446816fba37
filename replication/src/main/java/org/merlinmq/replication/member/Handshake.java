package org.merlinmq.replication.member;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.core.ReplicationSettings;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.replication.stream.Message.Bits256;
import org.merlinmq.replication.stream.Message.Opening;
import org.merlinmq.replication.stream.Message.Proof;
import org.merlinmq.replication.stream.Message.Refusal;

/**
 * What two members send before anything else: whether both count by the same rules, and, if there is a secret, whether both know it.
 *
 * <pre>
 *  opener                       acceptor
 *    Opening ─────────────────────►
 *    ◄───────────────────── Opening      done, if there is no secret
 *    Proof ───────────────────────►
 *    ◄─────────────────────── Proof
 * </pre>
 *
 * <p>Threading: one thread at a time.
 */
final class Handshake {
    private enum State {
        OPENING,
        PROOF,
        DONE
    }

    private final ReplicationSettings settings;
    private final @Nullable SharedSecret secret;
    private final boolean opener;
    private final Opening own;
    private final Queue<Message> replies = new ArrayDeque<>();
    private Bits256 others = Bits256.NONE;
    private State state = State.OPENING;

    /** One that has not begun; {@code opener}: this end has opened the connection. */
    Handshake(ReplicationSettings settings, @Nullable SharedSecret secret, boolean opener) {
        this.settings = settings;
        this.secret = secret;
        this.opener = opener;
        this.own = new Opening(
                settings.member(),
                settings.copies(),
                settings.flushed(),
                sorted(settings.members()),
                secret == null ? Bits256.NONE : secret.challenge());
        if (opener) {
            replies.add(own);
        }
    }

    private static List<Integer> sorted(List<Integer> members) {
        return members.stream().sorted().toList();
    }

    /** Whether the other end is one to speak with. */
    boolean isDone() {
        return state == State.DONE;
    }

    /** The next message to be sent; null if there is none. */
    @Nullable Message next() {
        return replies.poll();
    }

    /**
     * Takes a message of the other end.
     *
     * @return why it is not spoken with, for an operator; null if all is well
     */
    @Nullable String receive(Message message) {
        return switch (message) {
            case Opening opening when state == State.OPENING -> opened(opening);
            case Proof proof when state == State.PROOF && secret != null -> proved(secret, proof);
            case Refusal refusal -> "another member refuses this one: " + refusal.sentence();
            default ->
                "member " + settings.member() + " expected the other end's opening or its proof, and got a "
                        + message.getClass().getSimpleName() + ": upgrade the member with the lower version";
        };
    }

    private @Nullable String opened(Opening opening) {
        boolean proves = !opening.challenge().equals(Bits256.NONE);
        if (secret != null && !proves) {
            return "member " + settings.member() + " has a shared secret, and member " + opening.member()
                    + " has none: give all members of the group the same broker.members-secret";
        }
        if (secret == null && proves) {
            return "member " + opening.member() + " has a shared secret, and member " + settings.member()
                    + " has none: give all members of the group the same broker.members-secret";
        }
        if (!sorted(opening.members()).equals(own.members())
                || opening.copies() != own.copies()
                || opening.flushed() != own.flushed()) {
            return "the members " + settings.member() + " and " + opening.member()
                    + " count by different rules: the members " + own.members() + " and " + opening.members()
                    + ", copies " + own.copies() + " and " + opening.copies() + ", on their disks " + own.flushed()
                    + " and "
                    + opening.flushed() + "; what one confirms the other could lose. Give both the same broker.members,"
                    + " broker.in-sync-replicas and storage.flush";
        }
        others = opening.challenge();
        if (!opener) {
            replies.add(own);
        } else if (secret != null) {
            replies.add(new Proof(ownProof(secret)));
        }
        state = secret == null ? State.DONE : State.PROOF;
        return null;
    }

    private @Nullable String proved(SharedSecret known, Proof proof) {
        if (!proof.bits().sameAs(proof(known, !opener))) {
            return "the two ends of a connection of member " + settings.member()
                    + " have different shared secrets: give all members of the group the same"
                    + " broker.members-secret";
        }
        if (!opener) {
            replies.add(new Proof(ownProof(known)));
        }
        state = State.DONE;
        return null;
    }

    private Bits256 ownProof(SharedSecret known) {
        return proof(known, opener);
    }

    private Bits256 proof(SharedSecret known, boolean ofOpener) {
        return opener ? known.proof(ofOpener, own.challenge(), others) : known.proof(ofOpener, others, own.challenge());
    }
}
