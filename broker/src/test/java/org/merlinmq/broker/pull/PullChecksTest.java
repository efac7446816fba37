package org.merlinmq.broker.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.client.Subscription;
import org.merlinmq.broker.filter.TagFilter;
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
        pulling.configure(new PullConfig(32, 256 << 10, true, 1000, 10, false), 6);
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
    void aPullMayBringTagsAndNothingElse() {
        pulling.request(0).expression.set("||");
        pulling.pull("client");
        assertThat(pulling.answers.getLast()).startsWith("SUBSCRIPTION_PARSE_FAILED ");
        pulling.request(0).expressionType.set("SQL92");
        pulling.pull("client");
        assertThat(pulling.answers.getLast()).startsWith("SYSTEM_ERROR ").contains("SQL92");
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

    @Test
    void aSubscriptionByAnotherKindIsRefused() {
        pulling.heartbeat(
                "G", MessageModel.CLUSTERING, List.of(new Subscription("T", "SQL92", "a = 1", 1, TagFilter.ALL)));
        assertThat(pulling.pull(registered(1))).startsWith("SYSTEM_ERROR ").contains("SQL92");
    }

    @Test
    void aGroupThatMayNotBroadcastIsRefused() {
        group("\"consumeBroadcastEnable\":false");
        pulling.heartbeat("G", MessageModel.BROADCASTING, List.of());
        assertThat(pulling.pull(registered(0))).startsWith("NO_PERMISSION BROADCASTING ");
    }
}
