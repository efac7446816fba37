package org.merlinmq.replication.stream;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.merlinmq.storage.log.EpochTable.Epoch;

/**
 * What one member of a broker group says to another.
 *
 * <p>Each end begins with an Opening, and a Proof if there is a shared secret. Then
 *
 * <pre>
 *  follower                       leader            candidate                     member
 *     Hello ───────────────────────►                   Ask ────────────────────────►
 *     ◄─────────────── Welcome, or Refusal             ◄──────────── Promise, or Refusal
 *     (cuts its log back)
 *     Ack ─────────────────────────►
 *     ◄──────────── Chunk, Chunk, Heartbeat …
 *     Ack ─────────────────────────►
 * </pre>
 *
 * <p>Format: {@link MessageCodec}; docs/wire/replication.md.
 */
public sealed interface Message {
    /**
     * 256 bits of no meaning: a challenge, or the answer to one.
     *
     * @param first 64 bits
     * @param second the next
     * @param third the next
     * @param fourth the last
     */
    record Bits256(long first, long second, long third, long fourth) {
        /** As many bytes. */
        public static final int BYTES = 32;

        /** Where there is no challenge. */
        public static final Bits256 NONE = new Bits256(0, 0, 0, 0);

        /**
         * Whether two are the same; how long that takes says nothing of them.
         *
         * @param other the other one
         * @return whether all bits are equal
         */
        public boolean sameAs(Bits256 other) {
            long different = (first ^ other.first) | (second ^ other.second);
            return (different | (third ^ other.third) | (fourth ^ other.fourth)) == 0;
        }

        /**
         * Writes the bits.
         *
         * @param out takes {@link #BYTES}
         */
        public void put(ByteBuffer out) {
            out.putLong(first).putLong(second).putLong(third).putLong(fourth);
        }

        /**
         * Reads the bits.
         *
         * @param in has {@link #BYTES} at least
         * @return the bits
         */
        public static Bits256 read(ByteBuffer in) {
            return new Bits256(in.getLong(), in.getLong(), in.getLong(), in.getLong());
        }

        @Override
        public String toString() {
            return "Bits256";
        }
    }

    /**
     * The first message of each end of a connection: the rules that it counts by, which must be the other's as well.
     *
     * @param member its number
     * @param copies how many members besides the leader must have a message before it is confirmed
     * @param flushed whether on their disks
     * @param members the numbers of all whose copies count, in their order
     * @param challenge what the other end's proof has to answer; {@link Bits256#NONE} if this end has no shared secret
     */
    record Opening(int member, int copies, boolean flushed, List<Integer> members, Bits256 challenge)
            implements Message {
        /** Copies the members. */
        public Opening {
            members = List.copyOf(members);
        }
    }

    /**
     * Shows that an end of a connection knows the shared secret.
     *
     * @param bits the HMAC-SHA256 under the secret of which end it is and of both challenges
     */
    record Proof(Bits256 bits) implements Message {}

    /**
     * Begins following.
     *
     * @param member the follower's number in its group
     * @param epoch the highest that it has promised to; a leader of a lower one is none any more
     * @param group whose log it has; 0 if it has none yet
     * @param epochs of its log
     * @param begin where its log begins
     * @param end where its log ends
     * @param segmentBytes the size of its segments
     * @param newcomer whether it may have promised what it does not know any more
     */
    record Hello(
            int member,
            int epoch,
            long group,
            List<Epoch> epochs,
            long begin,
            long end,
            long segmentBytes,
            boolean newcomer)
            implements Message {
        /** Copies the epochs. */
        public Hello {
            epochs = List.copyOf(epochs);
        }
    }

    /**
     * Takes a follower.
     *
     * @param epoch the leader's
     * @param group whose log it is; 0 if no member of it has led yet
     * @param epochs of the leader's log
     * @param end where that ends now
     * @param goOnAt where the two logs part: the follower cuts its own back to there
     * @param copy whether the follower lacks what the leader has deleted: it begins again with a copy, at {@code goOnAt}
     * @param checkedBytes so many bytes below {@code goOnAt} are checked, no more than both have; 0 if none are
     * @param checkedCrc32c what their checksum has to be
     */
    record Welcome(
            int epoch,
            long group,
            List<Epoch> epochs,
            long end,
            long goOnAt,
            boolean copy,
            int checkedBytes,
            int checkedCrc32c)
            implements Message {
        /** The most that {@code checkedBytes} are. */
        public static final int MOST_CHECKED_BYTES = 64 << 10;

        /** Copies the epochs. */
        public Welcome {
            epochs = List.copyOf(epochs);
        }

        /**
         * The same with a checksum of the bytes that both logs have.
         *
         * @param bytes how many below {@link #goOnAt}
         * @param crc32c their checksum
         * @return the new message
         */
        public Welcome withCheck(int bytes, int crc32c) {
            return new Welcome(epoch, group, epochs, end, goOnAt, copy, bytes, crc32c);
        }
    }

    /**
     * Takes no follower, or makes no promise.
     *
     * @param epoch the highest that the refusing member has promised to
     * @param leader the member that leads as far as it knows; -1 if it knows none
     * @param sentence why, and what cures it
     */
    record Refusal(int epoch, int leader, String sentence) implements Message {}

    /**
     * Bytes of the log.
     *
     * @param epoch the leader's; the bytes may be of an earlier one
     * @param logOffset of the first byte
     * @param publishedEnd where the leader's log ends
     * @param confirmedEnd up to where enough members have it
     * @param bytes cut anywhere; not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent") // a copy for each message of the log would be one too many
    record Chunk(int epoch, long logOffset, long publishedEnd, long confirmedEnd, byte[] bytes) implements Message {
        @Override
        public boolean equals(Object other) {
            return other instanceof Chunk chunk
                    && chunk.epoch == epoch
                    && chunk.logOffset == logOffset
                    && chunk.publishedEnd == publishedEnd
                    && chunk.confirmedEnd == confirmedEnd
                    && Arrays.equals(chunk.bytes, bytes);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(logOffset) * 31 + Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Chunk[epoch=" + epoch + ", logOffset=" + logOffset + ", bytes=" + bytes.length + ", publishedEnd="
                    + publishedEnd + ", confirmedEnd=" + confirmedEnd + "]";
        }
    }

    /**
     * The leader is there; or a follower that takes a copy's beginning is, and has no ends yet.
     *
     * @param epoch the leader's
     * @param publishedEnd where its log ends
     * @param confirmedEnd up to where enough members have it
     * @param sentMillis its time; acknowledged
     */
    record Heartbeat(int epoch, long publishedEnd, long confirmedEnd, long sentMillis) implements Message {}

    /**
     * What a follower has.
     *
     * @param epoch of the leader that it follows
     * @param received the end of all that came, cut anywhere
     * @param written the end of the last whole record that its operating system has
     * @param flushed the end of what its disk has confirmed, a record's as well
     * @param heartbeatMillis the time in the last heartbeat that it has got; 0 before the first
     */
    record Ack(int epoch, long received, long written, long flushed, long heartbeatMillis) implements Message {}

    /**
     * A newcomer's copies count from now on: all others follow this leader, so that none of them can lead by a promise that the
     * newcomer has forgotten.
     *
     * @param epoch the leader's
     */
    record Admitted(int epoch) implements Message {}

    /**
     * A part of what a copy begins with besides the log.
     *
     * @param epoch the leader's
     * @param logOffset where the log begins
     * @param segmentBytes the size of its segments
     * @param stateLogOffset what the state is as of
     * @param ofQueues whether the part is of the queue table; else it is of the state
     * @param last whether this is the last part of all
     * @param entries how many entries are in it
     * @param bytes the entries; not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent") // as above
    record CopyPart(
            int epoch,
            long logOffset,
            long segmentBytes,
            long stateLogOffset,
            boolean ofQueues,
            boolean last,
            int entries,
            byte[] bytes)
            implements Message {
        @Override
        public boolean equals(Object other) {
            return other instanceof CopyPart part
                    && part.epoch == epoch
                    && part.logOffset == logOffset
                    && part.segmentBytes == segmentBytes
                    && part.stateLogOffset == stateLogOffset
                    && part.ofQueues == ofQueues
                    && part.last == last
                    && part.entries == entries
                    && Arrays.equals(part.bytes, bytes);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(logOffset) * 31 + Arrays.hashCode(bytes);
        }
    }

    /**
     * A candidate asks for the promise to follow nobody of an earlier epoch any more.
     *
     * @param member the candidate
     * @param epoch that it will lead in
     * @param group whose log it has; 0 if it has none yet
     */
    record Ask(int member, int epoch, long group) implements Message {}

    /**
     * The promise, and what the candidate has to compare with.
     *
     * @param member that promises
     * @param epoch that was asked for
     * @param group whose log it has; 0 if it has none yet
     * @param epochs of its log
     * @param begin where its log begins
     * @param end where its log ends
     * @param doubtful whether it may have lost what it acknowledged, so that it speaks for nothing
     */
    record Promise(int member, int epoch, long group, List<Epoch> epochs, long begin, long end, boolean doubtful)
            implements Message {
        /** Copies the epochs. */
        public Promise {
            epochs = List.copyOf(epochs);
        }
    }
}
