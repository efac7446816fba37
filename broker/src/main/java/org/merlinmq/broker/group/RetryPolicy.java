package org.merlinmq.broker.group;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonValue;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * The delays between the retries of a message, for groups that have their own.
 *
 * <p>Units: milliseconds; {@code times} counts the failed consumptions before this one, from 0.
 * <p>Source: a group's {@code groupRetryPolicy} and the formulas of RocketMQ 5.5.0. Its broker keeps a policy and does not
 * act on it; here it counts, since it stands in a group only if somebody put it there.
 */
public sealed interface RetryPolicy {
    /** {@link #delayMillis}: the delay levels decide. */
    long BY_LEVEL = -1;

    /** The delay levels: level 3 the first time, one more each time. */
    record Levels() implements RetryPolicy {
        @Override
        public long delayMillis(int times) {
            return BY_LEVEL;
        }
    }

    /**
     * Steps in a list. The first two are passed over, since RocketMQ counts them like its delay levels, where retries
     * begin at the third; behind the last one it stays.
     *
     * @param next the steps; at least one
     */
    record Steps(List<Long> next) implements RetryPolicy {
        private static final int PASSED_OVER = 2;

        /** Copies the list. */
        public Steps {
            next = List.copyOf(next);
        }

        @Override
        public long delayMillis(int times) {
            return next.get(Math.min(times + PASSED_OVER, next.size() - 1));
        }
    }

    /**
     * A delay that grows by the same factor each time.
     *
     * @param initial the first one
     * @param max the longest
     * @param multiplier the factor
     */
    record Exponential(long initial, long max, long multiplier) implements RetryPolicy {
        private static final int MOST_TIMES = 32;

        @Override
        public long delayMillis(int times) {
            double delay = (double) initial * Math.pow((double) multiplier, Math.min(times, MOST_TIMES));
            return delay >= (double) max ? max : (long) delay;
        }
    }

    /**
     * How long the next retry waits.
     *
     * @param times failed consumptions so far, without this one
     * @return the delay, or {@link #BY_LEVEL}
     */
    long delayMillis(int times);

    /**
     * A group's policy.
     *
     * @param group the group
     * @return its policy; the levels if it has none or none that makes sense
     */
    static RetryPolicy of(SubscriptionGroup group) {
        JsonObject json = group.groupRetryPolicy();
        try {
            return json == null || check(group) != null ? new Levels() : read(json);
        } catch (JsonException e) {
            return new Levels();
        }
    }

    /**
     * Why a group's policy makes no sense.
     *
     * @param group the group
     * @return the refusal, or null if it does
     */
    static @Nullable Refusal check(SubscriptionGroup group) {
        JsonObject json = group.groupRetryPolicy();
        if (json == null) {
            return null;
        }
        String type = json.textOr("type", "CUSTOMIZED");
        if (!type.equals("CUSTOMIZED") && !type.equals("EXPONENTIAL")) {
            return refused(group, "its type is CUSTOMIZED or EXPONENTIAL, not " + type);
        }
        return switch (read(json)) {
            case Levels _ -> null;
            case Steps(List<Long> next)
            when next.isEmpty() || next.stream().anyMatch(step -> step < 0) ->
                refused(group, "next needs at least one step, in milliseconds from 0 on, not " + next);
            case Steps _ -> null;
            case Exponential(long initial, long max, long multiplier)
            when initial < 0 || max < 0 || multiplier < 1 ->
                refused(
                        group,
                        "initial and max are milliseconds from 0 on and multiplier is at least 1, not " + initial + ", "
                                + max + " and " + multiplier);
            case Exponential _ -> null;
        };
    }

    private static RetryPolicy read(JsonObject json) {
        boolean exponential = json.textOr("type", "").equals("EXPONENTIAL");
        JsonObject of = json.object(exponential ? "exponentialRetryPolicy" : "customizedRetryPolicy");
        if (of == null || (!exponential && of.value("next") == null)) {
            return new Levels();
        }
        if (exponential) {
            return new Exponential(
                    of.longOr("initial", 5_000), of.longOr("max", 7_200_000), of.longOr("multiplier", 2));
        }
        List<Long> next = new ArrayList<>();
        for (JsonValue step : of.array("next")) {
            // What is no whole number is refused like a negative one.
            next.add(step instanceof JsonValue.Whole(long millis) ? millis : -1L);
        }
        return new Steps(next);
    }

    private static Refusal refused(SubscriptionGroup group, String why) {
        return new Refusal(
                ResponseCode.INVALID_PARAMETER, "the groupRetryPolicy of " + group.groupName() + " is refused: " + why);
    }
}
