package org.merlinmq.broker.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.client.ConsumerGroup.ConsumeSettings;
import org.merlinmq.broker.client.ConsumerGroups.Client;
import org.merlinmq.broker.filter.TagFilter;
import org.merlinmq.broker.subscription.ClientSubscriptions;
import org.merlinmq.broker.subscription.Subscription;
import org.merlinmq.protocol.body.ConsumeFromWhere;
import org.merlinmq.protocol.body.ConsumeType;
import org.merlinmq.protocol.body.MessageModel;

class ConsumerGroupsTest {
    private static final ConsumeSettings CLUSTERING = new ConsumeSettings(
            ConsumeType.CONSUME_PASSIVELY, MessageModel.CLUSTERING, ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);

    private final AtomicLong now = new AtomicLong(1_000_000);
    private final List<String> told = new ArrayList<>();
    private final ConsumerGroups groups = new ConsumerGroups(now::get, group -> told.add(group.name()));
    private final FakeChannel first = new FakeChannel("10.0.0.1:1");
    private final FakeChannel second = new FakeChannel("10.0.0.2:2");

    private static Subscription on(String topic, long version, String expression) {
        return new Subscription(
                topic, Subscription.TAG, expression, version, requireNonNull(TagFilter.parse(expression)));
    }

    private void beat(FakeChannel channel, String clientId, Subscription... subscriptions) {
        groups.heartbeat("G", new Client(channel, clientId, 0, 479), CLUSTERING, List.of(subscriptions));
    }

    private ConsumerGroup group() {
        return requireNonNull(groups.find("G"));
    }

    @Test
    void aNewMemberAndAnotherTopicAreToldButARepeatedHeartbeatIsNot() {
        beat(first, "a", on("T", 1, "*"));
        assertThat(told).hasSize(1);
        beat(first, "a", on("T", 1, "*"));
        assertThat(told).hasSize(1);
        beat(second, "b", on("T", 1, "*"));
        assertThat(told).hasSize(2);
        beat(second, "b", on("T", 1, "*"), on("U", 1, "*"));
        assertThat(told).hasSize(3);
        beat(second, "b", on("U", 1, "*"));
        assertThat(told).as("the first has still T").hasSize(3);
        assertThat(group().subscription("T")).isNotNull();
        beat(first, "a", on("U", 1, "*"));
        assertThat(told).hasSize(4);
        assertThat(group().subscription("T")).isNull();
    }

    @Test
    void onlyAHigherVersionReplacesASubscription() {
        beat(first, "a", on("T", 5, "A"));
        beat(first, "a", on("T", 4, "B"));
        assertThat(requireNonNull(group().subscription("T")).expression()).isEqualTo("A");
        beat(first, "a", on("T", 6, "C"));
        assertThat(requireNonNull(group().subscription("T")).expression()).isEqualTo("C");
        assertThat(told).as("the topics stayed the same").hasSize(1);
    }

    @Test
    void oneClientOnTwoConnectionsIsOneConsumer() {
        beat(first, "a", on("T", 1, "*"));
        beat(second, "a", on("T", 1, "*"));
        assertThat(group().members()).hasSize(2);
        assertThat(group().clientIds()).containsExactly("a");
    }

    @Test
    void aClosedConnectionLeavesAllItsGroupsAtOnce() {
        beat(first, "a", on("T", 1, "*"));
        beat(second, "b", on("T", 1, "*"));
        groups.heartbeat("H", new Client(first, "a", 0, 479), CLUSTERING, List.of(on("T", 1, "*")));
        told.clear();
        groups.closed(first);
        assertThat(told).containsExactlyInAnyOrder("G", "H");
        assertThat(group().clientIds()).containsExactly("b");
        assertThat(groups.find("H")).as("nobody is left").isNull();
    }

    @Test
    void aSilentClientIsTakenOutAndItsConnectionClosed() {
        beat(first, "a", on("T", 1, "*"));
        now.addAndGet(60_000);
        beat(second, "b", on("T", 1, "*"));
        now.addAndGet(60_001);
        assertThat(groups.expire()).isTrue();
        assertThat(first.open).isFalse();
        assertThat(group().clientIds()).containsExactly("b");
        now.addAndGet(120_001);
        assertThat(groups.expire()).as("nobody is left to look after").isFalse();
    }

    @Test
    void unregisteringTwiceIsToldOnce() {
        beat(first, "a", on("T", 1, "*"));
        beat(second, "b", on("T", 1, "*"));
        told.clear();
        groups.unregister("G", first);
        groups.unregister("G", first);
        assertThat(told).containsExactly("G");
    }

    @Test
    void producersAreKeptByGroupAsLongAsTheyAreHeardOf() {
        ProducerGroups producers = new ProducerGroups(now::get);
        producers.heartbeat("P", new Client(first, "a", 0, 479));
        producers.heartbeat("P", new Client(second, "b", 0, 479));
        assertThat(producers.members("P")).hasSize(2);
        producers.closed(second);
        assertThat(producers.members("P")).hasSize(1);
        now.addAndGet(120_001);
        assertThat(producers.expire()).isFalse();
        assertThat(producers.all()).isEmpty();
    }

    @Test
    void twoLiveClientsWithOneIdAreFoundOut() {
        beat(first, "a", on("T", 1, "*"));
        now.addAndGet(10_000);
        beat(second, "a", on("T", 1, "*"));
        assertThat(group().sharedClientIds()).as("it may have connected again").isEmpty();
        now.addAndGet(30_000);
        beat(second, "a", on("T", 1, "*"));
        assertThat(group().sharedClientIds()).as("the first is silent").isEmpty();
        beat(first, "a", on("T", 1, "*"));
        assertThat(group().sharedClientIds()).containsExactly("a");
        assertThat(group().members()).allMatch(Member::sharesClientId);
        groups.closed(second);
        assertThat(group().sharedClientIds()).as("one is left").isEmpty();
    }

    @Test
    void heartbeatsThatCrossWhileAClientConnectsAgainAreNoSecondClient() {
        beat(first, "a", on("T", 1, "*"));
        now.addAndGet(30_000);
        beat(second, "a", on("T", 1, "*"));
        now.addAndGet(5);
        beat(first, "a", on("T", 1, "*"));
        now.addAndGet(30_000);
        beat(second, "a", on("T", 1, "*"));
        assertThat(group().sharedClientIds()).isEmpty();
    }

    // ---- subscriptions of each client

    private static @Nullable ClientSubscriptions of(FakeChannel channel) {
        return channel.session().subscriptions(new byte[] {'G'}, 0, 1);
    }

    private static String expression(FakeChannel channel, String topic) {
        return requireNonNull(requireNonNull(of(channel)).find(topic)).expression();
    }

    @Test
    void eachClientKeepsItsOwnSubscriptionWhateverOthersOfItsGroupHave() {
        beat(first, "a", on("T", 1, "A"));
        beat(second, "b", on("T", 2, "A || B"), on("U", 2, "*"));
        beat(first, "a", on("T", 1, "A"));
        assertThat(expression(first, "T")).isEqualTo("A");
        assertThat(expression(second, "T")).isEqualTo("A || B");
        assertThat(requireNonNull(of(first)).find("U")).isNull();
        assertThat(requireNonNull(group().subscription("T")).expression())
                .as("the group's is the newest")
                .isEqualTo("A || B");
    }

    @Test
    void whatALeavingClientAloneSubscribedToIsNoLongerTheGroups() {
        beat(first, "a", on("T", 1, "A"));
        beat(second, "b", on("T", 2, "B"), on("U", 2, "*"));
        groups.closed(second);
        assertThat(requireNonNull(group().subscription("T")).expression()).isEqualTo("A");
        assertThat(group().subscription("U")).isNull();
        assertThat(of(second)).isNull();
        groups.unregister("G", first);
        assertThat(of(first)).isNull();
    }

    @Test
    void anOlderHeartbeatThatComesLateChangesNothing() {
        beat(first, "a", on("T", 5, "A"));
        beat(first, "a", on("T", 4, "B"));
        assertThat(expression(first, "T")).isEqualTo("A");
    }

    @Test
    void aHeartbeatWithoutSubscriptionsKeepsThoseOfItsClient() {
        beat(first, "a", on("T", 5, "A"));
        groups.heartbeat("G", new Client(first, "a", 0, 479), CLUSTERING, null);
        assertThat(expression(first, "T")).isEqualTo("A");
        groups.heartbeat("G", new Client(second, "a", 0, 479), CLUSTERING, null);
        assertThat(expression(second, "T"))
                .as("of the client's other connection")
                .isEqualTo("A");
        FakeChannel third = new FakeChannel("10.0.0.3:3");
        groups.heartbeat("G", new Client(third, "c", 0, 479), CLUSTERING, null);
        assertThat(requireNonNull(of(third)).isEmpty()).isTrue();
    }

    @Test
    void aConnectionThatAnotherClientUsesNowHasThatOnesSubscriptions() {
        beat(first, "a", on("T", 5, "A"), on("U", 5, "*"));
        beat(first, "b", on("T", 1, "B"));
        assertThat(expression(first, "T")).isEqualTo("B");
        assertThat(group().subscriptions()).containsOnlyKeys("T");
    }

    @Test
    void whereMembersDifferIsKnownAsLongAsTheyDo() {
        beat(first, "a", on("T", 1, "A || B"), on("U", 1, "*"));
        beat(second, "b", on("T", 2, "B||A"), on("U", 2, "*"));
        assertThat(group().differs("T")).as("the same tags").isFalse();
        beat(second, "b", on("T", 3, "B || C"), on("U", 2, "*"));
        assertThat(group().differs("T")).isTrue();
        assertThat(group().differs("U")).isFalse();
        assertThat(group().differingSubscriptions())
                .singleElement()
                .satisfies(each -> assertThat(each.one().clientId() + " "
                                + each.ones().expression() + ", " + each.other().clientId() + " "
                                + each.others().expression())
                        .isEqualTo("b B || C, a A || B"));
        beat(first, "a", on("T", 4, "B || C"), on("U", 1, "*"));
        assertThat(group().differs("T")).isFalse();
        beat(first, "a", on("T", 5, "*"), on("U", 1, "*"));
        assertThat(group().differs("T")).isTrue();
        groups.closed(second);
        assertThat(group().differs("T")).isFalse();
    }

    @Test
    void membersOfABroadcastingGroupMayDiffer() {
        ConsumeSettings broadcasting = new ConsumeSettings(
                ConsumeType.CONSUME_PASSIVELY, MessageModel.BROADCASTING, ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        groups.heartbeat("G", new Client(first, "a", 0, 479), broadcasting, List.of(on("T", 1, "A")));
        groups.heartbeat("G", new Client(second, "b", 0, 479), broadcasting, List.of(on("T", 2, "B")));
        assertThat(group().differs("T")).isFalse();
        assertThat(requireNonNull(of(first)).broadcasts()).isTrue();
    }
}
