package org.merlinmq.broker.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.client.FakeChannel;
import org.merlinmq.broker.filter.TagFilter;
import org.merlinmq.broker.subscription.Compiled;
import org.merlinmq.broker.subscription.FilterConfig;
import org.merlinmq.broker.subscription.Subscription;
import org.merlinmq.protocol.body.MessageModel;
import org.merlinmq.protocol.bytes.Bytes;

/** Who may pull what, and in which order that is asked: broker, group, topic, queue, subscription. */
class PullChecksTest {
    @TempDir
    Path folder;

    private Pulling pulling;

    @BeforeEach
    void open() {
        pulling = new Pulling(folder);
    }

    @AfterEach
    void close() {
        pulling.close();
    }

    /** A pull that goes by what its group's heartbeats said, of a version. */
    private PullRequest registered(long version) {
        PullRequest made = pulling.request(0);
        made.bringsSubscription = false;
        made.subscriptionVersion = version;
        return made;
    }

    private void group(String settings) {
        assertThat(pulling.groups.importJson(Bytes.utf8(
                        "{\"dataVersion\":{\"counter\":0,\"stateVersion\":0,\"timestamp\":0},\"forbiddenTable\":{},"
                                + "\"subscriptionGroupTable\":{\"G\":{\"groupName\":\"G\"," + settings + "}}}")))
                .isEmpty();
    }

    @Test
    void aBrokerThatGivesNothingOutSaysSoBeforeItLooksAtTheGroup() {
        pulling.configure(Pulling.CONFIG, 2);
        pulling.request(0).topic.set("nowhere");
        pulling.pull("client");
        assertThat(pulling.answers.getFirst())
                .startsWith("NO_PERMISSION BROKER ")
                .contains("brokerPermission=2");
        assertThat(pulling.groups.find("G")).isNull();
    }

    @Test
    void litePullsCanBeSwitchedOff() {
        pulling.configure(new PullConfig(32, 256 << 10, true, 1000, 10, false, FilterConfig.DEFAULT), 6);
        assertThat(pulling.pull(pulling.request(0))).startsWith("PULL_NOT_FOUND");
        pulling.request(0).lite = true;
        pulling.pull("client");
        assertThat(pulling.answers.getLast())
                .startsWith("NO_PERMISSION BROKER ")
                .contains("litePullMessageEnable");
    }

    @Test
    void aGroupThatMayNotConsumeIsToldSoBeforeItsTopicIsLookedFor() {
        group("\"consumeEnable\":false");
        pulling.request(0).topic.set("nowhere");
        pulling.pull("client");
        assertThat(pulling.answers.getFirst()).startsWith("NO_PERMISSION GROUP ");
    }

    @Test
    void aNameThatNoGroupCanHaveIsRefused() {
        pulling.request(0).group.set("no group!");
        pulling.pull("client");
        assertThat(pulling.answers.getFirst()).startsWith("SUBSCRIPTION_GROUP_NOT_EXIST NOTHING ");
    }

    @Test
    void aTopicThatDoesNotExistOrMayNotBeReadIsRefused() {
        pulling.request(0).topic.set("nowhere");
        pulling.pull("client");
        pulling.topics.create("W", 1, 2, 0);
        pulling.request(0).topic.set("W");
        pulling.pull("client");
        assertThat(pulling.answers.getFirst())
                .startsWith("TOPIC_NOT_EXIST NOTHING ")
                .contains("nowhere");
        assertThat(pulling.answers.getLast()).startsWith("NO_PERMISSION TOPIC ");
    }

    @Test
    void aQueueThatTheTopicDoesNotHaveIsRefused() {
        for (int queue : new int[] {-1, 4}) {
            pulling.request(0).queueId = queue;
            pulling.pull("client");
            assertThat(pulling.answers.getLast())
                    .startsWith("INVALID_PARAMETER ")
                    .contains("no queue " + queue);
        }
    }

    @Test
    void aPullMayBringTagsAndSqlAndNothingElse() {
        pulling.request(0).expression.set("||");
        pulling.pull("client");
        assertThat(pulling.answers.getLast()).startsWith("SUBSCRIPTION_PARSE_FAILED ");
        pulling.request(0).expressionType.set("SQL92");
        pulling.pull("client");
        assertThat(pulling.answers.getLast())
                .startsWith("SUBSCRIPTION_PARSE_FAILED ")
                .contains("at character 1");
        pulling.request(0).expressionType.set("XPATH");
        pulling.pull("client");
        assertThat(pulling.answers.getLast())
                .startsWith("SUBSCRIPTION_PARSE_FAILED ")
                .contains("XPATH");
        pulling.request(0).expressionType.set("TAG");
        pulling.pull("client");
        assertThat(pulling.answers.getLast()).startsWith("PULL_NOT_FOUND ");
    }

    @Test
    void withoutItsOwnSubscriptionAPullGoesByTheHeartbeatsOfItsGroup() {
        pulling.putTagged("A", "a");
        pulling.putTagged("B", "b");
        pulling.subscribe("G", "T", TagFilter.ofTags(List.of("B")), 7);
        assertThat(pulling.pull(registered(7))).isEqualTo("SUCCESS FOUND next 2 of 0 to 2 b");
        assertThat(pulling.pull(registered(6))).as("an older one").startsWith("SUCCESS");
    }

    private static Subscription on(String type, String expression, long version) {
        return new Subscription("T", type, expression, version, Compiled.of(type, expression, FilterConfig.DEFAULT));
    }

    private void beat(FakeChannel from, String clientId, Subscription... subscriptions) {
        pulling.heartbeat("G", from, clientId, MessageModel.CLUSTERING, List.of(subscriptions));
    }

    private PullRequest of(FakeChannel client, long version) {
        return registered(version).of(client.session());
    }

    private PullRequest sqlOf(FakeChannel client, long version) {
        PullRequest made = of(client, version);
        made.expressionType.set("SQL92");
        return made;
    }

    private void putBoth() {
        pulling.putTagged("A", "a");
        pulling.putTagged("B", "b");
        pulling.putTagged("C", "c");
    }

    @Test
    void aSubscriptionThatCannotBeUsedIsRefusedWithItsReason() {
        beat(pulling.channel, "c1", on("SQL92", "a = = 1", 1));
        assertThat(pulling.pull(sqlOf(pulling.channel, 1)))
                .startsWith("SUBSCRIPTION_PARSE_FAILED ")
                .contains("at character 5");
    }

    @Test
    void whereSqlIsSwitchedOffItIsRefused() {
        pulling.configure(
                new PullConfig(
                        32, 256 << 10, true, 1000, 10, true, new FilterConfig(false, FilterConfig.DEFAULT.limits())),
                6);
        pulling.request(0).expressionType.set("SQL92");
        pulling.pull("client");
        assertThat(pulling.answers.getLast()).startsWith("SYSTEM_ERROR ").contains("filter.sql");
    }

    @Test
    void eachClientPullsByItsOwnSubscription() {
        putBoth();
        FakeChannel newer = new FakeChannel("10.0.0.2:6");
        beat(newer, "c2", on("TAG", "A || B", 20));
        beat(pulling.channel, "c1", on("TAG", "A", 10));
        assertThat(pulling.pull(of(newer, 20))).isEqualTo("SUCCESS FOUND next 3 of 0 to 3 a b");
        assertThat(pulling.pull(of(pulling.channel, 10))).isEqualTo("SUCCESS FOUND next 3 of 0 to 3 a");
        beat(newer, "c2", on("SQL92", "TAGS <> 'B'", 30));
        assertThat(pulling.pull(sqlOf(newer, 30))).isEqualTo("SUCCESS FOUND next 3 of 0 to 3 a c");
        assertThat(pulling.pull(of(pulling.channel, 10))).isEqualTo("SUCCESS FOUND next 3 of 0 to 3 a");
    }

    @Test
    void aHeartbeatOnAnotherConnectionOfTheClientCounts() {
        putBoth();
        FakeChannel second = new FakeChannel("10.0.0.2:6");
        beat(second, "c1", on("TAG", "B", 20));
        beat(pulling.channel, "c1", on("TAG", "A", 10));
        assertThat(pulling.pull(of(pulling.channel, 20))).isEqualTo("SUCCESS FOUND next 3 of 0 to 3 b");
        assertThat(pulling.pull(of(pulling.channel, 10))).isEqualTo("SUCCESS FOUND next 3 of 0 to 3 a");
    }

    @Test
    void aClientThatNumbersItsTagsAnewMissesNothingWhateverTheClocksOfOthersShow() {
        putBoth();
        FakeChannel ahead = new FakeChannel("10.0.0.2:6");
        beat(ahead, "c2", on("TAG", "A", 9000));
        beat(pulling.channel, "c1", on("TAG", "A", 10));
        assertThat(pulling.pull(of(pulling.channel, 11)))
                .as("its tags may be others now")
                .isEqualTo("SUCCESS FOUND next 3 of 0 to 3 a b c");
    }

    @Test
    void aConnectionOfAnUnknownClientMissesNothingWhereMembersDiffer() {
        putBoth();
        FakeChannel unknown = new FakeChannel("10.0.0.3:7");
        beat(pulling.channel, "c1", on("TAG", "A", 10));
        assertThat(pulling.pull(of(unknown, 10))).as("all have the same").isEqualTo("SUCCESS FOUND next 3 of 0 to 3 a");
        beat(new FakeChannel("10.0.0.2:6"), "c2", on("TAG", "B", 20));
        assertThat(pulling.pull(of(unknown, 10))).isEqualTo("SUCCESS FOUND next 3 of 0 to 3 a b c");
    }

    @Test
    void aPullBySqlWaitsForTheHeartbeatOfItsOwnClientWhereMembersDiffer() {
        putBoth();
        FakeChannel unknown = new FakeChannel("10.0.0.3:7");
        beat(pulling.channel, "c1", on("SQL92", "TAGS = 'A'", 10));
        assertThat(pulling.pull(sqlOf(unknown, 10))).isEqualTo("SUCCESS FOUND next 3 of 0 to 3 a");
        beat(new FakeChannel("10.0.0.2:6"), "c2", on("SQL92", "TAGS = 'B'", 20));
        assertThat(pulling.pull(sqlOf(unknown, 10))).isEmpty();
        beat(unknown, "c3", on("SQL92", "TAGS = 'C'", 10));
        pulling.loop.run();
        assertThat(pulling.answers.getLast()).isEqualTo("SUCCESS FOUND next 3 of 0 to 3 c");
    }

    @Test
    void aClientThatLeftTheGroupPullsByTheGroupsSubscription() {
        putBoth();
        FakeChannel second = new FakeChannel("10.0.0.2:6");
        beat(pulling.channel, "c1", on("TAG", "A", 10));
        beat(second, "c2", on("TAG", "A", 20));
        pulling.consumers.unregister("G", pulling.channel);
        assertThat(pulling.pull(of(pulling.channel, 10))).startsWith("SUCCESS FOUND next 3 ");
        pulling.consumers.unregister("G", second);
        assertThat(pulling.pull(of(pulling.channel, 10))).as("held").isEmpty();
    }

    @Test
    void aGroupThatMayNotBroadcastIsRefused() {
        group("\"consumeBroadcastEnable\":false");
        pulling.heartbeat("G", MessageModel.BROADCASTING, List.of());
        assertThat(pulling.pull(registered(0))).startsWith("NO_PERMISSION BROADCASTING ");
    }
}
