package org.merlinmq.replication.core;

import java.util.List;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.storage.log.EpochTable.Epoch;

/**
 * What a core wants done. Actions are carried out in their order, each one before the next: a promise is on the disk before the
 * message that gives it is sent. The event that comes of an action is given to the core before any other one.
 */
public sealed interface Action {
    /**
     * Keeps what must survive a loss of power; durable before the next action.
     *
     * @param epoch the highest that the member has promised to
     * @param doubtful whether it may have lost what it acknowledged
     * @param newcomer whether it may have promised what it does not know any more
     * @param group whose log it has; 0 if it has none yet
     */
    record Keep(int epoch, boolean doubtful, boolean newcomer, long group) implements Action {}

    /**
     * Opens a connection; {@link MemberCore#connected} or {@link MemberCore#gone} comes of it.
     *
     * @param peer its name from now on
     * @param member to whom
     */
    record Connect(int peer, int member) implements Action {}

    /**
     * Closes a connection; no event of it comes any more.
     *
     * @param peer the connection
     * @param why a sentence for the operator's log
     */
    record Close(int peer, String why) implements Action {}

    /**
     * Sends a message.
     *
     * @param peer the connection
     * @param message the message
     */
    record Send(int peer, Message message) implements Action {}

    /**
     * Sends published bytes of the log, in one or several {@link Message.Chunk}s: one ends with its segment. If they are deleted,
     * the connection is to be closed, and is {@link MemberCore#gone}.
     *
     * @param peer the connection
     * @param epoch of the leader
     * @param from the first byte
     * @param count how many
     * @param confirmedEnd up to where the log is confirmed
     */
    record SendLog(int peer, int epoch, long from, int count, long confirmedEnd) implements Action {}

    /**
     * Sends what a copy begins with, in {@link Message.CopyPart}s.
     *
     * @param peer the connection
     * @param epoch of the leader
     */
    record SendCopy(int peer, int epoch) implements Action {}

    /** Begins to take bytes of another log at this log's end. */
    record StartFollowing() implements Action {}

    /** Ends following: what is behind the last whole record is given up. */
    record StopFollowing() implements Action {}

    /**
     * Cuts the log back, keeping what is cut in a file; {@link MemberCore#cut} comes of it, or {@link MemberCore#cannotCut}.
     *
     * @param logOffset its new end
     */
    record CutBack(long logOffset) implements Action {}

    /** Begins again with an empty store, setting the old one aside if it may; {@link MemberCore#emptied} comes of it. */
    record Empty() implements Action {}

    /** The copy is level: it counts, and what was set aside does not any more; durable before the next action. */
    record CopyIsLevel() implements Action {}

    /** Puts the store that was set aside in the place of the copy; {@link MemberCore#putBack} comes of it. */
    record PutBack() implements Action {}

    /** Brings the log to the disk at once; {@link MemberCore#grown} comes of it. */
    record Flush() implements Action {}

    /**
     * Puts a leader's epochs in the place of the own ones; durable before the next action.
     *
     * @param epochs all of them that begin at the log's end or below, and those that the next bytes reach
     */
    record AdoptEpochs(List<Epoch> epochs) implements Action {}

    /**
     * Writes bytes to the end of the log; {@link MemberCore#grown} comes of it.
     *
     * @param chunk the bytes
     */
    record Append(Message.Chunk chunk) implements Action {}

    /**
     * Takes a part of what a copy begins with. With the last one the store is made anew, and {@link MemberCore#copyBegun} comes
     * of it.
     *
     * @param part the part
     */
    record TakeCopyPart(Message.CopyPart part) implements Action {}

    /**
     * Begins an epoch at the end of the log, durably, and takes sends.
     *
     * @param epoch its number
     * @param logOffset the log's end
     */
    record Lead(int epoch, long logOffset) implements Action {}

    /**
     * Takes no sends any more; whoever waits for copies hears that they are not known to be there. {@link MemberCore#stopped}
     * comes of it.
     *
     * @param heard the epoch that ends this one
     */
    record StopLeading(int heard) implements Action {}

    /**
     * Enough members have the log up to here.
     *
     * @param logOffset all below is confirmed
     */
    record Confirm(long logOffset) implements Action {}

    /**
     * Consumers of this member may have the records below: they are confirmed, and in its log. Only where copies are waited for.
     *
     * @param logOffset the end of what they may have; grows, but for what {@link CutBack} and {@link Empty} take
     */
    record Show(long logOffset) implements Action {}

    /**
     * How many followers are in sync has changed.
     *
     * @param count with fewer than {@link ReplicationSettings#copies} a send is answered with code 11
     */
    record InSync(int count) implements Action {}

    /**
     * Something that an operator has to see.
     *
     * @param sentence what, and what cures it
     */
    record Report(String sentence) implements Action {}
}
