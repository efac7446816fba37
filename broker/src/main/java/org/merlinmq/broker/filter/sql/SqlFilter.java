package org.merlinmq.broker.filter.sql;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.filter.FoundProperties;
import org.merlinmq.broker.filter.PropertyNames;
import org.merlinmq.broker.filter.RecordFilter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;

/**
 * Takes the messages whose properties make an expression true, such as {@code color = 'red' AND size > 3}. An expression
 * that asks for certain tags is decided by the queue entry as long as the tag is another one.
 *
 * <p>Threading: immutable; any thread.
 *
 * <p>Source: grammar, types and nulls of RocketMQ's SQL92 expressions: docs/operate/filters.md.
 */
public final class SqlFilter implements RecordFilter {
    /** The type of such expressions on the wire. */
    public static final String TYPE = "SQL92";

    private final String expression;
    private final Condition condition;
    private final PropertyNames names;
    private final int comparisons;
    private final long @Nullable [] tags;

    private SqlFilter(String expression, Condition condition, PropertyNames names, int comparisons) {
        this.expression = expression;
        this.condition = condition;
        this.names = names;
        this.comparisons = comparisons;
        tags = tags(condition);
    }

    /**
     * Compiles an expression.
     *
     * @param expression the expression
     * @param limits how large it may be
     * @return the filter
     * @throws SqlException if it is none, or too large: with position and cause
     */
    public static SqlFilter compile(String expression, SqlLimits limits) throws SqlException {
        SqlParser parser = new SqlParser(expression, limits);
        Condition condition = parser.parse();
        return new SqlFilter(expression, condition, new PropertyNames(parser.names()), parser.conditions());
    }

    /** The hashes of the tags of which a message must have one; null if the expression asks for none. */
    private long @Nullable [] tags(Condition of) {
        List<Condition> needed = of instanceof Condition.All all ? all.parts() : List.of(of);
        for (Condition each : needed) {
            if (each instanceof Condition.WithText text && isTag(text.property())) {
                return new long[] {Bytes.javaHash(text.text(), 0, text.text().length)};
            }
            if (each instanceof Condition.OneOf some && !some.not() && isTag(some.property())) {
                long[] hashes = new long[some.texts().size()];
                for (int i = 0; i < hashes.length; i++) {
                    byte[] tag = some.texts().key(i);
                    hashes[i] = Bytes.javaHash(tag, 0, tag.length);
                }
                return Arrays.stream(hashes).sorted().distinct().toArray();
            }
        }
        return null;
    }

    private boolean isTag(int property) {
        byte[] name = names.key(property);
        return Bytes.equalsAscii(name, 0, name.length, PropertyName.TAGS);
    }

    @Override
    public boolean mayMatch(long tagsCode) {
        return tags == null || Arrays.binarySearch(tags, tagsCode) >= 0;
    }

    @Override
    public long @Nullable [] tagsCodes() {
        return tags;
    }

    @Override
    public boolean takesAll() {
        return condition instanceof Condition.Word word && word.truth() == Truth.TRUE;
    }

    @Override
    public boolean matches(RecordView record, FoundProperties found) {
        found.find(record, names);
        return condition.test(found) == Truth.TRUE;
    }

    /** As {@link #matches(RecordView, FoundProperties)}, of properties in their bytes. */
    boolean matches(byte[] properties, FoundProperties found) {
        found.find(properties, 0, properties.length, names);
        return condition.test(found) == Truth.TRUE;
    }

    @Override
    public int comparisons() {
        return comparisons;
    }

    @Override
    public String toString() {
        return expression;
    }
}
