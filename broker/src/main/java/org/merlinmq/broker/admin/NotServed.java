package org.merlinmq.broker.admin;

import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.transport.dispatch.Handlers;

/**
 * The administrative requests of RocketMQ that this broker has no use for, with what to use instead. They are refused with
 * the code and the words of RocketMQ, and this behind them.
 */
public final class NotServed {
    private static final String NO_ACCESS_CONTROL =
            "access control is not in this version: let only clients that you trust reach the ports";
    private static final String NO_COLD_LIMIT =
            "reads of old messages do not hold senders up, so there is no limit to set for them";
    private static final String NO_ROCKS_DB = "there is no RocksDB: mqadmin exportMetadata exports topics and groups";
    private static final String NO_LITE = "there are no lite topics: use a topic, and tags or keys in it";

    private NotServed() {}

    /**
     * Adds the sentences to the refusals.
     *
     * @param handlers the broker's table
     */
    public static void register(Handlers handlers) {
        all(
                handlers,
                NO_ACCESS_CONTROL,
                RequestCode.UPDATE_AND_CREATE_ACL_CONFIG,
                RequestCode.DELETE_ACL_CONFIG,
                RequestCode.GET_BROKER_CLUSTER_ACL_INFO,
                RequestCode.UPDATE_GLOBAL_WHITE_ADDRS_CONFIG,
                RequestCode.AUTH_CREATE_USER,
                RequestCode.AUTH_UPDATE_USER,
                RequestCode.AUTH_DELETE_USER,
                RequestCode.AUTH_GET_USER,
                RequestCode.AUTH_LIST_USER,
                RequestCode.AUTH_CREATE_ACL,
                RequestCode.AUTH_UPDATE_ACL,
                RequestCode.AUTH_DELETE_ACL,
                RequestCode.AUTH_GET_ACL,
                RequestCode.AUTH_LIST_ACL);
        all(
                handlers,
                NO_COLD_LIMIT,
                RequestCode.UPDATE_COLD_DATA_FLOW_CTR_CONFIG,
                RequestCode.REMOVE_COLD_DATA_FLOW_CTR_CONFIG,
                RequestCode.GET_COLD_DATA_FLOW_CTR_INFO);
        all(
                handlers,
                NO_ROCKS_DB,
                RequestCode.CHECK_ROCKSDB_CQ_WRITE_PROGRESS,
                RequestCode.EXPORT_ROCKSDB_CONFIG_TO_JSON);
        all(
                handlers,
                NO_LITE,
                RequestCode.GET_BROKER_LITE_INFO,
                RequestCode.GET_PARENT_TOPIC_INFO,
                RequestCode.GET_LITE_TOPIC_INFO,
                RequestCode.GET_LITE_CLIENT_INFO,
                RequestCode.GET_LITE_GROUP_INFO,
                RequestCode.TRIGGER_LITE_DISPATCH);
        handlers.notServed(
                        RequestCode.UPDATE_AND_CREATE_STATIC_TOPIC,
                        "there are no static topics: create the topic with updateTopic, which may raise its queues later")
                .notServed(
                        RequestCode.RESET_MASTER_FLUSH_OFFSET, "a slave is compared with its master when it connects")
                .notServed(RequestCode.GET_BROKER_EPOCH_CACHE, "there is no controller, and so there are no epochs")
                .notServed(
                        RequestCode.SET_COMMITLOG_READ_MODE,
                        "the log is not mapped, and its windows follow the reader: there is no mode to set")
                .notServed(
                        RequestCode.SWITCH_TIMER_ENGINE,
                        "there is one store of delayed messages: merlin delayed list shows what is in it")
                .notServed(
                        RequestCode.POP_ROLLBACK,
                        "consumption by pop is not in this version: consume by push or by pull");
    }

    private static void all(Handlers handlers, String sentence, RequestCode... codes) {
        for (RequestCode code : codes) {
            handlers.notServed(code, sentence);
        }
    }
}
