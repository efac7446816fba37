package org.merlinmq.verification.mqadmin;

import java.util.ArrayList;
import java.util.List;
import org.merlinmq.verification.mqadmin.Command.View;

/** Every command of mqadmin, in order; later ones see what earlier ones made. */
final class MqadminScript {
    private static final String CLUSTER = "DefaultCluster";
    private static final String TOPIC = "AdminTopic";
    private static final String GROUP = "AdminGroup";

    private final boolean five;
    private final List<Command> commands = new ArrayList<>();

    private MqadminScript(String version) {
        five = version.startsWith("5.");
    }

    /** The commands that a version of the tool has. */
    static List<Command> of(String version) {
        MqadminScript script = new MqadminScript(version);
        script.topics();
        script.groups();
        script.messages();
        script.clients();
        script.offsets();
        script.queries();
        script.statistics();
        script.nameserver();
        script.configuration();
        script.upkeep();
        script.exports();
        script.notServed();
        script.removal();
        return List.copyOf(script.commands);
    }

    private void topics() {
        lines("updateTopic -c", "updateTopic -c " + CLUSTER + " -t " + TOPIC + " -r 4 -w 4 -n $ns");
        lines("updateTopic -b", "updateTopic -b $broker -t AdminOther -r 2 -w 2 -p 4 -n $ns");
        lines("updateTopic with a bad name", "updateTopic -b $broker -t Admin.Topic! -n $ns");
        lines("updateTopic of the system", "updateTopic -b $broker -t SCHEDULE_TOPIC_XXXX -n $ns");
        lines("updateTopicPerm -b", "updateTopicPerm -b $broker -t AdminOther -p 6 -n $ns");
        lines("updateTopicPerm -c", "updateTopicPerm -c " + CLUSTER + " -t " + TOPIC + " -p 6 -n $ns");
        lines("updateTopicPerm of no topic", "updateTopicPerm -b $broker -t AdminNone -p 6 -n $ns");
        lines("topicRoute", "topicRoute -t " + TOPIC + " -n $ns");
        lines("topicRoute -l", "topicRoute -t " + TOPIC + " -l -n $ns");
        lines("topicRoute of no topic", "topicRoute -t AdminNone -n $ns");
        lines("topicStatus", "topicStatus -t " + TOPIC + " -n $ns");
        lines("topicClusterList", "topicClusterList -t " + TOPIC + " -n $ns");
        if (five) {
            lines("updateTopicList", "updateTopicList -b $broker -f $folder/topics.json -n $ns");
        }
        lines("topicList", "topicList -n $ns");
        lines("topicList -c", "topicList -c -n $ns");
        lines("updateOrderConf put", "updateOrderConf -m put -t " + TOPIC + " -v broker-a:4 -n $ns");
        lines("updateOrderConf get", "updateOrderConf -m get -t " + TOPIC + " -n $ns");
        lines("updateOrderConf delete", "updateOrderConf -m delete -t " + TOPIC + " -n $ns");
        lines("allocateMQ", "allocateMQ -t " + TOPIC + " -i 10.0.0.1,10.0.0.2 -n $ns");
    }

    private void groups() {
        lines("updateSubGroup -c", "updateSubGroup -c " + CLUSTER + " -g " + GROUP + " -r 5 -n $ns");
        lines("updateSubGroup -b", "updateSubGroup -b $broker -g AdminIdle -s true -m false -n $ns");
        lines("updateSubGroup with a bad name", "updateSubGroup -b $broker -g Admin.Group! -n $ns");
        if (five) {
            lines("updateSubGroupList", "updateSubGroupList -b $broker -f $folder/groups.json -n $ns");
        }
        lines("getConsumerConfig", "getConsumerConfig -g " + GROUP + " -n $ns");
        lines("getConsumerConfig of no group", "getConsumerConfig -g AdminNobody -n $ns");
    }

    private void messages() {
        lines("sendMessage", "sendMessage -t " + TOPIC + " -p first -k adminkey -c TagA -b broker-a -i 0 -n $ns");
        lines(
                "sendMessage again",
                "sendMessage -t " + TOPIC + " -p second -k adminkey2 -c TagB -b broker-a -i 1 -n $ns");
        lines("sendMessage to no topic", "sendMessage -t Admin.None! -p x -n $ns");
        lines("checkMsgSendRT", "checkMsgSendRT -t AdminOther -a 3 -s 16 -n $ns", View.ENDS);
        lines("sendMsgStatus", "sendMsgStatus -b broker-a -s 16 -c 2 -n $ns", View.ENDS);
        lines("clusterRT", "clusterRT -a 2 -s 16 -c " + CLUSTER + " -i 1 -n $ns", View.ENDS);
        if (five) {
            lines("clusterList -i", "clusterList -i 1 -n $ns");
            lines("haStatus -i", "haStatus -b $broker -i 1 -n $ns", View.NAMES);
        }
        lines("consumeMessage", "consumeMessage -t " + TOPIC + " -g AdminPulling -c 1 -n $ns", View.ENDS);
        lines(
                "consumeMessage of a queue",
                "consumeMessage -t " + TOPIC + " -b broker-a -i 1 -o 0 -g AdminPulling -c 1 -n $ns");
        lines("printMsg", "printMsg -t " + TOPIC + " -d true -n $ns", View.ENDS);
        lines("printMsgByQueue", "printMsgByQueue -t " + TOPIC + " -a broker-a -i 1 -p true -d true -n $ns");
    }

    /** From here on a producer and a consumer are connected. */
    private void clients() {
        commands.add(new Command("clients", List.of("@clients", TOPIC, GROUP, "2"), View.ENDS));
        lines("producerConnection", "producerConnection -g " + GROUP + "_PRODUCER -t " + TOPIC + " -n $ns");
        lines("producerConnection of nobody", "producerConnection -g AdminNobody -t " + TOPIC + " -n $ns");
        lines("producer", "producer -b $broker -n $ns");
        lines("consumerConnection", "consumerConnection -g " + GROUP + " -n $ns");
        lines("consumerConnection of nobody", "consumerConnection -g AdminIdle -n $ns");
        lines("consumerStatus", "consumerStatus -g " + GROUP + " -n $ns", View.NAMES);
    }

    private void offsets() {
        lines("consumerProgress", "consumerProgress -n $ns");
        lines("consumerProgress -g", "consumerProgress -g " + GROUP + " -n $ns");
        lines("consumerProgress -s", "consumerProgress -g " + GROUP + " -s true -n $ns");
        lines("consumerProgress of nobody", "consumerProgress -g AdminNobody -n $ns");
        lines("cloneGroupOffset", "cloneGroupOffset -s " + GROUP + " -d AdminIdle -t " + TOPIC + " -o true -n $ns");
        lines("resetOffsetByTime", "resetOffsetByTime -g AdminIdle -t " + TOPIC + " -s 0 -n $ns");
        lines("resetOffsetByTime now", "resetOffsetByTime -g AdminIdle -t " + TOPIC + " -s now -n $ns");
        if (five) {
            lines(
                    "resetOffsetByTime of a queue",
                    "resetOffsetByTime -g AdminIdle -t " + TOPIC + " -s 0 -b $broker -q 1 -n $ns");
        }
        lines("resetOffsetByTime of nobody", "resetOffsetByTime -g AdminNobody -t " + TOPIC + " -s 0 -n $ns");
        lines("skipAccumulatedMessage", "skipAccumulatedMessage -g AdminIdle -t " + TOPIC + " -n $ns");
        lines("queryCq", "queryCq -t " + TOPIC + " -q 1 -i 0 -c 2 -b $broker -n $ns");
        lines("queryCq of no queue", "queryCq -t " + TOPIC + " -q 99 -i 0 -c 2 -b $broker -n $ns");
    }

    private void queries() {
        lines("queryMsgByKey", "queryMsgByKey -t " + TOPIC + " -k adminkey2 -n $ns");
        lines("queryMsgByKey of none", "queryMsgByKey -t " + TOPIC + " -k nokey -n $ns");
        lines("queryMsgByUniqueKey", "queryMsgByUniqueKey -t " + TOPIC + " -i $key -n $ns");
        lines("queryMsgByOffset", "queryMsgByOffset -t " + TOPIC + " -b broker-a -i 1 -o 0 -n $ns");
        lines("queryMsgById", "queryMsgById -i $id" + (five ? " -t " + TOPIC : "") + " -n $ns");
        if (five) {
            options(" -t " + TOPIC + " -n $ns", " -g " + GROUP + " -d $client");
        }
        lines("queryMsgByOffset of none", "queryMsgByOffset -t " + TOPIC + " -b broker-a -i 1 -o 99999 -n $ns");
        lines("queryMsgTraceById", "queryMsgTraceById -i $key -n $ns");
    }

    private void options(String common, String member) {
        lines("queryMsgById -f", "queryMsgById -i $id -f UTF-8" + common);
        lines("queryMsgById -g -d", "queryMsgById -i $id" + member + common);
        lines("queryMsgByUniqueKey -s -e", "queryMsgByUniqueKey -i $key -s 0 -e 9000000000000" + common);
        lines("queryMsgByUniqueKey of another time", "queryMsgByUniqueKey -i $key -s 0 -e 1" + common);
        lines("queryMsgByUniqueKey -a", "queryMsgByUniqueKey -i $key -a" + common);
        lines("queryMsgByUniqueKey -g -d", "queryMsgByUniqueKey -i $key" + member + common);
    }

    private void statistics() {
        lines("clusterList", "clusterList -n $ns");
        lines("clusterList -m", "clusterList -m -n $ns", View.NAMES);
        lines("brokerStatus", "brokerStatus -b $broker -n $ns", View.NAMES);
        lines("brokerStatus -c", "brokerStatus -c " + CLUSTER + " -n $ns", View.NAMES);
        lines("brokerConsumeStats", "brokerConsumeStats -b $broker -n $ns");
        lines("statsAll", "statsAll -n $ns", View.ENDS);
        lines("statsAll -t", "statsAll -t " + TOPIC + " -n $ns", View.ENDS);
        lines("haStatus", "haStatus -b $broker -n $ns", View.NAMES);
    }

    private void nameserver() {
        lines("updateKvConfig", "updateKvConfig -s ADMIN -k key -v value -n $ns");
        lines("deleteKvConfig", "deleteKvConfig -s ADMIN -k key -n $ns");
        lines("wipeWritePerm", "wipeWritePerm -b broker-a -n $ns");
        lines("addWritePerm", "addWritePerm -b broker-a -n $ns");
        lines("getNamesrvConfig", "getNamesrvConfig -n $ns", View.NAMES);
        lines("updateNamesrvConfig", "updateNamesrvConfig -k orderMessageEnable -v true -n $ns");
    }

    private void configuration() {
        lines("getBrokerConfig", "getBrokerConfig -b $broker -n $ns", View.NAMES);
        lines("updateBrokerConfig", "updateBrokerConfig -b $broker -k fileReservedTime -v 70 -n $ns");
        lines("updateBrokerConfig -c", "updateBrokerConfig -c " + CLUSTER + " -k fileReservedTime -v 71 -n $ns");
        lines("updateBrokerConfig of no key", "updateBrokerConfig -b $broker -k noSuchKey -v 1 -n $ns");
    }

    private void upkeep() {
        lines("cleanExpiredCQ", "cleanExpiredCQ -b $broker -n $ns");
        lines("cleanUnusedTopic", "cleanUnusedTopic -b $broker -n $ns");
        lines("deleteExpiredCommitLog", "deleteExpiredCommitLog -b $broker -n $ns");
    }

    private void exports() {
        lines("exportMetadata", "exportMetadata -c " + CLUSTER + " -f $folder -n $ns");
        if (five) {
            String file = " -f $folder -n $ns";
            lines("exportMetadata -t", "exportMetadata -c " + CLUSTER + " -t" + file);
            lines("exportMetadata -t -s", "exportMetadata -c " + CLUSTER + " -t -s" + file);
            lines("exportMetadata -g", "exportMetadata -c " + CLUSTER + " -g" + file);
            lines("exportMetadata -b", "exportMetadata -b $broker" + file);
            lines("exportMetadata -b -t", "exportMetadata -b $broker -t -s" + file);
            lines("exportMetadata -b -g", "exportMetadata -b $broker -g" + file);
        }
        lines("exportConfigs", "exportConfigs -c " + CLUSTER + " -f $folder -n $ns");
        lines("exportMetrics", "exportMetrics -c " + CLUSTER + " -f $folder -n $ns", View.ENDS);
    }

    /** What belongs to parts that a single broker of ours has no use for, or that come later: each must say so. */
    private void notServed() {
        if (five) {
            lines("setConsumeMode", "setConsumeMode -b $broker -t " + TOPIC + " -g AdminPulling -m PULL -q 4 -n $ns");
            lines("updateStaticTopic", "updateStaticTopic -b broker-a -t AdminStatic -qn 2 -n $ns");
            lines("remappingStaticTopic", "remappingStaticTopic -b broker-a -t AdminStatic -n $ns");
            lines("resetMasterFlushOffset", "resetMasterFlushOffset -b $broker -o 0 -n $ns");
            lines("addBroker", "addBroker -b $folder/none.conf -c $broker -n $ns");
            lines("removeBroker", "removeBroker -b " + CLUSTER + ":broker-a:0 -c $broker -n $ns");
            lines("getBrokerEpoch", "getBrokerEpoch -b broker-a -n $ns");
            lines("switchTimerEngine", "switchTimerEngine -b $broker -e F -n $ns");
            lines("exportPopRecord", "exportPopRecord -b $broker -d true -n $ns");
            controller();
            coldData();
            users();
            rocksDb();
            lite();
        } else {
            lines("updateAclConfig", "updateAclConfig -b $broker -a AccessKey1 -s SecretKey1 -n $ns");
            lines("clusterAclConfigVersion", "clusterAclConfigVersion -b $broker -n $ns");
            lines("updateGlobalWhiteAddr", "updateGlobalWhiteAddr -b $broker -g 10.10.10.1 -n $ns");
            lines("deleteAclConfig", "deleteAclConfig -b $broker -a AccessKey1 -n $ns");
        }
        lines("startMonitoring", "startMonitoring -n $ns", View.ENDS);
    }

    private void controller() {
        lines("getSyncStateSet", "getSyncStateSet -a $broker -b broker-a -n $ns");
        lines("getControllerMetaData", "getControllerMetaData -a $broker -n $ns");
        lines("getControllerConfig", "getControllerConfig -a $broker -n $ns");
        lines("updateControllerConfig", "updateControllerConfig -a $broker -k notify -v true -n $ns");
        lines("electMaster", "electMaster -a $broker -b 1 -bn broker-a -c " + CLUSTER + " -n $ns");
        lines("cleanBrokerMetadata", "cleanBrokerMetadata -a $broker -bn broker-a -c " + CLUSTER + " -n $ns");
    }

    private void coldData() {
        lines("getColdDataFlowCtrInfo", "getColdDataFlowCtrInfo -b $broker -n $ns");
        lines(
                "updateColdDataFlowCtrGroupConfig",
                "updateColdDataFlowCtrGroupConfig -b $broker -g " + GROUP + " -v 100 -n $ns");
        lines(
                "removeColdDataFlowCtrGroupConfig",
                "removeColdDataFlowCtrGroupConfig -b $broker -g " + GROUP + " -n $ns");
        lines("setCommitLogReadAheadMode", "setCommitLogReadAheadMode -b $broker -m 1 -n $ns");
    }

    private void users() {
        lines("createUser", "createUser -b $broker -u adminuser -p secret12345 -t Normal -n $ns");
        lines("updateUser", "updateUser -b $broker -u adminuser -s disable -n $ns");
        lines("getUser", "getUser -b $broker -u adminuser -n $ns");
        lines("listUser", "listUser -b $broker -n $ns");
        lines("copyUser", "copyUser -f $broker -t $broker -u adminuser -n $ns");
        String acl = " -b $broker -s User:adminuser -r Topic:" + TOPIC + " -a Pub,Sub -d Allow -n $ns";
        lines("createAcl", "createAcl" + acl);
        lines("updateAcl", "updateAcl" + acl);
        lines("getAcl", "getAcl -b $broker -s User:adminuser -n $ns");
        lines("listAcl", "listAcl -b $broker -n $ns");
        lines("copyAcl", "copyAcl -f $broker -t $broker -s User:adminuser -n $ns");
        lines("deleteAcl", "deleteAcl -b $broker -s User:adminuser -n $ns");
        lines("deleteUser", "deleteUser -b $broker -u adminuser -n $ns");
    }

    private void rocksDb() {
        lines("rocksDBConfigToJson", "rocksDBConfigToJson -b $broker -t topics -n $ns");
        lines("checkRocksdbCqWriteProgress", "checkRocksdbCqWriteProgress -c " + CLUSTER + " -t " + TOPIC + " -n $ns");
        lines("exportMetadataInRocksDB", "exportMetadataInRocksDB -p $folder/none -t topics -n $ns");
        lines("dumpCompactionLog", "dumpCompactionLog -f $folder/none -n $ns");
    }

    private void lite() {
        lines("getBrokerLiteInfo", "getBrokerLiteInfo -b $broker -n $ns");
        lines("getParentTopicInfo", "getParentTopicInfo -p " + TOPIC + " -n $ns");
        lines("getLiteTopicInfo", "getLiteTopicInfo -p " + TOPIC + " -l AdminLite -n $ns");
        lines("getLiteClientInfo", "getLiteClientInfo -p " + TOPIC + " -g " + GROUP + " -c none -n $ns");
        lines("getLiteGroupInfo", "getLiteGroupInfo -p " + TOPIC + " -g " + GROUP + " -n $ns");
        lines("triggerLiteDispatch", "triggerLiteDispatch -p " + TOPIC + " -g " + GROUP + " -n $ns");
    }

    private void removal() {
        if (five) { // into any queue, so that what counts messages comes before
            lines("queryMsgById -s", "queryMsgById -i $id -s true -t " + TOPIC + " -n $ns");
        }
        lines("deleteSubGroup", "deleteSubGroup -c " + CLUSTER + " -g AdminIdle -r true -n $ns");
        lines("deleteTopic", "deleteTopic -c " + CLUSTER + " -t AdminOther -n $ns");
        lines("deleteTopic that is not there", "deleteTopic -c " + CLUSTER + " -t AdminNone -n $ns");
    }

    private void lines(String name, String line) {
        lines(name, line, View.LINES);
    }

    private void lines(String name, String line, View view) {
        commands.add(new Command(name, List.of(line.split(" ")), view));
    }
}
