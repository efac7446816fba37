package org.merlinmq.broker.follow;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.group.RequestModes;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.schedule.MasterDelays;
import org.merlinmq.broker.schedule.RocketMqDelayProgress;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.RequestModeTable;
import org.merlinmq.protocol.body.SubscriptionGroupTable;
import org.merlinmq.protocol.body.TopicConfigTable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.reply.GroupPageReply;
import org.merlinmq.protocol.reply.TopicPageReply;
import org.merlinmq.storage.Storage;
import org.merlinmq.transport.CallFailedException;
import org.merlinmq.transport.Calls;

/**
 * Copies what a master keeps beside its log: topics, groups, request modes, offsets, and how far its delayed messages
 * were delivered. RocketMQ's own slaves ask for the same, as often.
 *
 * <p>Topics, groups and offsets are as of the moment of the question, not of a position of the log; a crash loses what came
 * since the last round that changed something.
 *
 * <p>Threading: one round at a time, on a thread that may block.
 *
 * <p>Errors: a table that cannot be had, or not be read, stays as it is.
 *
 * <p>Source: requests 21, 43, 45, 60, 201 and 402. RocketMQ's brokers do not know 77020, which tells ours from them.
 */
final class MasterTables {
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final Tables tables;
    private final Calls calls;
    private final Runnable save;
    private final MasterDelays delays;
    private final MasterOffsets offsets;

    /** The address whose broker {@link #isOurs} speaks of; null if none was asked, or it did not answer since. */
    private @Nullable String asked;

    private boolean isOurs;

    /** Why the round that is under way took not all; null if it did. */
    private @Nullable String refusal;

    /**
     * The tables that follow.
     *
     * @param topics of this broker
     * @param groups of this broker
     * @param modes of this broker
     * @param offsets of this broker
     */
    record Tables(TopicTable topics, GroupTable groups, RequestModes modes, OffsetTable offsets) {}

    /** Copies that change {@code tables}; {@code save} makes durable what changed. */
    MasterTables(Tables tables, Storage storage, Calls calls, Runnable save, LongSupplier nowMillis) {
        this.tables = tables;
        this.calls = calls;
        this.save = save;
        this.delays = new MasterDelays(storage, nowMillis);
        this.offsets = new MasterOffsets(tables.offsets);
    }

    /**
     * Copies all tables of the master at an address, {@code host:port} of its main port, once it has the offsets that were
     * committed here while it was away. {@code sameLog} is whether the log here is a copy of its own, as far as is known.
     * Returns what went wrong; null if nothing did.
     */
    @Nullable String copy(String master, boolean sameLog) throws InterruptedException {
        refusal = null;
        try {
            take(master, RequestCode.GET_ALL_TOPIC_CONFIG, this::takeTopics);
            take(master, RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG, this::takeGroups);
            take(
                    master,
                    RequestCode.GET_ALL_MESSAGE_REQUEST_MODE,
                    answer -> tables.modes.follow(RequestModeTable.read(answer.body())));
            Frame theirs = ask(master, RequestCode.GET_ALL_CONSUMER_OFFSET);
            if (theirs != null && theirs.body().length > 0) {
                offsets.exchange(theirs.body(), sameLog ? offset -> calls.callAndWait(master, offset, ANSWER) : null);
            }
            if (!isOurs(master)) {
                takeDelays(master);
            }
            save.run();
            return refusal;
        } catch (CallFailedException e) {
            // Who is there when it answers again is to be seen.
            asked = null;
            return String.valueOf(e.getMessage());
        } catch (JsonException | DiskException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** The log of a master of ours says which delayed messages it has delivered; what it answers is for RocketMQ's slaves. */
    private boolean isOurs(String master) throws InterruptedException {
        if (!master.equals(asked)) {
            Frame ours = calls.callAndWait(master, Frame.request(RequestCode.LIST_RATE_LIMITS, null), ANSWER);
            isOurs = ours.isOk();
            asked = master;
        }
        return isOurs;
    }

    private void takeDelays(String master) throws InterruptedException {
        Frame timers = ask(master, RequestCode.GET_TIMER_CHECK_POINT);
        byte[] wheel = timers == null ? new byte[0] : timers.body();
        take(
                master,
                RequestCode.GET_ALL_DELAY_OFFSET,
                answer -> delays.end(RocketMqDelayProgress.read(answer.body(), wheel)));
    }

    /** A part of the table would delete the topics that are not in it, and their messages. */
    private void takeTopics(Frame answer) {
        TopicConfigTable table = TopicConfigTable.read(answer.body());
        Integer total = TopicPageReply.read(answer).totalTopicNum();
        if (total != null && total > table.topicConfigTable().size()) {
            refusal = "it has " + total + " topics and names "
                    + table.topicConfigTable().size();
        } else {
            tables.topics.follow(table);
        }
    }

    private void takeGroups(Frame answer) {
        SubscriptionGroupTable table = SubscriptionGroupTable.read(answer.body());
        Integer total = GroupPageReply.read(answer).totalGroupNum();
        if (total != null && total > table.subscriptionGroupTable().size()) {
            refusal = "it has " + total + " groups and names "
                    + table.subscriptionGroupTable().size();
        } else {
            tables.groups.follow(table);
        }
    }

    private void take(String master, RequestCode code, Consumer<Frame> into) throws InterruptedException {
        Frame answer = ask(master, code);
        if (answer != null && answer.body().length > 0) {
            into.accept(answer);
        }
    }

    /** The answer; null if the master's version does not know the request, or refuses it. */
    private @Nullable Frame ask(String master, RequestCode code) throws InterruptedException {
        Frame answer = calls.callAndWait(master, Frame.request(code, null), ANSWER);
        if (answer.isOk()) {
            return answer;
        }
        if (answer.code() != ResponseCode.REQUEST_CODE_NOT_SUPPORTED.number()) {
            refusal = code + " was answered with code " + answer.code() + ": " + answer.remark();
        }
        return null;
    }
}
