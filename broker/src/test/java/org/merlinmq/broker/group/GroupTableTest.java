package org.merlinmq.broker.group;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.RequestMode;
import org.merlinmq.protocol.body.RequestModeTable;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.body.SubscriptionGroupTable;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.request.DeleteGroupRequest;
import org.merlinmq.protocol.request.ForbidTopicRequest;
import org.merlinmq.protocol.request.GroupRequest;
import org.merlinmq.transport.dispatch.Answer;

class GroupTableTest {
    private int durable;
    private final FakeJournal journal = new FakeJournal();
    private final List<String> cleaned = new ArrayList<>();
    private final FakeTopics topics = new FakeTopics();
    private final GroupTable groups = table(true);
    private final RequestModes modes = new RequestModes(journal);
    private final GroupHandlers handlers = new GroupHandlers(
            groups,
            modes,
            topics,
            (group, change) -> {
                cleaned.add(group);
                return journal.append(change);
            },
            () -> durable++);

    private GroupTable table(boolean autoCreate) {
        return new GroupTable(journal, () -> 5, autoCreate, topics);
    }

    private static Fields fields(String... namesAndValues) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return map::get;
    }

    @Test
    void aGroupThatAClientNamesIsMadeOnceAndSurvives() {
        SubscriptionGroup made = requireNonNull(groups.findOrCreate("G"));
        assertThat(made.retryMaxTimes()).isEqualTo(16);
        groups.findOrCreate("G");
        assertThat(journal.size()).isEqualTo(1);
        GroupTable again = table(true);
        journal.replay(again::apply);
        assertThat(again.find("G")).isEqualTo(made);
    }

    @Test
    void aSlavesGroupsBecomeThoseOfItsMaster() {
        groups.findOrCreate("Stays");
        groups.findOrCreate("Goes");
        groups.allow("Stays", "Closed", false);
        groups.allow("Stays", "Opens", false);
        SubscriptionGroup changes = SubscriptionGroup.of("Comes").withAttributes(Map.of("a", "b"));
        SubscriptionGroupTable master = new SubscriptionGroupTable(
                new DataVersion(3, 0, 0),
                Map.of("Stays", Map.of("Closed", 4, "Closes", 4, "Opens", 1)),
                Map.of(
                        "Stays",
                        SubscriptionGroup.of("Stays"),
                        "Comes",
                        changes,
                        "no name",
                        SubscriptionGroup.of("no name")));
        groups.follow(master);
        assertThat(groups.find("Goes")).isNull();
        assertThat(groups.find("no name")).isNull();
        assertThat(requireNonNull(groups.find("Comes")).attributes()).isEqualTo(Map.of("a", "b"));
        assertThat(groups.find("TOOLS_CONSUMER")).as("the broker's own").isNotNull();
        assertThat(groups.mayRead("Stays", "Closed")).isFalse();
        assertThat(groups.mayRead("Stays", "Closes")).isFalse();
        assertThat(groups.mayRead("Stays", "Opens")).isTrue();
        int changesSoFar = journal.size();
        groups.follow(master);
        assertThat(journal.size()).as("nothing more to change").isEqualTo(changesSoFar);
        GroupTable again = table(true);
        journal.replay(again::apply);
        assertThat(again.find("Comes")).isEqualTo(groups.find("Comes"));
        assertThat(again.find("Goes")).isNull();
    }

    @Test
    void aSlavesRequestModesBecomeThoseOfItsMaster() {
        RequestMode pop = new RequestMode("G", "POP", 2, "T");
        RequestModeTable master = new RequestModeTable(Map.of("T", Map.of("G", pop)));
        modes.follow(master);
        assertThat(modes.find("T", "G")).isEqualTo(pop);
        modes.follow(master);
        assertThat(journal.size()).isEqualTo(1);
    }

    @Test
    void noGroupIsMadeWhereThatIsOffOrTheNameIsNone() {
        assertThat(table(false).findOrCreate("G")).isNull();
        assertThat(table(false).findOrCreate("TOOLS_CONSUMER")).isNotNull();
        assertThat(groups.findOrCreate("a b")).isNull();
        assertThat(groups.findOrCreate("x".repeat(121))).isNull();
        assertThat(groups.whyNone("x".repeat(121))).contains("121").contains("120");
        assertThat(groups.findOrCreate("x".repeat(120))).isNotNull();
        assertThat(handlers.update(SubscriptionGroup.of("a/b")).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
    }

    @Test
    void attributesAreSetAndRemovedBySign() {
        handlers.update(SubscriptionGroup.read(
                "{\"groupName\":\"G\",\"attributes\":{\"+a\":\"1\",\"+b\":\"2\"}}".getBytes(StandardCharsets.UTF_8)));
        handlers.update(SubscriptionGroup.read("{\"groupName\":\"G\",\"retryMaxTimes\":3,\"attributes\":{\"-a\":\"\"}}"
                .getBytes(StandardCharsets.UTF_8)));
        SubscriptionGroup group = requireNonNull(groups.find("G"));
        assertThat(group.attributes()).containsOnly(Map.entry("b", "2"));
        assertThat(group.retryMaxTimes()).isEqualTo(3);
    }

    @Test
    void anUnchangedGroupIsNotWrittenAgain() {
        handlers.update(SubscriptionGroup.of("G"));
        long version = groups.table().dataVersion().counter();
        handlers.update(SubscriptionGroup.of("G"));
        assertThat(journal.size()).isEqualTo(1);
        assertThat(groups.table().dataVersion().counter()).isEqualTo(version);
    }

    @Test
    void deletingAGroupTakesItsOffsetsWhenAskedInEitherSpelling() {
        groups.findOrCreate("G");
        handlers.delete(DeleteGroupRequest.read(fields("groupName", "G")));
        assertThat(groups.find("G")).isNull();
        assertThat(cleaned).isEmpty();
        handlers.delete(DeleteGroupRequest.read(fields("groupName", "G", "cleanOffset", "true")));
        handlers.delete(DeleteGroupRequest.read(fields("groupName", "H", "removeOffset", "true")));
        assertThat(cleaned).containsExactly("G", "H");
        handlers.delete(DeleteGroupRequest.read(fields("groupName", "TOOLS_CONSUMER")));
        assertThat(groups.find("TOOLS_CONSUMER")).isNotNull();
    }

    @Test
    void theTableIsExportedAndImportedAsRocketMqDoes() {
        groups.findOrCreate("G");
        handlers.forbid(ForbidTopicRequest.read(fields("group", "G", "topic", "T", "readable", "false")));
        byte[] text = groups.table().write();
        assertThat(SubscriptionGroupTable.read(text).forbiddenTable()).containsOnly(Map.entry("G", Map.of("T", 4)));
        GroupTable other = table(true);
        assertThat(other.importJson(text)).isEmpty();
        assertThat(other.find("G")).isEqualTo(groups.find("G"));
        assertThat(other.mayRead("G", "T")).isFalse();
        assertThat(other.mayRead("G", "U")).isTrue();
    }

    @Test
    void aForbiddenTopicIsAllowedAgainAndGoesWithItsGroup() {
        groups.findOrCreate("G");
        handlers.forbid(ForbidTopicRequest.read(fields("group", "G", "topic", "T", "readable", "false")));
        handlers.forbid(ForbidTopicRequest.read(fields("group", "G", "topic", "U", "readable", "false")));
        handlers.forbid(ForbidTopicRequest.read(fields("group", "G", "topic", "T", "readable", "true")));
        assertThat(groups.mayRead("G", "T")).isTrue();
        assertThat(groups.mayRead("G", "U")).isFalse();
        GroupTable again = table(true);
        journal.replay(again::apply);
        assertThat(again.mayRead("G", "T")).isTrue();
        assertThat(again.mayRead("G", "U")).isFalse();
        handlers.delete(DeleteGroupRequest.read(fields("groupName", "G")));
        assertThat(groups.mayRead("G", "U")).isTrue();
    }

    @Test
    void onlyTheBitForReadingIsTakenOver() {
        GroupTable other = table(true);
        other.importJson(
                "{\"dataVersion\":{\"counter\":0,\"stateVersion\":0,\"timestamp\":0},\"forbiddenTable\":{\"G\":{\"T\":4,\"U\":3}},\"subscriptionGroupTable\":{}}"
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(other.mayRead("G", "T")).isFalse();
        assertThat(other.mayRead("G", "U")).isTrue();
    }

    @Test
    void aPolicyThatMakesNoSenseIsRefused() {
        Answer answer = handlers.update(SubscriptionGroup.read(
                "{\"groupName\":\"G\",\"groupRetryPolicy\":{\"type\":\"LINEAR\"}}".getBytes(StandardCharsets.UTF_8)));
        assertThat(answer.code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(answer.remark()).contains("LINEAR").contains("EXPONENTIAL");
        assertThat(groups.find("G")).isNull();
    }

    @Test
    void aRequestModeIsCheckedAndKept() {
        RequestMode mode = new RequestMode("G", "POP", 4, "T");
        assertThat(handlers.setMode(mode).code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
        topics.add("T", 4);
        assertThat(handlers.setMode(mode).code()).isEqualTo(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
        groups.findOrCreate("G");
        assertThat(handlers.setMode(mode).code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(modes.find("T", "G")).isEqualTo(mode);
        assertThat(handlers.setMode(new RequestMode("G", "POP", 4, "%RETRY%G")).code())
                .isEqualTo(ResponseCode.NO_PERMISSION);
    }

    @Test
    void aConsumerGoesOnWithTheDefaultsWhereTheDiskTakesNoNewGroup() {
        boolean[] full = {true};
        GroupTable cramped = new GroupTable(
                change -> {
                    if (full[0]) {
                        throw new DiskException("no space left", true, null);
                    }
                    return 1;
                },
                () -> 1_000,
                true,
                new FakeTopics());

        assertThat(cramped.findOrCreate("g")).isEqualTo(SubscriptionGroup.of("g"));
        assertThat(cramped.find("g")).isNull();
        full[0] = false;
        assertThat(cramped.findOrCreate("g")).isSameAs(cramped.find("g")).isNotNull();
    }

    @Test
    void askingForAGroupMakesItWhereThatIsOn() {
        Answer answer = handlers.one(GroupRequest.read(fields("group", "New")));
        assertThat(SubscriptionGroup.read(answer.body()).groupName()).isEqualTo("New");
    }

    @Test
    void aGroupIsMadeWithItsRetryTopicWhoeverMakesIt() {
        groups.findOrCreate("G");
        handlers.update(SubscriptionGroup.of("H"));
        assertThat(topics.names()).contains("%RETRY%G", "%RETRY%H");
        groups.findOrCreate("TOOLS_CONSUMER");
        assertThat(topics.names()).doesNotContain("%RETRY%TOOLS_CONSUMER");
    }

    @Test
    void retryTopicsThatAreMissingAreMadeAtTheStartAsFarAsTheDiskTakesThem() {
        byte[] tooLong = Bytes.utf8("g".repeat(250));
        groups.apply(
                StateTypes.GROUP, tooLong, SubscriptionGroup.of("g".repeat(250)).write());
        groups.findOrCreate("G");
        groups.findOrCreate("H");
        FakeTopics none = new FakeTopics() {
            @Override
            public @Nullable Shape findOrCreate(String name, int queueCount, int permission, int systemFlag) {
                if (name.equals("%RETRY%G")) {
                    throw new DiskException("no space left", true, null);
                }
                return super.findOrCreate(name, queueCount, permission, systemFlag);
            }
        };
        GroupTable again = new GroupTable(journal, () -> 5, true, none);
        journal.replay(again::apply);
        again.makeRetryTopics();
        assertThat(none.names()).containsExactly("%RETRY%H");
    }
}
