package org.merlinmq.protocol.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.merlinmq.protocol.body.ClusterTable;
import org.merlinmq.protocol.body.ConsumeStats;
import org.merlinmq.protocol.body.ConsumerIdList;
import org.merlinmq.protocol.body.HeartbeatBody;
import org.merlinmq.protocol.body.LockBatch;
import org.merlinmq.protocol.body.LockedQueues;
import org.merlinmq.protocol.body.SubscriptionGroupTable;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.body.TopicStats;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;
import org.merlinmq.protocol.message.BatchScan;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.protocol.reply.PullReply;
import org.merlinmq.protocol.reply.SendReply;
import org.merlinmq.protocol.request.PullRequest;
import org.merlinmq.protocol.request.SendRequest;
import org.merlinmq.testkit.Golden;

/** Frames of Apache RocketMQ 5.5.0, captured between its client, tools, nameserver and broker. */
class CapturedFramesTest {
    static List<String> names() {
        return Golden.names(CapturedFramesTest.class, "frames");
    }

    private static byte[] bytes(String name) {
        return Golden.read(CapturedFramesTest.class, "frames/" + name + ".hex");
    }

    private static Frame frame(String name) {
        byte[] bytes = bytes(name);
        return FrameCodec.decode(bytes, 0, bytes.length);
    }

    @ParameterizedTest
    @MethodSource("names")
    void scanAndCodecSeeTheSameAndEncodingKeepsAll(String name) {
        byte[] bytes = bytes(name);
        Frame frame = FrameCodec.decode(bytes, 0, bytes.length);
        FrameScan scan = new FrameScan();
        scan.scan(bytes, 0, bytes.length);
        assertThat(scan.toFrame()).isEqualTo(frame);
        byte[] again = frame.toBytes();
        assertThat(FrameCodec.decode(again, 0, again.length)).isEqualTo(frame);
        String header = Bytes.text(bytes, 8, bytes.length - 8 - frame.body().length);
        if (header.contains("extFields")) {
            assertThat(again).isEqualTo(bytes);
        }
    }

    @Test
    void storedRecordsReadAndAreWrittenAgainByteForByte() {
        int records = 0;
        for (String name :
                new String[] {"pull-message-answer-0", "pull-message-answer-0-2", "query-message-answer-0"}) {
            byte[] body = frame(name).body();
            RecordView view = new RecordView();
            for (int at = 0; at < body.length; at += view.totalBytes()) {
                assertThat(view.on(body, at, body.length - at)).isTrue();
                assertThat(view.bodyCrcMatches()).isTrue();
                assertThat(view.properties()).containsKey("UNIQ_KEY");
                assertThat(rewritten(view)).isEqualTo(Arrays.copyOfRange(body, at, at + view.totalBytes()));
                records++;
            }
        }
        assertThat(records).isGreaterThanOrEqualTo(3);
    }

    private static byte[] rewritten(RecordView view) {
        byte[] b = view.bytes();
        byte[] born = Arrays.copyOfRange(b, view.bornHostAt(), view.bornHostAt() + view.bornHostBytes());
        byte[] store = Arrays.copyOfRange(b, view.storeHostAt(), view.storeHostAt() + view.storeHostBytes());
        RecordWriter writer = new RecordWriter()
                .queueId(view.queueId())
                .flag(view.flag())
                .sysFlag(view.sysFlag())
                .bornMillis(view.bornMillis())
                .bornHost(born, Bytes.getInt(b, view.bornHostAt() + born.length))
                .storeHost(store, Bytes.getInt(b, view.storeHostAt() + store.length))
                .reconsumeTimes(view.reconsumeTimes())
                .preparedOffset(view.preparedOffset());
        ByteWriter out = new ByteWriter();
        writer.begin(out, b, view.bodyAt(), view.bodyBytes(), b, view.topicAt(), view.topicBytes());
        out.put(b, view.propertiesAt(), view.propertiesBytes());
        writer.end(out);
        RecordLayout.place(out.array(), 0, view.queueOffset(), view.logOffset(), view.storeMillis());
        return out.toByteArray();
    }

    @Test
    void batchOfARealProducerWalks() {
        Frame frame = frame("send-batch-message");
        SendRequest header = SendRequest.read(frame);
        assertThat(header.batch()).isTrue();
        assertThat(header.topic()).isEqualTo("TopicCap");
        BatchScan scan = new BatchScan();
        assertThat(scan.count(frame.body(), 0, frame.body().length)).isEqualTo(3);
    }

    @Test
    void headersOfRealPeersRead() {
        assertThat(SendRequest.read(frame("send-message-v2")).defaultTopic()).isEqualTo("TBW102");
        SendReply sent = SendReply.read(frame("send-message-v2-answer-0"));
        assertThat(MessageId.decode(sent.msgId()).host()).isEqualTo("127.0.0.1");
        assertThat(sent.region()).isEqualTo("DefaultRegion");
        assertThat(PullRequest.read(frame("pull-message")).consumerGroup()).isEqualTo("CG_CAP");
        assertThat(PullReply.read(frame("pull-message-answer-0")).maxOffset()).isPositive();
    }

    @Test
    void bodiesOfRealPeersRead() {
        TopicRoute route =
                TopicRoute.read(frame("get-routeinfo-by-topic-answer-0").body());
        assertThat(route.brokerDatas().get(0).brokerAddrs()).containsEntry(0L, "127.0.0.1:30921");
        HeartbeatBody heartbeat = HeartbeatBody.read(frame("heart-beat").body());
        assertThat(heartbeat.producers()).isNotEmpty();
        assertThat(ClusterTable.read(frame("get-broker-cluster-info-answer-0").body())
                        .clusterAddrTable())
                .containsKey("Bench");
        assertThat(LockBatch.read(frame("lock-batch-mq").body()).queues()).isNotEmpty();
        assertThat(LockedQueues.read(frame("lock-batch-mq-answer-0").body()).queues())
                .isNotEmpty();
        assertThat(ConsumerIdList.read(
                                frame("get-consumer-list-by-group-answer-0").body())
                        .consumerIdList())
                .hasSize(1);
        assertThat(TopicConfig.read(frame("get-topic-config-answer-0").body()).perm())
                .isEqualTo(6);
    }

    @Test
    void tablesOfRealBrokersAreWrittenBackAsTheyWere() {
        byte[] stats = frame("get-topic-stats-info-answer-0").body();
        assertThat(TopicStats.read(stats).write()).isEqualTo(canonical(stats));
        byte[] progress = frame("get-consume-stats-answer-0").body();
        assertThat(ConsumeStats.read(progress).write()).isEqualTo(canonical(progress));
        byte[] groups = frame("get-all-subscriptiongroup-config-answer-0").body();
        assertThat(SubscriptionGroupTable.read(groups).subscriptionGroupTable()).containsKey("CG_CAP");
    }

    private static byte[] canonical(byte[] json) {
        return new JsonWriter().value(JsonReader.read(json)).toByteArray();
    }
}
