package org.merlinmq.broker.group;

import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.limit.LimitRules;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Which names a group may have, and which groups are the broker's own.
 *
 * <p>Source: the protocol's sheet of names.
 */
public final class GroupRules {
    /**
     * With %RETRY% before it, a group is a topic's name. Records hold the length of that in a byte that clients read with
     * its sign, so that it has at most 127.
     */
    private static final int MAX_CHARS = 120;

    private static final int MAX_RETRY_QUEUES = 1024;

    private static final Pattern NAME = Pattern.compile("[%|a-zA-Z0-9_-]+");
    private static final String SYSTEM_PREFIX = "CID_RMQ_SYS_";

    /** Of the broker's own groups, these may broadcast and are there from the start. */
    static final Set<String> SYSTEM = Set.of(
            "TOOLS_CONSUMER",
            "FILTERSRV_CONSUMER",
            "SELF_TEST_C_GROUP",
            "CID_ONS-HTTP-PROXY",
            "CID_ONSAPI_PULL",
            "CID_ONSAPI_PERMISSION",
            "CID_ONSAPI_OWNER",
            "CID_RMQ_SYS_TRANS");

    private GroupRules() {}

    /**
     * Whether a group is one of the broker's own.
     *
     * @param group its name
     * @return true for those that servers and tools make for themselves
     */
    public static boolean isSystem(String group) {
        return SYSTEM.contains(group) || group.startsWith(SYSTEM_PREFIX);
    }

    /** Why a group may not have these settings; null if it may. */
    static @Nullable Refusal check(SubscriptionGroup group) {
        for (Map.Entry<String, String> each : group.attributes().entrySet()) {
            String name = each.getKey().startsWith("+") ? each.getKey().substring(1) : each.getKey();
            String wrong = LimitRules.check(name, each.getValue());
            if (wrong != null) {
                return refused(wrong);
            }
        }
        int queues = group.retryQueueNums();
        return queues < 0 || queues > MAX_RETRY_QUEUES
                ? refused("retryQueueNums of " + group.groupName() + " is " + queues + "; it may be 0 to "
                        + MAX_RETRY_QUEUES + ".")
                : check(group.groupName());
    }

    /**
     * Why a name is none for a group.
     *
     * @param group the name
     * @return null if a group may have it
     */
    public static @Nullable Refusal check(String group) {
        if (group.isBlank()) {
            return refused("The specified group is blank.");
        }
        if (group.length() > MAX_CHARS) {
            return refused("The specified group is longer than group max length: " + MAX_CHARS + ". It has "
                    + group.length() + " characters; with %RETRY% before it, it would be no name of a topic.");
        }
        if (!NAME.matcher(group).matches()) {
            return refused(
                    "The specified group contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$: " + group);
        }
        return null;
    }

    private static Refusal refused(String sentence) {
        return new Refusal(ResponseCode.INVALID_PARAMETER, sentence);
    }
}
