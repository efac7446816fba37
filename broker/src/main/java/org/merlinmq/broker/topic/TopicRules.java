package org.merlinmq.broker.topic;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Which names and numbers a topic may have, and which topics the broker makes for itself.
 *
 * <p>Threading: immutable; any thread.
 *
 * <p>Source: protocol sheets "Names", "System topics", "Topic configuration".
 */
public final class TopicRules {
    /** Permission bit: topics may be created after the pattern of this one. */
    public static final int INHERIT = 1;
    /** Permission bit: producers may write. */
    public static final int WRITE = 2;
    /** Permission bit: consumers may read. */
    public static final int READ = 4;
    /** System flag bit: the topic of a unit. */
    public static final int UNIT = 1;
    /** System flag bit: a unit subscribes to the topic. */
    public static final int UNIT_SUBSCRIBED = 2;
    /** How many queues a topic may have. */
    public static final int MAX_QUEUES = 65_536;
    /** How long a name may be that clients choose; records hold a name's length in one byte. */
    public static final int MAX_NAME = 127;
    /** How long the name of a retry or dead-letter topic may be. */
    public static final int MAX_DERIVED_NAME = 255;
    /** The topic after which others are created on first send. */
    public static final String DEFAULT_TOPIC = "TBW102";
    /** What the topic of a group's retries is named before the group's name. */
    public static final String RETRY_PREFIX = "%RETRY%";
    /** What the topic of a group's dead letters is named before the group's name. */
    public static final String DLQ_PREFIX = "%DLQ%";

    private static final int ALL_PERM = 15;
    private static final int MAX_SYS_FLAG = 3;
    private static final String SYSTEM_PREFIX = "rmq_sys_";
    private static final Set<String> CLOSED_TO_CLIENTS = Set.of(
            "SCHEDULE_TOPIC_XXXX",
            "RMQ_SYS_TRANS_HALF_TOPIC",
            "RMQ_SYS_TRANS_OP_HALF_TOPIC",
            "TRANS_CHECK_MAX_TIME_TOPIC",
            "SELF_TEST_TOPIC",
            "OFFSET_MOVED_EVENT");

    private final TopicSettings settings;
    private final Set<String> systemNames = new LinkedHashSet<>();
    private final List<TopicConfig> systemTopics = new ArrayList<>();

    TopicRules(TopicSettings settings) {
        this.settings = settings;
        listSystemTopics();
    }

    private void listSystemTopics() {
        String cluster = settings.clusterName();
        String broker = settings.brokerName();
        int defaultPerm = settings.autoCreateTopicEnable() ? READ | WRITE | INHERIT : READ | WRITE;
        system(DEFAULT_TOPIC, settings.defaultTopicQueueNums(), defaultPerm);
        system("SELF_TEST_TOPIC", 1, READ | WRITE);
        system("BenchmarkTest", 1024, READ | WRITE);
        system(cluster, 16, settings.clusterTopicEnable() ? READ | WRITE | INHERIT : INHERIT);
        system(broker, 1, settings.brokerTopicEnable() ? READ | WRITE | INHERIT : INHERIT);
        system("OFFSET_MOVED_EVENT", 1, READ | WRITE);
        system("SCHEDULE_TOPIC_XXXX", 18, READ | WRITE);
        if (settings.traceTopicEnable()) {
            system(settings.traceTopicName(), 1, READ | WRITE);
        }
        system(cluster + "_REPLY_TOPIC", 1, READ | WRITE);
        system("RMQ_SYS_TRANS_HALF_TOPIC", 1, READ | WRITE);
        system("RMQ_SYS_TRANS_OP_HALF_TOPIC", 1, READ | WRITE);
        system("TRANS_CHECK_MAX_TIME_TOPIC", 1, READ | WRITE);
        system("rmq_sys_REVIVE_LOG_" + cluster, settings.reviveQueueNum(), READ | WRITE);
        system("rmq_sys_wheel_timer", 1, READ | WRITE);
        system("rmq_sys_SYNC_BROKER_MEMBER_" + broker, 1, INHERIT);
        // Reserved, although no topic of that name is made.
        systemNames.add("RMQ_SYS_TRACE_TOPIC");
        systemNames.add(settings.traceTopicName());
        systemNames.add("CHECKPOINT_TOPIC");
    }

    private void system(String name, int queues, int perm) {
        // A broker named like its cluster has one topic for both names.
        if (systemNames.add(name)) {
            systemTopics.add(TopicConfig.of(name, queues).withPerm(perm));
        }
    }

    /** The topics that exist from the start. */
    List<TopicConfig> systemTopics() {
        return systemTopics;
    }

    /** All reserved names, those without a topic too. */
    Set<String> systemNames() {
        return systemNames;
    }

    boolean isSystem(String name) {
        return name.startsWith(SYSTEM_PREFIX) || systemNames.contains(name);
    }

    static boolean closedToClients(String name) {
        return CLOSED_TO_CLIENTS.contains(name);
    }

    /**
     * Whether a topic may have this name.
     *
     * @param name the name
     * @return null if it may; else code 29 and why not
     */
    public static @Nullable Refusal checkName(String name) {
        if (name.isBlank()) {
            return invalid("The topic name is empty; name the topic.");
        }
        boolean derived = name.startsWith(RETRY_PREFIX) || name.startsWith(DLQ_PREFIX);
        int max = derived ? MAX_DERIVED_NAME : MAX_NAME;
        if (name.length() > max) {
            return invalid("The topic name has " + name.length() + " characters, at most " + max + " are allowed.");
        }
        for (int i = 0; i < name.length(); i++) {
            if (!allowed(name.charAt(i), derived)) {
                return invalid("The topic name " + name + " has the character '" + name.charAt(i) + "' at " + i
                        + "; letters, digits, '%', '|', '-' and '_' are allowed.");
            }
        }
        return null;
    }

    private static boolean allowed(char c, boolean derived) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '_'
                || c == '-'
                || c == '%'
                || c == '|'
                || (derived && c == '+'); // the retry topic of one topic of a group: %RETRY%group+topic
    }

    /** Whether a request may create or change a topic like this; null if so. */
    @Nullable Refusal checkRequested(TopicConfig wanted) {
        Refusal name = checkChangeable(wanted.topicName());
        if (name != null) {
            return name;
        }
        Refusal queues = checkQueues("readQueueNums", wanted.readQueueNums());
        if (queues == null) {
            queues = checkQueues("writeQueueNums", wanted.writeQueueNums());
        }
        if (queues != null) {
            return queues;
        }
        if ((wanted.perm() & ~ALL_PERM) != 0) {
            return invalid(
                    "perm is " + wanted.perm() + "; it is a sum of 4 (read), 2 (write), 1 (inherit), 8 (priority).");
        }
        if (wanted.topicSysFlag() < 0 || wanted.topicSysFlag() > MAX_SYS_FLAG) {
            return invalid(
                    "topicSysFlag is " + wanted.topicSysFlag() + "; it is a sum of 1 (unit), 2 (unit subscribed).");
        }
        return null;
    }

    /** Whether a request may touch a topic of this name; null if so. */
    @Nullable Refusal checkChangeable(String name) {
        Refusal refusal = checkName(name);
        return refusal == null && isSystem(name)
                ? invalid("The topic[" + name + "] is conflict with system topic.")
                : refusal;
    }

    private static @Nullable Refusal checkQueues(String field, int found) {
        return found >= 0 && found <= MAX_QUEUES
                ? null
                : invalid(field + " is " + found + "; it may be 0 to " + MAX_QUEUES + ".");
    }

    TopicSettings settings() {
        return settings;
    }

    static Refusal invalid(String sentence) {
        return new Refusal(ResponseCode.INVALID_PARAMETER, sentence);
    }
}
