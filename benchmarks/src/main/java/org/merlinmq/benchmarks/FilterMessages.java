package org.merlinmq.benchmarks;

import java.util.List;
import java.util.SplittableRandom;
import org.merlinmq.protocol.body.ConsumeFromWhere;
import org.merlinmq.protocol.body.ConsumeType;
import org.merlinmq.protocol.body.ConsumerEntry;
import org.merlinmq.protocol.body.HeartbeatBody;
import org.merlinmq.protocol.body.MessageModel;
import org.merlinmq.protocol.body.SubscriptionEntry;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;

/** What the load programs for filters share: messages whose tags and sizes are each of ten alike, and subscriptions. */
final class FilterMessages {
    /** Messages after which their properties repeat: each tag, size and colour is as frequent as any other. */
    static final int PERIOD = 400;

    /** Tags {@code t0} and so on; sizes are below ten times as many. */
    static final int TAGS = 10;

    private static final String[] COLOURS = {"red", "green", "blue", "black"};

    private FilterMessages() {}

    /** The number whose digits make a message's properties, for each message of a period. */
    static int[] order() {
        int[] order = new int[PERIOD];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < PERIOD; i++) {
            int other = random.nextInt(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
        return order;
    }

    /** The properties of one message, with a unique key to be numbered. */
    static String properties(int digits) {
        return String.format(
                "UNIQ_KEY\u0001%s\u0002size\u0001%d\u0002colour\u0001%s\u0002WAIT\u0001true\u0002TAGS\u0001t%d",
                RequestTemplate.UNIQUE_KEY, digits % 100, COLOURS[digits / 100], digits % TAGS);
    }

    /** The heartbeat of a push consumer with one subscription. */
    static Frame heartbeat(String group, String client, String topic, String type, String expression) {
        boolean tag = type.equals("TAG");
        SubscriptionEntry subscription = new SubscriptionEntry(
                false,
                tag ? List.of(expression.hashCode()) : List.of(),
                type,
                expression,
                System.currentTimeMillis(),
                tag ? List.of(expression) : List.of(),
                topic);
        ConsumerEntry consumer = new ConsumerEntry(
                ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET,
                ConsumeType.CONSUME_PASSIVELY,
                group,
                MessageModel.CLUSTERING,
                List.of(subscription),
                false);
        return Frame.request(
                RequestCode.HEART_BEAT,
                null,
                new HeartbeatBody(client, List.of(consumer), 0, List.of(), false).write());
    }
}
