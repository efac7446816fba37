package org.merlinmq.verification.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.body.CheckClientConfig;
import org.merlinmq.protocol.body.SubscriptionEntry;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/**
 * Generated SQL92 expressions on generated messages, at Apache's broker and at ours: both take the same messages.
 *
 * <p>A round is {@value #EXPRESSIONS} expressions on {@value #MESSAGES} messages. {@code -Dverification.sqlRounds=16} plays
 * more than 10,000 pairs; {@code -Dmerlin.seed=…} repeats the round that failed.
 */
class SqlDifferentialTest {
    private static final int ROUNDS = Integer.getInteger("verification.sqlRounds", 3);
    private static final int EXPRESSIONS = 25;
    private static final int MESSAGES = 40;
    private static final Map<String, String> SETTINGS = Map.of("enablePropertyFilter", "true");

    private int compared;
    private int refused;
    private int taken;

    /** What a server does with an expression. */
    private record Outcome(List<Long> taken, String refusal) {}

    @Test
    void expressionsTakeTheSameMessagesAsAtApachesBroker() throws IOException {
        Assumptions.assumeTrue(Server.hasApache("5.5.0"), "verification/resolve apache fetches Apache's server");
        Assumptions.assumeTrue(Server.chosen().equals("merlin"), "two servers are compared already");
        try (Server apache = Server.apache("5.5.0", SharedServer.freshFolder("sql-apache-"), SETTINGS);
                Server ours = Server.start(SharedServer.freshFolder("sql-"), SETTINGS);
                Talk there = new Talk(apache.broker());
                Talk here = new Talk(ours.broker())) {
            Seeds.forEach(ROUNDS, random -> round(random, there, here));
        }
        // So that the generator cannot come to make only what is never taken.
        assertThat(taken).as("messages taken, of %s pairs", compared).isGreaterThan(compared / 20);
        System.out.println(compared + " pairs of expression and message compared, " + taken + " taken; " + refused
                + " expressions refused by both");
    }

    private void round(RandomGenerator random, Talk there, Talk here) throws IOException {
        RandomSql sql = new RandomSql(random);
        String topic = "Sql" + Long.toString(random.nextLong() >>> 1, 36);
        there.topic(topic, 1);
        here.topic(topic, 1);
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            String properties = sql.properties();
            messages.add(properties);
            there.send(topic, 0, properties, "m" + i);
            here.send(topic, 0, properties, "m" + i);
        }
        awaitAll(there, topic);
        for (int i = 0; i < EXPRESSIONS; i++) {
            compare(sql.expression(), topic, messages, there, here);
        }
    }

    /** Apache's broker answers a send before its queue has the message. */
    private static void awaitAll(Talk there, String topic) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (there.maxOffset(topic, 0) < MESSAGES) {
            assertThat(System.nanoTime())
                    .as("the time for messages to be in their queue")
                    .isLessThan(end);
        }
    }

    private void compare(String expression, String topic, List<String> messages, Talk there, Talk here)
            throws IOException {
        Outcome apache = play(there, topic, expression);
        Outcome ours = play(here, topic, expression);
        if (isAboutWhatFollows(ours.refusal())) {
            return;
        }
        assertThat(ours.refusal().isEmpty())
                .as("%s: refused there for <%s>, here for <%s>", expression, apache.refusal(), ours.refusal())
                .isEqualTo(apache.refusal().isEmpty());
        if (!ours.refusal().isEmpty()) {
            refused++;
            return;
        }
        for (long offset = 0; offset < MESSAGES; offset++) {
            assertThat(ours.taken().contains(offset))
                    .as(
                            "%s takes %s",
                            expression,
                            messages.get((int) offset).replace('\u0001', '=').replace('\u0002', ' '))
                    .isEqualTo(apache.taken().contains(offset));
        }
        compared += MESSAGES;
        taken += ours.taken().size();
    }

    /** RocketMQ ignores what follows an expression, and with it half of what somebody meant; here it is refused. */
    private static boolean isAboutWhatFollows(String refusal) {
        return refusal.contains("expected the end")
                || refusal.contains("BETWEEN or IN, found")
                || refusal.contains("begin with 0");
    }

    /** Checks the expression as clients do before they start, and pulls by it: Apache gives all for one that is broken. */
    private static Outcome play(Talk talk, String topic, String expression) throws IOException {
        Frame check = talk.call(RequestCode.CHECK_CLIENT_CONFIG, Map.of(), check(topic, expression));
        if (check.code() == ResponseCode.SUBSCRIPTION_PARSE_FAILED.number()) {
            return new Outcome(List.of(), String.valueOf(check.remark()));
        }
        assertThat(check.isOk()).as("%s: %s", expression, check.remark()).isTrue();
        List<Long> taken = new ArrayList<>();
        RecordView record = new RecordView();
        long at = 0;
        while (at < MESSAGES) {
            Map<String, String> fields = Talk.pullFields(topic, 0, at);
            fields.put("subscription", expression);
            fields.put("expressionType", "SQL92");
            Frame reply = talk.call(RequestCode.PULL_MESSAGE, fields, new byte[0]);
            assertThat(reply.isOk() || reply.code() == ResponseCode.PULL_RETRY_IMMEDIATELY.number())
                    .as("%s: %s %s", expression, reply.code(), reply.remark())
                    .isTrue();
            for (int from = 0; from < reply.body().length; from += record.totalBytes()) {
                assertThat(record.on(reply.body(), from, reply.body().length - from))
                        .isTrue();
                taken.add(record.queueOffset());
            }
            long next = reply.requiredLong("nextBeginOffset");
            assertThat(next).isGreaterThan(at);
            at = next;
        }
        return new Outcome(taken, "");
    }

    private static byte[] check(String topic, String expression) {
        SubscriptionEntry entry = new SubscriptionEntry(false, List.of(), "SQL92", expression, 1, List.of(), topic);
        return new CheckClientConfig("one@1", "Reader", null, entry).write();
    }
}
