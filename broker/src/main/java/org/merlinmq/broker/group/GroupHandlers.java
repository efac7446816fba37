package org.merlinmq.broker.group;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.GroupForbidden;
import org.merlinmq.protocol.body.RequestMode;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.body.SubscriptionGroupList;
import org.merlinmq.protocol.body.SubscriptionGroupTable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.reply.GroupPageReply;
import org.merlinmq.protocol.request.DeleteGroupRequest;
import org.merlinmq.protocol.request.ForbidTopicRequest;
import org.merlinmq.protocol.request.GroupRequest;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Creates, shows and deletes groups.
 *
 * <p>Threading: on virtual threads: each change is journaled.
 * <p>Source: requests 200, 201, 207, 225, 352, 353, 401 and 402.
 */
public final class GroupHandlers {
    private final GroupTable groups;
    private final RequestModes modes;
    private final Topics topics;
    private final OffsetRemoval removeOffsets;
    private final Runnable makeDurable;

    /** Forgets the offsets of a group. */
    @FunctionalInterface
    public interface OffsetRemoval {
        /**
         * Appends a change, together with the removal of the group's offsets.
         *
         * @param group the group
         * @param change what else is removed
         * @return the log offset behind the change
         */
        long remove(String group, StateChange change);
    }

    /**
     * Handlers over these tables.
     *
     * @param groups the groups
     * @param modes how they ask for messages
     * @param topics the topics that exist
     * @param removeOffsets forgets the offsets of a group
     * @param makeDurable run before a change is answered: waits for the disk if messages do, too
     */
    public GroupHandlers(
            GroupTable groups, RequestModes modes, Topics topics, OffsetRemoval removeOffsets, Runnable makeDurable) {
        this.groups = groups;
        this.modes = modes;
        this.topics = topics;
        this.removeOffsets = removeOffsets;
        this.makeDurable = makeDurable;
    }

    /**
     * Registers requests 200, 201, 207, 225, 352, 353, 401 and 402.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.blocking(
                        RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
                        Access.of(Resource.GROUP, Action.CREATE),
                        request -> update(SubscriptionGroup.read(request.body())))
                .blocking(
                        RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST,
                        Access.of(Resource.GROUP, Action.CREATE),
                        request -> updateAll(SubscriptionGroupList.read(request.body())))
                .blocking(
                        RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG,
                        Access.of(Resource.GROUP, Action.LIST),
                        request -> all())
                .blocking(
                        RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG,
                        Access.of(Resource.GROUP, Action.GET),
                        request -> one(GroupRequest.read(request)))
                .blocking(
                        RequestCode.DELETE_SUBSCRIPTIONGROUP,
                        Access.of(Resource.GROUP, Action.DELETE),
                        request -> delete(DeleteGroupRequest.read(request)))
                .blocking(
                        RequestCode.UPDATE_AND_GET_GROUP_FORBIDDEN,
                        Access.of(Resource.GROUP, Action.UPDATE),
                        request -> forbid(ForbidTopicRequest.read(request)))
                .blocking(
                        RequestCode.SET_MESSAGE_REQUEST_MODE,
                        Access.of(Resource.GROUP, Action.UPDATE),
                        request -> setMode(RequestMode.read(request.body())))
                .blocking(
                        RequestCode.GET_ALL_MESSAGE_REQUEST_MODE,
                        Access.of(Resource.GROUP, Action.LIST),
                        request -> Answer.ok(modes.table().write()));
    }

    Answer update(SubscriptionGroup group) {
        Refusal refusal = check(group);
        if (refusal != null) {
            return Answer.refuse(refusal);
        }
        groups.update(group);
        makeDurable.run();
        return Answer.ok();
    }

    Answer updateAll(SubscriptionGroupList list) {
        for (SubscriptionGroup group : list.groupConfigList()) {
            Refusal refusal = check(group);
            if (refusal != null) {
                return Answer.refuse(refusal);
            }
        }
        list.groupConfigList().forEach(groups::update);
        makeDurable.run();
        return Answer.ok();
    }

    private static @Nullable Refusal check(SubscriptionGroup group) {
        Refusal refusal = GroupRules.check(group);
        return refusal != null ? refusal : RetryPolicy.check(group);
    }

    /** One page holds all: a client that asks for pages stops at totalGroupNum. */
    Answer all() {
        SubscriptionGroupTable table = groups.table();
        return Answer.ok(new GroupPageReply(table.subscriptionGroupTable().size()), table.write());
    }

    Answer one(GroupRequest request) {
        SubscriptionGroup group = groups.findOrCreate(request.group());
        return group == null ? unknown(request.group()) : Answer.ok(group.write());
    }

    private static Answer unknown(String name) {
        return Answer.refuse(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "No group in this broker. group: " + name);
    }

    /** The retry topic and the topic of dead letters stay: the tool deletes them itself. */
    Answer delete(DeleteGroupRequest request) {
        String name = request.groupName();
        boolean removed = request.cleanOffset()
                ? groups.remove(name, change -> removeOffsets.remove(name, change))
                : groups.remove(name);
        if (request.cleanOffset() && !removed) {
            removeOffsets.remove(name, new StateChange());
        }
        makeDurable.run();
        return Answer.ok();
    }

    Answer forbid(ForbidTopicRequest request) {
        String group = request.group();
        String topic = request.topic();
        if (groups.find(group) == null) {
            return unknown(group);
        }
        if (request.readable() != null) {
            groups.allow(group, topic, request.readable());
            makeDurable.run();
        }
        return Answer.ok(new GroupForbidden(group, groups.mayRead(group, topic), topic).write());
    }

    Answer setMode(RequestMode mode) {
        Refusal refusal = checkMode(mode);
        if (refusal != null) {
            return Answer.refuse(refusal);
        }
        modes.set(mode);
        makeDurable.run();
        return Answer.ok();
    }

    private @Nullable Refusal checkMode(RequestMode mode) {
        if (mode.topic().startsWith(Topics.RETRY)) {
            return new Refusal(ResponseCode.NO_PERMISSION, "retry topic is not allowed to set mode");
        }
        if (topics.find(mode.topic()) == null) {
            return new Refusal(ResponseCode.TOPIC_NOT_EXIST, "the topic " + mode.topic() + " does not exist");
        }
        if (groups.find(mode.consumerGroup()) == null) {
            return new Refusal(
                    ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
                    "the consumer group " + mode.consumerGroup() + " does not exist");
        }
        return null;
    }
}
