package org.merlinmq.cli.mqadmin;

import java.util.Map;
import java.util.TreeMap;

/** The commands of RocketMQ's tool, 4.9.8 and 5.5.0, that have no use here, with what to use instead. */
final class Elsewhere {
    /** A sentence by the command's name. */
    static final Map<String, String> COMMANDS = commands();

    private Elsewhere() {}

    private static Map<String, String> commands() {
        Map<String, String> all = new TreeMap<>();
        put(
                all,
                "there are no static topics: create the topic with updateTopic, which may raise its queues later",
                "updateStaticTopic",
                "remappingStaticTopic");
        put(all, "there are no broker containers: start another server with bin/mqbroker", "addBroker", "removeBroker");
        put(
                all,
                "there is no controller: haStatus shows a broker's role",
                "resetMasterFlushOffset",
                "getBrokerEpoch",
                "getSyncStateSet",
                "getControllerMetaData",
                "getControllerConfig",
                "updateControllerConfig",
                "electMaster",
                "cleanBrokerMetadata");
        put(
                all,
                "reads of old messages do not hold senders up, so there is no limit to set for them",
                "getColdDataFlowCtrInfo",
                "updateColdDataFlowCtrGroupConfig",
                "removeColdDataFlowCtrGroupConfig",
                "setCommitLogReadAheadMode");
        put(
                all,
                "there is no RocksDB: topicList, getConsumerConfig and consumerProgress show what a broker has",
                "rocksDBConfigToJson",
                "checkRocksdbCqWriteProgress",
                "exportMetadataInRocksDB");
        otherParts(all);
        return Map.copyOf(all);
    }

    /** What belongs to parts that there are none of. */
    private static void otherParts(Map<String, String> all) {
        put(
                all,
                "access control is not in this version: let only clients that you trust reach the ports",
                "createUser",
                "updateUser",
                "deleteUser",
                "getUser",
                "listUser",
                "copyUser",
                "createAcl",
                "updateAcl",
                "deleteAcl",
                "getAcl",
                "listAcl",
                "copyAcl",
                "updateAclConfig",
                "deleteAclConfig",
                "clusterAclConfigVersion",
                "updateGlobalWhiteAddr");
        put(
                all,
                "there are no lite topics: use a topic, and tags or keys in it",
                "getBrokerLiteInfo",
                "getParentTopicInfo",
                "getLiteTopicInfo",
                "getLiteClientInfo",
                "getLiteGroupInfo",
                "triggerLiteDispatch");
        put(all, "no topic is compacted in this version, so there is no log of that kind", "dumpCompactionLog");
        put(
                all,
                "there is one store of delayed messages: merlin delayed list shows what is in it",
                "switchTimerEngine");
        put(all, "consumption by pop is not in this version: consume by push or by pull", "exportPopRecord");
        put(
                all,
                "scrape the console's /metrics: they have what is behind, and alerts belong to who reads them",
                "startMonitoring");
    }

    private static void put(Map<String, String> all, String sentence, String... commands) {
        for (String command : commands) {
            all.put(command, command + " has no use here: " + sentence);
        }
    }
}
