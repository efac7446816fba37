package org.merlinmq.protocol.code;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks for. The names are the protocol's.
 *
 * <p>Format: docs/wire/README.md. Source: the numbers that released clients send and servers answer.
 */
public enum RequestCode {
    /** Producer sends one message, header with full names. */
    SEND_MESSAGE(10),

    /** Consumer asks for messages of a queue; held if there are none yet. */
    PULL_MESSAGE(11),

    /** Finds messages by key. */
    QUERY_MESSAGE(12),

    /** Reads a group's committed offset of a queue. */
    QUERY_CONSUMER_OFFSET(14),

    /** Commits a group's offset of a queue, mostly one-way. */
    UPDATE_CONSUMER_OFFSET(15),

    /** Creates or changes a topic. */
    UPDATE_AND_CREATE_TOPIC(17),

    /** Creates or changes many topics (5.x). */
    UPDATE_AND_CREATE_TOPIC_LIST(18),

    /** Reads the whole topic table. */
    GET_ALL_TOPIC_CONFIG(21),

    /** Changes settings of the broker. */
    UPDATE_BROKER_CONFIG(25),

    /** Reads the settings of the broker. */
    GET_BROKER_CONFIG(26),

    /** Asks for a round of retention. */
    TRIGGER_DELETE_FILES(27),

    /** Reads the broker's counters. */
    GET_BROKER_RUNTIME_INFO(28),

    /** Finds the queue offset of a store time. */
    SEARCH_OFFSET_BY_TIMESTAMP(29),

    /** Reads the next offset of a queue. */
    GET_MAX_OFFSET(30),

    /** Reads the first offset of a queue. */
    GET_MIN_OFFSET(31),

    /** Reads the store time of a queue's first message. */
    GET_EARLIEST_MSG_STORETIME(32),

    /** Reads one message by its log offset. */
    VIEW_MESSAGE_BY_ID(33),

    /** Client sends its groups and subscriptions. */
    HEART_BEAT(34),

    /** Client leaves a group. */
    UNREGISTER_CLIENT(35),

    /** Consumer gives a message back to be retried. */
    CONSUMER_SEND_MSG_BACK(36),

    /** Producer commits or rolls back a half message, one-way. */
    END_TRANSACTION(37),

    /** Reads the client ids of a group. */
    GET_CONSUMER_LIST_BY_GROUP(38),

    /** Broker asks a producer about a half message, one-way. */
    CHECK_TRANSACTION_STATE(39),

    /** Broker notifies a consumer that its group changed, one-way. */
    NOTIFY_CONSUMER_IDS_CHANGED(40),

    /** Orderly consumer locks queues. */
    LOCK_BATCH_MQ(41),

    /** Orderly consumer gives locks back. */
    UNLOCK_BATCH_MQ(42),

    /** Reads all committed offsets. */
    GET_ALL_CONSUMER_OFFSET(43),

    /** Reads the progress of the delay levels. */
    GET_ALL_DELAY_OFFSET(45),

    /** Consumer has its SQL filter checked. */
    CHECK_CLIENT_CONFIG(46),

    /** Creates or changes an access key (4.x). */
    UPDATE_AND_CREATE_ACL_CONFIG(50),

    /** Deletes an access key (4.x). */
    DELETE_ACL_CONFIG(51),

    /** Reads the version of the access keys (4.x). */
    GET_BROKER_CLUSTER_ACL_INFO(52),

    /** Changes the global list of trusted addresses (4.x). */
    UPDATE_GLOBAL_WHITE_ADDRS_CONFIG(53),

    /** Reads the timer's checkpoint (5.x). */
    GET_TIMER_CHECK_POINT(60),

    /** Reads the timer's counters (5.x). */
    GET_TIMER_METRICS(61),

    /** Nameserver: stores a value under namespace and key. */
    PUT_KV_CONFIG(100),

    /** Nameserver: reads a value. */
    GET_KV_CONFIG(101),

    /** Nameserver: deletes a value. */
    DELETE_KV_CONFIG(102),

    /** Nameserver: a broker announces itself and its topics. */
    REGISTER_BROKER(103),

    /** Nameserver: a broker leaves. */
    UNREGISTER_BROKER(104),

    /** Nameserver: the route of a topic. */
    GET_ROUTEINFO_BY_TOPIC(105),

    /** Nameserver: all clusters and brokers. */
    GET_BROKER_CLUSTER_INFO(106),

    /** Creates or changes a consumer group. */
    UPDATE_AND_CREATE_SUBSCRIPTIONGROUP(200),

    /** Reads the whole table of consumer groups. */
    GET_ALL_SUBSCRIPTIONGROUP_CONFIG(201),

    /** Reads the offsets of a topic's queues. */
    GET_TOPIC_STATS_INFO(202),

    /** Reads the connections and subscriptions of a consumer group. */
    GET_CONSUMER_CONNECTION_LIST(203),

    /** Reads the connections of a producer group. */
    GET_PRODUCER_CONNECTION_LIST(204),

    /** Nameserver: takes a broker's topics out of writing. */
    WIPE_WRITE_PERM_OF_BROKER(205),

    /** Nameserver: names of all topics. */
    GET_ALL_TOPIC_LIST_FROM_NAMESERVER(206),

    /** Deletes a consumer group. */
    DELETE_SUBSCRIPTIONGROUP(207),

    /** Reads how far a group is behind. */
    GET_CONSUME_STATS(208),

    /** Deletes a topic in the broker. */
    DELETE_TOPIC_IN_BROKER(215),

    /** Nameserver: removes a topic. */
    DELETE_TOPIC_IN_NAMESRV(216),

    /** Nameserver: registers a topic's route (5.x); some clients use the number to read a value. */
    REGISTER_TOPIC_IN_NAMESRV(217),

    /** Nameserver: all values of a namespace. */
    GET_KVLIST_BY_NAMESPACE(219),

    /** Broker resets a consumer's offsets, one-way. */
    RESET_CONSUMER_CLIENT_OFFSET(220),

    /** Broker asks a consumer for its offsets. */
    GET_CONSUMER_STATUS_FROM_CLIENT(221),

    /** Resets a group's offsets by time. */
    INVOKE_BROKER_TO_RESET_OFFSET(222),

    /** Reads the offsets that consumers hold. */
    INVOKE_BROKER_TO_GET_CONSUMER_STATUS(223),

    /** Nameserver: topics of a cluster. */
    GET_TOPICS_BY_CLUSTER(224),

    /** Creates or changes many consumer groups (5.x). */
    UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST(225),

    /** Groups that consume a topic. */
    QUERY_TOPIC_CONSUME_BY_WHO(300),

    /** Times between which a group's backlog lies. */
    QUERY_CONSUME_TIME_SPAN(303),

    /** Nameserver: names of clusters and brokers. */
    GET_SYSTEM_TOPIC_LIST_FROM_NS(304),

    /** Names of the broker's own topics. */
    GET_SYSTEM_TOPIC_LIST_FROM_BROKER(305),

    /** Asks for a round of cleaning of queues. */
    CLEAN_EXPIRED_CONSUMEQUEUE(306),

    /** Relayed to a consumer: its inner state. */
    GET_CONSUMER_RUNNING_INFO(307),

    /** Offsets of a group corrected by those of others. */
    QUERY_CORRECTION_OFFSET(308),

    /** Relayed to a consumer: consume this message now. */
    CONSUME_MESSAGE_DIRECTLY(309),

    /** Producer sends one message, header with one-letter names. */
    SEND_MESSAGE_V2(310),

    /** Nameserver: unit topics. */
    GET_UNIT_TOPIC_LIST(311),

    /** Nameserver: topics with unit subscriptions. */
    GET_HAS_UNIT_SUB_TOPIC_LIST(312),

    /** Nameserver: topics with unit subscriptions that are no unit topics. */
    GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST(313),

    /** Copies a group's offsets to another. */
    CLONE_GROUP_OFFSET(314),

    /** Reads one statistic. */
    VIEW_BROKER_STATS_DATA(315),

    /** Asks for queues of deleted topics to be cleaned. */
    CLEAN_UNUSED_TOPIC(316),

    /** Reads how far all groups are behind. */
    GET_BROKER_CONSUME_STATS(317),

    /** Nameserver: changes settings. */
    UPDATE_NAMESRV_CONFIG(318),

    /** Nameserver: reads settings. */
    GET_NAMESRV_CONFIG(319),

    /** Producer sends many messages of one topic. */
    SEND_BATCH_MESSAGE(320),

    /** Reads entries of a queue. */
    QUERY_CONSUME_QUEUE(321),

    /** Nameserver: has a broker's topic table changed? */
    QUERY_DATA_VERSION(322),

    /** Checks a half message again that was given up. */
    RESUME_CHECK_HALF_MESSAGE(323),

    /** Answer of request-reply, header with full names. */
    SEND_REPLY_MESSAGE(324),

    /** Answer of request-reply, header with one-letter names. */
    SEND_REPLY_MESSAGE_V2(325),

    /** Broker brings such an answer to the requester. */
    PUSH_REPLY_MESSAGE_TO_CLIENT(326),

    /** Nameserver: gives a broker's topics back to writing. */
    ADD_WRITE_PERM_OF_BROKER(327),

    /** Reads the connections of all producers. */
    GET_ALL_PRODUCER_INFO(328),

    /** Asks for a round of retention of the log. */
    DELETE_EXPIRED_COMMITLOG(329),

    /** Topics that a group has offsets of. */
    QUERY_TOPICS_BY_CONSUMER(343),

    /** A group's subscription to a topic. */
    QUERY_SUBSCRIPTION_BY_CONSUMER(345),

    /** Reads the settings of a topic (5.x). */
    GET_TOPIC_CONFIG(351),

    /** Reads the settings of a consumer group (5.x). */
    GET_SUBSCRIPTIONGROUP_CONFIG(352),

    /** Forbids or allows a group a topic (5.x). */
    UPDATE_AND_GET_GROUP_FORBIDDEN(353),

    /** Compares two kinds of queue storage (5.x). */
    CHECK_ROCKSDB_CQ_WRITE_PROGRESS(354),

    /** Exports tables (5.x). */
    EXPORT_ROCKSDB_CONFIG_TO_JSON(355),

    /** As pull, from a consumer that assigns queues by itself (5.x). */
    LITE_PULL_MESSAGE(361),

    /** Takes a delayed message back (5.3). */
    RECALL_MESSAGE(370),

    /** Asks which queues a client consumes, and how (5.x). */
    QUERY_ASSIGNMENT(400),

    /** Sets a group to pull or pop (5.x). */
    SET_MESSAGE_REQUEST_MODE(401),

    /** Reads the modes of all groups (5.x). */
    GET_ALL_MESSAGE_REQUEST_MODE(402),

    /** Creates or changes a static topic (5.x). */
    UPDATE_AND_CREATE_STATIC_TOPIC(513),

    /** Nameserver: addresses of a broker group (5.x). */
    GET_BROKER_MEMBER_GROUP(901),

    /** Adds a broker to a container (5.x). */
    ADD_BROKER(902),

    /** Removes a broker from a container (5.x). */
    REMOVE_BROKER(903),

    /** Nameserver: a broker is alive, one-way (5.x). */
    BROKER_HEARTBEAT(904),

    /** A broker group has another lowest member (5.x). */
    NOTIFY_MIN_BROKER_ID_CHANGE(905),

    /** Master and slave exchange addresses (5.x). */
    EXCHANGE_BROKER_HA_INFO(906),

    /** Reads the state of replication (5.x). */
    GET_BROKER_HA_STATUS(907),

    /** Sets a slave's idea of its master's log (5.x). */
    RESET_MASTER_FLUSH_OFFSET(908),

    /** Controller: the in-sync set changed. */
    CONTROLLER_ALTER_SYNC_STATE_SET(1001),

    /** Controller: elect a master. */
    CONTROLLER_ELECT_MASTER(1002),

    /** Controller: a broker registers. */
    CONTROLLER_REGISTER_BROKER(1003),

    /** Controller: the replicas of a broker group. */
    CONTROLLER_GET_REPLICA_INFO(1004),

    /** Controller: who leads. */
    CONTROLLER_GET_METADATA_INFO(1005),

    /** Controller: in-sync sets. */
    CONTROLLER_GET_SYNC_STATE_DATA(1006),

    /** Reads the epochs of a broker's log. */
    GET_BROKER_EPOCH_CACHE(1007),

    /** Controller notifies a broker of its role. */
    NOTIFY_BROKER_ROLE_CHANGED(1008),

    /** Controller: changes settings. */
    UPDATE_CONTROLLER_CONFIG(1009),

    /** Controller: reads settings. */
    GET_CONTROLLER_CONFIG(1010),

    /** Controller: removes a broker. */
    CLEAN_BROKER_DATA(1011),

    /** Controller: the next free broker id. */
    CONTROLLER_GET_NEXT_BROKER_ID(1012),

    /** Controller: takes a broker id. */
    CONTROLLER_APPLY_BROKER_ID(1013),

    /** Sets a group's limit for cold reads (5.x). */
    UPDATE_COLD_DATA_FLOW_CTR_CONFIG(2001),

    /** Removes such a limit (5.x). */
    REMOVE_COLD_DATA_FLOW_CTR_CONFIG(2002),

    /** Reads the limits for cold reads (5.x). */
    GET_COLD_DATA_FLOW_CTR_INFO(2003),

    /** Sets read-ahead of the log (5.x). */
    SET_COMMITLOG_READ_MODE(2004),

    /** Creates a user (5.3). */
    AUTH_CREATE_USER(3001),

    /** Changes a user (5.3). */
    AUTH_UPDATE_USER(3002),

    /** Deletes a user (5.3). */
    AUTH_DELETE_USER(3003),

    /** Reads a user (5.3). */
    AUTH_GET_USER(3004),

    /** Lists users (5.3). */
    AUTH_LIST_USER(3005),

    /** Creates a policy (5.3). */
    AUTH_CREATE_ACL(3006),

    /** Changes a policy (5.3). */
    AUTH_UPDATE_ACL(3007),

    /** Deletes a policy (5.3). */
    AUTH_DELETE_ACL(3008),

    /** Reads a policy (5.3). */
    AUTH_GET_ACL(3009),

    /** Lists policies (5.3). */
    AUTH_LIST_ACL(3010),

    /** Switches the timer's storage (5.x). */
    SWITCH_TIMER_ENGINE(5001),

    /** Lists messages that wait for their time (MerlinMQ's own). */
    LIST_DELAYED_MESSAGES(77010),

    /** Shows such a message (MerlinMQ's own). */
    GET_DELAYED_MESSAGE(77011),

    /** Cancels such a message (MerlinMQ's own). */
    CANCEL_DELAYED_MESSAGE(77012),

    /** Lists the rate limits of topics and groups with their figures (MerlinMQ's own). */
    LIST_RATE_LIMITS(77020),

    /** Lists the topics in which duplicates are found, with how far back (MerlinMQ's own). */
    LIST_DEDUP_WINDOWS(77030),

    /** Shows what a broker is among those that have the same log (MerlinMQ's own). */
    SHOW_REPLICATION(77040),

    /** Makes a slave the master of its group (MerlinMQ's own). */
    PROMOTE_BROKER(77041),

    /** Consumer takes messages for a while (5.x). */
    POP_MESSAGE(200050),

    /** Consumer is done with such a message (5.x). */
    ACK_MESSAGE(200051),

    /** As pop, without taking (5.x). */
    PEEK_MESSAGE(200052),

    /** Consumer changes how long such a message stays invisible to others (5.x). */
    CHANGE_MESSAGE_INVISIBLETIME(200053),

    /** Consumer waits for news of a queue (5.x). */
    NOTIFICATION(200054),

    /** Counts the pops that wait (5.x). */
    POLLING_INFO(200055),

    /** Lists transactions that nobody has decided. MerlinMQ's own. */
    LIST_TRANSACTIONS(77001),

    /** Reads such a transaction. MerlinMQ's own. */
    SHOW_TRANSACTION(77002),

    /** Decides such a transaction, or has it checked. MerlinMQ's own. */
    DECIDE_TRANSACTION(77003),

    /** Rolls back the storage of pop (5.x). */
    POP_ROLLBACK(200056),

    /** Reads counters of lite topics (5.5). */
    GET_BROKER_LITE_INFO(200074),

    /** Reads the lite topics of a topic (5.5). */
    GET_PARENT_TOPIC_INFO(200075),

    /** Reads a lite topic (5.5). */
    GET_LITE_TOPIC_INFO(200076),

    /** Reads a client of lite topics (5.5). */
    GET_LITE_CLIENT_INFO(200077),

    /** Reads a group of lite topics (5.5). */
    GET_LITE_GROUP_INFO(200078),

    /** Dispatches lite topics (5.5). */
    TRIGGER_LITE_DISPATCH(200079),

    /** Consumer is done with many such messages (5.x). */
    BATCH_ACK_MESSAGE(200151);

    private static final Map<Integer, RequestCode> ODD = new TreeMap<>();
    private static final @Nullable RequestCode[] SMALL = new RequestCode[1024];

    static {
        for (RequestCode code : values()) {
            if (code.number < SMALL.length) {
                SMALL[code.number] = code;
            } else {
                ODD.put(code.number, code);
            }
        }
    }

    private final int number;

    RequestCode(int number) {
        this.number = number;
    }

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /**
     * Finds a code.
     *
     * @param number the number on the wire
     * @return the code; null if we know none of this number
     */
    public static @Nullable RequestCode of(int number) {
        return number >= 0 && number < SMALL.length ? SMALL[number] : ODD.get(number);
    }
}
