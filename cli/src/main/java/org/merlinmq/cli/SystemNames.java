package org.merlinmq.cli;

import java.util.Set;
import org.merlinmq.client.Admin;

/** Recognizes the topics and groups that a server creates for itself. */
public final class SystemNames {
    private static final Set<String> TOPICS = Set.of(
            "TBW102",
            "SCHEDULE_TOPIC_XXXX",
            "BenchmarkTest",
            "OFFSET_MOVED_EVENT",
            "SELF_TEST_TOPIC",
            "TRANS_CHECK_MAX_TIME_TOPIC",
            "DefaultHeartBeatSyncerTopic");

    private SystemNames() {}

    /** Whether a topic of this name is a server's own. */
    public static boolean isSystemTopic(String topic, Admin admin) {
        return TOPICS.contains(topic)
                || topic.startsWith("RMQ_SYS_")
                || topic.startsWith("rmq_sys_")
                || topic.endsWith("_REPLY_TOPIC")
                || admin.cluster().brokerAddrTable().containsKey(topic)
                || admin.cluster().clusterAddrTable().containsKey(topic);
    }

    /** Whether a group of this name is a server's or a tool's own. */
    public static boolean isSystemGroup(String group) {
        return group.startsWith("CID_RMQ_SYS_")
                || group.startsWith("CID_ONSAPI_")
                || group.startsWith("CID_ONS-")
                || Set.of("TOOLS_CONSUMER", "FILTERSRV_CONSUMER", "SELF_TEST_C_GROUP", "SELF_TEST_P_GROUP")
                        .contains(group);
    }
}
