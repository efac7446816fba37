package org.merlinmq.broker.subscription;

import org.merlinmq.broker.filter.Filter;
import org.merlinmq.broker.filter.TagFilter;
import org.merlinmq.broker.filter.sql.SqlException;
import org.merlinmq.broker.filter.sql.SqlFilter;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * What became of an expression: a filter, or a refusal with position and cause.
 *
 * <p>Threading: immutable.
 */
public sealed interface Compiled {
    /**
     * It is one.
     *
     * @param filter the messages that it takes
     */
    record Usable(Filter filter) implements Compiled {}

    /**
     * It is none, or of a kind that is not served.
     *
     * @param refusal code and sentence, for whoever brought it and whoever pulls by it
     */
    record Refused(Refusal refusal) implements Compiled {}

    /** How much of a refused expression stands in the sentence. */
    int SHOWN_CHARS = 200;

    /**
     * Compiles an expression. Takes some microseconds for each condition.
     *
     * @param type its kind; {@code TAG} or {@code SQL92}
     * @param expression its text
     * @param config what is served
     * @return the filter or the refusal
     */
    static Compiled of(String type, String expression, FilterConfig config) {
        if (type.equals(Subscription.TAG)) {
            TagFilter filter = TagFilter.parse(expression);
            return filter != null
                    ? new Usable(filter)
                    : new Refused(new Refusal(
                            ResponseCode.SUBSCRIPTION_PARSE_FAILED,
                            "the subscription " + expression + " is no list of tags"));
        }
        if (!type.equals(SqlFilter.TYPE)) {
            return new Refused(new Refusal(
                    ResponseCode.SUBSCRIPTION_PARSE_FAILED,
                    "there are no subscriptions by " + type + ": subscribe by TAG or " + SqlFilter.TYPE));
        }
        if (!config.sql()) {
            return new Refused(new Refusal(
                    ResponseCode.SYSTEM_ERROR,
                    "The broker does not support consumer to filter message by " + type
                            + ": it was switched off (filter.sql, enablePropertyFilter); subscribe by TAG"));
        }
        try {
            return new Usable(SqlFilter.compile(expression, config.limits()));
        } catch (SqlException e) {
            return new Refused(new Refusal(
                    ResponseCode.SUBSCRIPTION_PARSE_FAILED,
                    "the SQL92 expression cannot be used, " + e.getMessage() + ". It is: " + shown(expression)));
        }
    }

    private static String shown(String expression) {
        return expression.length() > SHOWN_CHARS ? expression.substring(0, SHOWN_CHARS) + "…" : expression;
    }
}
