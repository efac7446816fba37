package org.merlinmq.verification.differential;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.verification.differential.Step.Kind;
import org.merlinmq.verification.differential.Step.To;

/**
 * Everything that is asked, in order; later steps build on what earlier ones stored.
 *
 * <p>Fields are written as text, not with the records of {@code protocol}: a wrong name there must show here.
 */
final class Script {
    private static final String TOPIC = "DiffTopic";
    private static final String GROUP = "DiffGroup";
    private static final int COMMIT_OFFSET = 1;
    private static final int SUSPEND = 2;
    private static final int SUBSCRIPTION = 4;

    private final List<Step> steps = new ArrayList<>();

    static List<Step> steps() {
        Script script = new Script();
        script.topics();
        script.sends();
        script.refusedSends();
        script.pulls();
        script.offsets();
        script.groups();
        script.queries();
        script.admin();
        script.nameserver();
        script.malformed();
        return List.copyOf(script.steps);
    }

    private void topics() {
        broker("create topic", RequestCode.UPDATE_AND_CREATE_TOPIC, createTopic(TOPIC, 2));
        broker("create topic again with more queues", RequestCode.UPDATE_AND_CREATE_TOPIC, createTopic(TOPIC, 4));
        broker("create topic with a bad name", RequestCode.UPDATE_AND_CREATE_TOPIC, createTopic("Diff Topic!", 2));
        broker("create topic with an empty name", RequestCode.UPDATE_AND_CREATE_TOPIC, createTopic("", 2));
        broker("create a system topic", RequestCode.UPDATE_AND_CREATE_TOPIC, createTopic("SCHEDULE_TOPIC_XXXX", 2));
        broker("create topic without queue counts", RequestCode.UPDATE_AND_CREATE_TOPIC, Map.of("topic", "DiffNone"));
        Map<String, String> readOnly = new HashMap<>(createTopic("DiffReadOnly", 1));
        readOnly.put("perm", "4");
        broker("create a read-only topic", RequestCode.UPDATE_AND_CREATE_TOPIC, readOnly);
        Map<String, String> writeOnly = new HashMap<>(createTopic("DiffWriteOnly", 1));
        writeOnly.put("perm", "2");
        broker("create a write-only topic", RequestCode.UPDATE_AND_CREATE_TOPIC, writeOnly);
    }

    private void sends() {
        send("send v2", RequestCode.SEND_MESSAGE_V2, sendV2(TOPIC, 0, "TAGS\u0001TagA\u0002KEYS\u0001k1\u0002"), "one");
        send("send v2 again", RequestCode.SEND_MESSAGE_V2, sendV2(TOPIC, 0, "TAGS\u0001TagB\u0002"), "two");
        send("send v2 without properties", RequestCode.SEND_MESSAGE_V2, without(sendV2(TOPIC, 0, ""), "i"), "three");
        Map<String, String> named = new HashMap<>();
        sendV2(TOPIC, 1, "TAGS\u0001TagA\u0002UNIQ_KEY\u0001DIFFUNIQUE1\u0002")
                .forEach((letter, value) -> named.put(longName(letter), value));
        send("send v1", RequestCode.SEND_MESSAGE, named, "first of queue 1");
        send("send to any queue", RequestCode.SEND_MESSAGE_V2, sendV2("DiffReadOnly", -1, ""), "any queue of one");
        Map<String, String> batch = new HashMap<>(sendV2(TOPIC, 2, "WAIT\u0001true\u0002"));
        batch.put("m", "true");
        step("send batch", To.BROKER, Kind.CALL, RequestCode.SEND_BATCH_MESSAGE.number(), batch, batchBody(3));
        send("send to a topic made by the send", RequestCode.SEND_MESSAGE_V2, sendV2("DiffAuto", 0, ""), "auto");
        // By two hours: what comes behind expects the queue to be empty, however slow the machine is.
        send("send delayed", RequestCode.SEND_MESSAGE_V2, sendV2(TOPIC, 3, "DELAY\u000118\u0002"), "later");
        step(
                "send one-way",
                To.BROKER,
                Kind.ONEWAY,
                RequestCode.SEND_MESSAGE_V2.number(),
                sendV2(TOPIC, 1, "TAGS\u0001TagC\u0002"),
                "second of queue 1".getBytes(UTF_8));
    }

    private void refusedSends() {
        RequestCode v2 = RequestCode.SEND_MESSAGE_V2;
        send("send with a bad topic name", v2, sendV2("Diff Topic!", 0, ""), "x");
        send("send with a topic name that is too long", v2, sendV2("T".repeat(128), 0, ""), "x");
        send("send to a queue that is not there", v2, sendV2(TOPIC, 99, ""), "x");
        Map<String, String> noDefault = new HashMap<>(sendV2("DiffNever", 0, ""));
        noDefault.put("c", "DiffNoDefault");
        send("send to an unknown topic that nothing makes", v2, noDefault, "x");
        for (String system : List.of(
                "SCHEDULE_TOPIC_XXXX",
                "RMQ_SYS_TRANS_HALF_TOPIC",
                "RMQ_SYS_TRANS_OP_HALF_TOPIC",
                "TRANS_CHECK_MAX_TIME_TOPIC",
                "SELF_TEST_TOPIC",
                "OFFSET_MOVED_EVENT")) {
            send("send to " + system, v2, sendV2(system, 0, ""), "x");
        }
        send("send to a read-only topic", v2, sendV2("DiffReadOnly", 0, ""), "x");
        send("send a body over the limit", v2, sendV2(TOPIC, 0, ""), "x".repeat(5 << 20));
        send("send properties over the limit", v2, sendV2(TOPIC, 0, "p\u0001" + "x".repeat(33_000) + "\u0002"), "x");
        send("send an empty body", v2, sendV2(TOPIC, 0, ""), "");
        send("send without a topic", v2, without(sendV2(TOPIC, 0, ""), "b"), "x");
        send("send without a queue", v2, without(sendV2(TOPIC, 0, ""), "e"), "x");
        send("send with a queue that is no number", v2, with(sendV2(TOPIC, 0, ""), "e", "two"), "x");
        send("send to a retry topic of an unknown group", v2, with(sendV2("%RETRY%DiffNobody", 0, ""), "j", "1"), "x");
        Map<String, String> batch = with(sendV2("%RETRY%" + GROUP, 0, ""), "m", "true");
        step(
                "send a batch to a retry topic",
                To.BROKER,
                Kind.CALL,
                RequestCode.SEND_BATCH_MESSAGE.number(),
                batch,
                batchBody(2));
    }

    private void pulls() {
        pull("pull at 0", TOPIC, 0, 0, 32, SUBSCRIPTION, "*");
        pull("pull one at 1", TOPIC, 0, 1, 1, SUBSCRIPTION, "*");
        pull("pull none", TOPIC, 0, 0, 0, SUBSCRIPTION, "*");
        pull("pull by tag", TOPIC, 0, 0, 32, SUBSCRIPTION, "TagB");
        pull("pull by two tags", TOPIC, 0, 0, 32, SUBSCRIPTION, "TagA || TagB");
        pull("pull by a tag that is not there", TOPIC, 0, 0, 32, SUBSCRIPTION, "TagZ");
        pull("pull at the end", TOPIC, 0, 3, 32, SUBSCRIPTION, "*");
        pull("pull beyond the end", TOPIC, 0, 1_000, 32, SUBSCRIPTION, "*");
        pull("pull below the first", TOPIC, 0, -5, 32, SUBSCRIPTION, "*");
        pull("pull a batch", TOPIC, 2, 0, 32, SUBSCRIPTION, "*");
        pull("pull queue 1", TOPIC, 1, 0, 32, SUBSCRIPTION, "*");
        pull("pull an empty queue", TOPIC, 3, 0, 32, SUBSCRIPTION, "*");
        pull("pull an empty queue not at 0", TOPIC, 3, 7, 32, SUBSCRIPTION, "*");
        pull("pull held until its time is over", TOPIC, 0, 3, 32, SUBSCRIPTION | SUSPEND, "*");
        pull("pull a queue that is not there", TOPIC, 99, 0, 32, SUBSCRIPTION, "*");
        pull("pull a negative queue", TOPIC, -1, 0, 32, SUBSCRIPTION, "*");
        pull("pull an unknown topic", "DiffUnknown", 0, 0, 32, SUBSCRIPTION, "*");
        pull("pull a write-only topic", "DiffWriteOnly", 0, 0, 32, SUBSCRIPTION, "*");
        pull("pull a read-only topic", "DiffReadOnly", 0, 0, 32, SUBSCRIPTION, "*");
        pull("pull without a subscription", TOPIC, 0, 0, 32, 0, "");
        pull("pull with a commit", TOPIC, 0, 0, 32, SUBSCRIPTION | COMMIT_OFFSET, "*");
        broker(
                "pull without an offset",
                RequestCode.PULL_MESSAGE,
                without(pullFields(TOPIC, 0, 0, 32, 4, "*"), "queueOffset"));
        broker(
                "pull SQL where it is off",
                RequestCode.PULL_MESSAGE,
                with(pullFields(TOPIC, 0, 0, 32, 4, "a > 1"), "expressionType", "SQL92"));
        broker("lite pull", RequestCode.LITE_PULL_MESSAGE, pullFields(TOPIC, 0, 0, 2, SUBSCRIPTION | 16, "*"));
    }

    private void offsets() {
        Map<String, String> queue = Map.of("topic", TOPIC, "queueId", "0");
        Map<String, String> unknown = Map.of("topic", "DiffUnknown", "queueId", "0");
        Map<String, String> beyond = Map.of("topic", TOPIC, "queueId", "99");
        for (RequestCode code : List.of(
                RequestCode.GET_MAX_OFFSET, RequestCode.GET_MIN_OFFSET, RequestCode.GET_EARLIEST_MSG_STORETIME)) {
            broker(code + " of a queue", code, queue);
            broker(code + " of an unknown topic", code, unknown);
            broker(code + " of a queue that is not there", code, beyond);
            broker(code + " without a queue", code, Map.of("topic", TOPIC));
        }
        RequestCode search = RequestCode.SEARCH_OFFSET_BY_TIMESTAMP;
        broker("search offset of time 0", search, with(queue, "timestamp", "0"));
        broker("search offset of the far future", search, with(queue, "timestamp", "9999999999999"));
        broker(
                "search upper offset of the far future",
                search,
                with(with(queue, "timestamp", "9999999999999"), "boundaryType", "upper"));
        broker("search upper offset of time 0", search, with(with(queue, "timestamp", "0"), "boundaryType", "upper"));
        broker("search offset of an unknown topic", search, with(unknown, "timestamp", "0"));
        RequestCode query = RequestCode.QUERY_CONSUMER_OFFSET;
        RequestCode update = RequestCode.UPDATE_CONSUMER_OFFSET;
        Map<String, String> group = with(queue, "consumerGroup", GROUP + "Offsets");
        broker("query offset committed by a pull", query, with(queue, "consumerGroup", GROUP));
        broker("query offset of a new group on a young topic", query, group);
        broker("query offset of a new group, not zero", query, with(group, "setZeroIfNotFound", "false"));
        broker("query offset of an unknown topic", query, with(unknown, "consumerGroup", GROUP));
        broker(
                "update offset of an unknown group",
                update,
                with(with(queue, "consumerGroup", "DiffNobody"), "commitOffset", "2"));
        broker("update offset", update, with(with(queue, "consumerGroup", GROUP), "commitOffset", "2"));
        broker("query updated offset", query, with(queue, "consumerGroup", GROUP));
        broker("update offset to a lower one", update, with(with(queue, "consumerGroup", GROUP), "commitOffset", "1"));
        broker("query lowered offset", query, with(queue, "consumerGroup", GROUP));
        broker(
                "update offset of an unknown topic",
                update,
                with(with(unknown, "consumerGroup", GROUP), "commitOffset", "1"));
    }

    private void groups() {
        json(
                "consumer list of an unknown group",
                RequestCode.GET_CONSUMER_LIST_BY_GROUP,
                Map.of("consumerGroup", "DiffNobody"),
                "");
        json("heartbeat", RequestCode.HEART_BEAT, Map.of(), HEARTBEAT);
        json("heartbeat again", RequestCode.HEART_BEAT, Map.of(), HEARTBEAT);
        json("heartbeat with a broken body", RequestCode.HEART_BEAT, Map.of(), "{\"clientID\":");
        json("heartbeat with an empty body", RequestCode.HEART_BEAT, Map.of(), "");
        json("consumer list", RequestCode.GET_CONSUMER_LIST_BY_GROUP, Map.of("consumerGroup", GROUP), "");
        json("consumer connections", RequestCode.GET_CONSUMER_CONNECTION_LIST, Map.of("consumerGroup", GROUP), "");
        json(
                "consumer connections of an unknown group",
                RequestCode.GET_CONSUMER_CONNECTION_LIST,
                Map.of("consumerGroup", "DiffNobody"),
                "");
        pull("pull with the subscription of the heartbeat", TOPIC, 0, 0, 32, 0, "");
        broker(
                "pull with a newer subscription",
                RequestCode.PULL_MESSAGE,
                with(pullFields(TOPIC, 0, 0, 32, 0, ""), "subVersion", "9999999999999"));
        broker(
                "pull a topic that the group did not subscribe",
                RequestCode.PULL_MESSAGE,
                pullFields("DiffAuto", 0, 0, 32, 0, ""));
        json("lock", RequestCode.LOCK_BATCH_MQ, Map.of(), lockBody("one@1"));
        json("lock again", RequestCode.LOCK_BATCH_MQ, Map.of(), lockBody("one@1"));
        json("lock by another", RequestCode.LOCK_BATCH_MQ, Map.of(), lockBody("two@2"));
        json("unlock by another", RequestCode.UNLOCK_BATCH_MQ, Map.of(), lockBody("two@2"));
        json("lock by another, still", RequestCode.LOCK_BATCH_MQ, Map.of(), lockBody("two@2"));
        json("unlock", RequestCode.UNLOCK_BATCH_MQ, Map.of(), lockBody("one@1"));
        json("lock by another, free now", RequestCode.LOCK_BATCH_MQ, Map.of(), lockBody("two@2"));
        json("lock with a broken body", RequestCode.LOCK_BATCH_MQ, Map.of(), "[1,");
        json("check client config of a tag", RequestCode.CHECK_CLIENT_CONFIG, Map.of(), CHECK.replace("TYPE", "TAG"));
        json(
                "check client config of SQL where it is off",
                RequestCode.CHECK_CLIENT_CONFIG,
                Map.of(),
                CHECK.replace("TYPE", "SQL92"));
        broker("unregister", RequestCode.UNREGISTER_CLIENT, Map.of("clientID", "one@1", "consumerGroup", GROUP));
        broker(
                "consumer list after unregister",
                RequestCode.GET_CONSUMER_LIST_BY_GROUP,
                Map.of("consumerGroup", GROUP));
    }

    private void queries() {
        send(
                "send what is to be found",
                RequestCode.SEND_MESSAGE_V2,
                sendV2(TOPIC, 0, "KEYS\u0001find me\u0002UNIQ_KEY\u0001DIFFUNIQUE2\u0002"),
                "found");
        broker("view by offset", RequestCode.VIEW_MESSAGE_BY_ID, Map.of("offset", "$offset"));
        broker("view by a wrong offset", RequestCode.VIEW_MESSAGE_BY_ID, Map.of("offset", "99999999999"));
        broker("view by a negative offset", RequestCode.VIEW_MESSAGE_BY_ID, Map.of("offset", "-1"));
        Map<String, String> key =
                Map.of("topic", TOPIC, "maxNum", "32", "beginTimestamp", "0", "endTimestamp", "9999999999999");
        broker("query by key", RequestCode.QUERY_MESSAGE, with(key, "key", "find"));
        broker(
                "query by unique key",
                RequestCode.QUERY_MESSAGE,
                with(with(key, "key", "DIFFUNIQUE2"), "_UNIQUE_KEY_QUERY", "true"));
        broker("query by an unknown key", RequestCode.QUERY_MESSAGE, with(key, "key", "nobody"));
        Map<String, String> back = Map.of(
                "offset", "$offset", "group", GROUP, "delayLevel", "0", "originTopic", TOPIC, "originMsgId", "$id");
        broker("send back", RequestCode.CONSUMER_SEND_MSG_BACK, back);
        broker("send back for an unknown group", RequestCode.CONSUMER_SEND_MSG_BACK, with(back, "group", "DiffNobody"));
        broker(
                "send back from a wrong offset",
                RequestCode.CONSUMER_SEND_MSG_BACK,
                with(back, "offset", "99999999999"));
        broker("send back to the dead letters", RequestCode.CONSUMER_SEND_MSG_BACK, with(back, "delayLevel", "-1"));
        pull("pull the dead letter", "%DLQ%" + GROUP, 0, 0, 32, SUBSCRIPTION, "*");
        pull("pull the retry topic", "%RETRY%" + GROUP, 0, 0, 32, SUBSCRIPTION, "*");
    }

    private void admin() {
        json(
                "create group",
                RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
                Map.of(),
                "{\"groupName\":\"DiffMade\",\"retryMaxTimes\":3,\"retryQueueNums\":1,\"consumeEnable\":true}");
        json(
                "create group with a bad name",
                RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
                Map.of(),
                "{\"groupName\":\"Diff Made!\"}");
        json("create group with a broken body", RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, Map.of(), "{");
        broker("topic stats", RequestCode.GET_TOPIC_STATS_INFO, Map.of("topic", TOPIC));
        broker("topic stats of an unknown topic", RequestCode.GET_TOPIC_STATS_INFO, Map.of("topic", "DiffUnknown"));
        broker("consume stats", RequestCode.GET_CONSUME_STATS, Map.of("consumerGroup", GROUP, "topic", TOPIC));
        broker("topic config", RequestCode.GET_TOPIC_CONFIG, Map.of("topic", TOPIC));
        broker("topic config of an unknown topic", RequestCode.GET_TOPIC_CONFIG, Map.of("topic", "DiffUnknown"));
        broker("group config", RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG, Map.of("group", "DiffMade"));
        broker(
                "producers of an unknown group",
                RequestCode.GET_PRODUCER_CONNECTION_LIST,
                Map.of("producerGroup", "DiffNobody"));
        broker("all topics of the broker", RequestCode.GET_ALL_TOPIC_CONFIG, Map.of());
        broker("all groups of the broker", RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG, Map.of());
        broker("delete group", RequestCode.DELETE_SUBSCRIPTIONGROUP, Map.of("groupName", "DiffMade"));
        broker("delete topic", RequestCode.DELETE_TOPIC_IN_BROKER, Map.of("topic", "DiffWriteOnly"));
        broker("delete an unknown topic", RequestCode.DELETE_TOPIC_IN_BROKER, Map.of("topic", "DiffUnknown"));
        broker("delete a system topic", RequestCode.DELETE_TOPIC_IN_BROKER, Map.of("topic", "SCHEDULE_TOPIC_XXXX"));
        pull("pull a deleted topic", "DiffWriteOnly", 0, 0, 32, SUBSCRIPTION, "*");
        step("unknown code", To.BROKER, Kind.CALL, 29_999, Map.of(), new byte[0]);
        step("unknown code one-way", To.BROKER, Kind.ONEWAY, 29_999, Map.of(), new byte[0]);
        step("code 0", To.BROKER, Kind.CALL, 0, Map.of(), new byte[0]);
    }

    private void nameserver() {
        names("route", RequestCode.GET_ROUTEINFO_BY_TOPIC, Map.of("topic", TOPIC));
        names("route of a topic made by a send", RequestCode.GET_ROUTEINFO_BY_TOPIC, Map.of("topic", "DiffAuto"));
        names("route of TBW102", RequestCode.GET_ROUTEINFO_BY_TOPIC, Map.of("topic", "TBW102"));
        names("route of an unknown topic", RequestCode.GET_ROUTEINFO_BY_TOPIC, Map.of("topic", "DiffUnknown"));
        names("route without a topic", RequestCode.GET_ROUTEINFO_BY_TOPIC, Map.of());
        names("cluster", RequestCode.GET_BROKER_CLUSTER_INFO, Map.of());
        names("all topics", RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER, Map.of());
        names("topics of a cluster", RequestCode.GET_TOPICS_BY_CLUSTER, Map.of("cluster", "DefaultCluster"));
        names("get an unknown setting", RequestCode.GET_KV_CONFIG, Map.of("namespace", "N", "key", "K"));
        names("put a setting", RequestCode.PUT_KV_CONFIG, Map.of("namespace", "N", "key", "K", "value", "V"));
        names("get a setting", RequestCode.GET_KV_CONFIG, Map.of("namespace", "N", "key", "K"));
        names("list settings", RequestCode.GET_KVLIST_BY_NAMESPACE, Map.of("namespace", "N"));
        names("delete a setting", RequestCode.DELETE_KV_CONFIG, Map.of("namespace", "N", "key", "K"));
        step("unknown code to the name server", To.NAMESERVER, Kind.CALL, 29_999, Map.of(), new byte[0]);
    }

    private void malformed() {
        for (To to : To.values()) {
            String at = " to the " + to.name().toLowerCase(java.util.Locale.ROOT);
            bytes("length 0" + at, to, "00000000" + "00".repeat(12));
            bytes("negative length" + at, to, "80000000" + "00".repeat(12));
            bytes("length over the limit" + at, to, "00fffffd" + "00".repeat(12));
            bytes("header longer than the frame" + at, to, "00000010" + "000000ff" + "00".repeat(12));
            bytes("unknown header form" + at, to, "00000006" + "07000002" + "7b7d" + "00".repeat(8));
            bytes("header that is no JSON" + at, to, frame("hello, world"));
            bytes("header that is an array" + at, to, frame("[1,2,3,4,5,6]"));
            bytes(
                    "text of HTTP" + at,
                    to,
                    HexFormat.of().formatHex("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8)));
            bytes("an answer that nobody waits for" + at, to, frame("{\"code\":0,\"flag\":1,\"opaque\":77}"));
            bytes(
                    "numbers as fields" + at,
                    to,
                    frame("{\"code\":30,\"opaque\":5,\"extFields\":{\"topic\":\"" + TOPIC + "\",\"queueId\":0}}"));
            bytes(
                    "unknown language and spaces" + at,
                    to,
                    frame(" { \"opaque\" : 6 , \"language\" : \"KLINGON\" , \"code\" : 29999 } "));
        }
    }

    // ---- how steps are written ----

    private static final String HEARTBEAT = "{\"clientID\":\"one@1\",\"consumerDataSet\":[{\"consumeFromWhere\":"
            + "\"CONSUME_FROM_FIRST_OFFSET\",\"consumeType\":\"CONSUME_PASSIVELY\",\"groupName\":\"" + GROUP
            + "\",\"messageModel\":\"CLUSTERING\",\"subscriptionDataSet\":[{\"classFilterMode\":false,\"codeSet\":[],"
            + "\"expressionType\":\"TAG\",\"subString\":\"*\",\"subVersion\":1,\"tagsSet\":[],\"topic\":\"" + TOPIC
            + "\"}],\"unitMode\":false}],\"producerDataSet\":[{\"groupName\":\"DiffProducer\"}]}";

    private static final String CHECK = "{\"clientId\":\"one@1\",\"group\":\"" + GROUP + "\",\"subscriptionData\":{"
            + "\"classFilterMode\":false,\"codeSet\":[],\"expressionType\":\"TYPE\",\"subString\":\"a > 1\","
            + "\"subVersion\":1,\"tagsSet\":[],\"topic\":\"" + TOPIC + "\"}}";

    private static String lockBody(String client) {
        return "{\"clientId\":\"" + client + "\",\"consumerGroup\":\"" + GROUP
                + "\",\"mqSet\":[{\"brokerName\":\"broker-a\"," + "\"queueId\":0,\"topic\":\"" + TOPIC + "\"}]}";
    }

    private static Map<String, String> createTopic(String topic, int queues) {
        String count = Integer.toString(queues);
        return Map.of(
                "topic",
                topic,
                "defaultTopic",
                "TBW102",
                "readQueueNums",
                count,
                "writeQueueNums",
                count,
                "perm",
                "6",
                "topicFilterType",
                "SINGLE_TAG",
                "topicSysFlag",
                "0",
                "order",
                "false");
    }

    private static Map<String, String> sendV2(String topic, int queue, String properties) {
        Map<String, String> fields = new HashMap<>();
        String[] values = {
            "DiffProducer", topic, "TBW102", "4", Integer.toString(queue), "0", "$now", "0", properties, "0", "false"
        };
        for (int i = 0; i < values.length; i++) {
            fields.put(String.valueOf((char) ('a' + i)), values[i]);
        }
        return fields;
    }

    private static String longName(String letter) {
        return List.of(
                        "producerGroup",
                        "topic",
                        "defaultTopic",
                        "defaultTopicQueueNums",
                        "queueId",
                        "sysFlag",
                        "bornTimestamp",
                        "flag",
                        "properties",
                        "reconsumeTimes",
                        "unitMode")
                .get(letter.charAt(0) - 'a');
    }

    private static byte[] batchBody(int count) {
        ByteWriter body = new ByteWriter();
        for (int i = 0; i < count; i++) {
            byte[] text = ("batch " + i).getBytes(UTF_8);
            byte[] properties = ("KEYS\u0001b" + i + "\u0002TAGS\u0001TagA\u0002").getBytes(UTF_8);
            body.putInt(4 * 5 + text.length + 2 + properties.length)
                    .putInt(0)
                    .putInt(0)
                    .putInt(i);
            body.putInt(text.length).put(text).putShort(properties.length).put(properties);
        }
        return body.toByteArray();
    }

    private static Map<String, String> pullFields(
            String topic, int queue, long offset, int max, int flags, String tags) {
        Map<String, String> fields = new HashMap<>(Map.of(
                "consumerGroup",
                GROUP,
                "topic",
                topic,
                "queueId",
                Integer.toString(queue),
                "queueOffset",
                Long.toString(offset),
                "maxMsgNums",
                Integer.toString(max),
                "sysFlag",
                Integer.toString(flags),
                "commitOffset",
                "2",
                "suspendTimeoutMillis",
                "1000",
                "subVersion",
                "0",
                "subscription",
                tags));
        fields.put("expressionType", "TAG");
        return fields;
    }

    private void pull(String name, String topic, int queue, long offset, int max, int flags, String tags) {
        broker(name, RequestCode.PULL_MESSAGE, pullFields(topic, queue, offset, max, flags, tags));
    }

    private void send(String name, RequestCode code, Map<String, String> fields, String body) {
        step(name, To.BROKER, Kind.CALL, code.number(), fields, body.getBytes(UTF_8));
    }

    private void json(String name, RequestCode code, Map<String, String> fields, String body) {
        step(name, To.BROKER, Kind.CALL, code.number(), fields, body.getBytes(UTF_8));
    }

    private void broker(String name, RequestCode code, Map<String, String> fields) {
        step(name, To.BROKER, Kind.CALL, code.number(), fields, new byte[0]);
    }

    private void names(String name, RequestCode code, Map<String, String> fields) {
        step(name, To.NAMESERVER, Kind.CALL, code.number(), fields, new byte[0]);
    }

    private void bytes(String name, To to, String hex) {
        step(name, to, Kind.BYTES, 0, Map.of(), HexFormat.of().parseHex(hex));
    }

    private static String frame(String header) {
        byte[] bytes = header.getBytes(UTF_8);
        ByteWriter frame =
                new ByteWriter().putInt(4 + bytes.length).putInt(bytes.length).put(bytes);
        return HexFormat.of().formatHex(frame.toByteArray());
    }

    private void step(String name, To to, Kind kind, int code, Map<String, String> fields, byte[] body) {
        steps.add(new Step(name, to, kind, code, Map.copyOf(fields), body));
    }

    private static Map<String, String> with(Map<String, String> fields, String name, String value) {
        Map<String, String> all = new HashMap<>(fields);
        all.put(name, value);
        return all;
    }

    private static Map<String, String> without(Map<String, String> fields, String name) {
        Map<String, String> all = new HashMap<>(fields);
        all.remove(name);
        return all;
    }
}
