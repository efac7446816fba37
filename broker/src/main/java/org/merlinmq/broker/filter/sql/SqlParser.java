package org.merlinmq.broker.filter.sql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.merlinmq.broker.filter.ByteTable;
import org.merlinmq.broker.filter.sql.SqlScan.Kind;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * Reads an expression in one pass, by recursive descent.
 *
 * <pre>
 *   or          and (OR and)*
 *   and         equality (AND equality)*
 *   equality    comparison ((= | &lt;&gt;) comparison | IS [NOT] NULL)*
 *   comparison  unary ((&gt; | &gt;= | &lt; | &lt;=) unary | [NOT] (CONTAINS | STARTSWITH | ENDSWITH) text
 *               | [NOT] BETWEEN unary AND unary | [NOT] IN (text, …))*
 *   unary       (+ | - | NOT) unary | primary
 *   primary     text | number | TRUE | FALSE | NULL | name | ( or )
 * </pre>
 *
 * <p>Threading: one thread, for one expression.
 *
 * <p>Source: the grammar and the checks of RocketMQ 5.5.0, but that nothing may follow an expression.
 */
final class SqlParser {
    private final SqlLimits limits;
    private final SqlScan scan;
    private final Map<String, Integer> names = new LinkedHashMap<>();
    private int conditions;
    private int nesting;

    SqlParser(String expression, SqlLimits limits) throws SqlException {
        if (expression.length() > limits.maxChars()) {
            throw new SqlException(
                    limits.maxChars() + 1,
                    "the expression has " + expression.length() + " characters, and may have " + limits.maxChars()
                            + " (filter.sql-max-length)");
        }
        this.limits = limits;
        scan = new SqlScan(expression);
    }

    /** The names of the properties, in the order of their numbers. */
    List<String> names() {
        return List.copyOf(names.keySet());
    }

    /** How many conditions there are. */
    int conditions() {
        return conditions;
    }

    Condition parse() throws SqlException {
        int start = scan.position();
        Term whole = or();
        if (scan.kind() != Kind.END && !scan.isLastComment()) {
            throw unexpected("the end, AND or OR");
        }
        return condition(whole, start);
    }

    // ---- the grammar

    private Term or() throws SqlException {
        int start = scan.position();
        Term first = and();
        if (scan.kind() != Kind.OR) {
            return first;
        }
        List<Condition> parts = new ArrayList<>();
        parts.add(condition(first, start));
        while (take(Kind.OR)) {
            int partStart = scan.position();
            parts.add(condition(and(), partStart));
        }
        return within(new Condition.Any(List.copyOf(parts), depthOf(parts)));
    }

    private Term and() throws SqlException {
        int start = scan.position();
        Term first = equality();
        if (scan.kind() != Kind.AND) {
            return first;
        }
        List<Condition> parts = new ArrayList<>();
        parts.add(condition(first, start));
        while (take(Kind.AND)) {
            int partStart = scan.position();
            parts.add(condition(equality(), partStart));
        }
        return within(new Condition.All(List.copyOf(parts), depthOf(parts)));
    }

    private static int depthOf(List<Condition> parts) {
        return 1 + parts.stream().mapToInt(Term::depth).max().orElse(0);
    }

    private Term equality() throws SqlException {
        Term left = comparison();
        while (true) {
            int at = scan.position();
            if (take(Kind.EQUAL)) {
                left = counted(Equality.of(left, comparison(), at));
            } else if (take(Kind.UNEQUAL)) {
                left = counted(Condition.Not.of(Equality.of(left, comparison(), at)));
            } else if (take(Kind.IS)) {
                boolean not = take(Kind.NOT);
                expect(Kind.NULL);
                Condition isNull = Equality.isNull(left);
                left = counted(not ? Condition.Not.of(isNull) : isNull);
            } else {
                return left;
            }
        }
    }

    private Term comparison() throws SqlException {
        Term left = unary();
        while (true) {
            int at = scan.position();
            switch (scan.kind()) {
                case GREATER -> left = order(left, Comparison.GREATER);
                case GREATER_EQUAL -> left = order(left, Comparison.GREATER_EQUAL);
                case LESS -> left = order(left, Comparison.LESS);
                case LESS_EQUAL -> left = order(left, Comparison.LESS_EQUAL);
                case NOT -> {
                    scan.next();
                    left = predicate(left, true, at);
                }
                case CONTAINS, STARTSWITH, ENDSWITH, BETWEEN, IN -> left = predicate(left, false, at);
                default -> {
                    return left;
                }
            }
        }
    }

    private Term order(Term left, Comparison comparison) throws SqlException {
        int at = scan.position();
        scan.next();
        return counted(Order.of(left, comparison, unary(), at));
    }

    /** What may have NOT before it. */
    private Term predicate(Term left, boolean not, int at) throws SqlException {
        return switch (scan.kind()) {
            case CONTAINS -> counted(matches(left, TextPattern.Place.ANYWHERE, not));
            case STARTSWITH -> counted(matches(left, TextPattern.Place.START, not));
            case ENDSWITH -> counted(matches(left, TextPattern.Place.END, not));
            case BETWEEN -> between(left, not, at);
            case IN -> counted(in(left, not, at));
            default -> throw unexpected("CONTAINS, STARTSWITH, ENDSWITH, BETWEEN or IN");
        };
    }

    private Condition matches(Term left, TextPattern.Place place, boolean not) throws SqlException {
        scan.next();
        byte[] text = Bytes.utf8(text());
        if (text.length == 0) {
            return new Condition.Fixed(Truth.FALSE);
        }
        TextPattern pattern = new TextPattern(place, text);
        return switch (left) {
            case Term.Property property -> new Condition.Matches(property.number(), pattern, not);
            case Term.Text said ->
                new Condition.Fixed(Truth.of(pattern.matches(said.utf8(), 0, said.utf8().length) != not));
            case NumberValue _ -> new Condition.Fixed(Truth.FALSE);
            case Term.Negated negated -> new Condition.NoText(negated, negated.depth() + 1);
            case Condition condition -> new Condition.NoText(condition, condition.depth() + 1);
        };
    }

    private Term between(Term left, boolean not, int at) throws SqlException {
        scan.next();
        Term low = unary();
        expect(Kind.AND);
        Term high = unary();
        if (!not
                && low instanceof NumberValue least
                && high instanceof NumberValue most
                && !least.signed()
                && !most.signed()
                && most.compare(least) < 0) {
            throw new SqlException(
                    at, "BETWEEN " + least + " AND " + most + " holds nothing: the smaller stands first");
        }
        List<Condition> parts = List.of(
                counted(Order.of(left, not ? Comparison.LESS : Comparison.GREATER_EQUAL, low, at)),
                counted(Order.of(left, not ? Comparison.GREATER : Comparison.LESS_EQUAL, high, at)));
        return within(not ? new Condition.Any(parts, depthOf(parts)) : new Condition.All(parts, depthOf(parts)));
    }

    private Condition in(Term left, boolean not, int at) throws SqlException {
        scan.next();
        if (!(left instanceof Term.Property property)) {
            throw new SqlException(at, "before IN stands the name of a property, not " + shown(left));
        }
        expect(Kind.OPEN);
        Set<String> texts = new LinkedHashSet<>();
        do {
            texts.add(text());
        } while (take(Kind.COMMA));
        expect(Kind.CLOSE);
        return new Condition.OneOf(property.number(), ByteTable.of(List.copyOf(texts)), not);
    }

    private Term unary() throws SqlException {
        int at = scan.position();
        if (++nesting > limits.maxDepth()) {
            throw tooDeep(at);
        }
        try {
            if (take(Kind.PLUS)) {
                return unary();
            }
            if (take(Kind.MINUS)) {
                Term of = unary();
                return of instanceof NumberValue number ? number.negated() : within(Term.Negated.of(of));
            }
            if (take(Kind.NOT)) {
                int start = scan.position();
                return within(Condition.Not.of(condition(unary(), start)));
            }
            return primary();
        } finally {
            nesting--;
        }
    }

    private Term primary() throws SqlException {
        return switch (scan.kind()) {
            case TEXT -> {
                String said = text();
                yield new Term.Text(said, Bytes.utf8(said));
            }
            case WHOLE -> whole();
            case REAL -> real();
            case TRUE -> word(Truth.TRUE);
            case FALSE -> word(Truth.FALSE);
            case NULL -> word(Truth.UNKNOWN);
            case NAME -> {
                String name = scan.word();
                scan.next();
                yield new Term.Property(names.computeIfAbsent(name, made -> names.size()), name);
            }
            case OPEN -> {
                scan.next();
                Term inner = or();
                expect(Kind.CLOSE);
                yield inner;
            }
            default -> throw unexpected("a name, a text, a number or a parenthesis");
        };
    }

    private Condition word(Truth truth) throws SqlException {
        Condition word = counted(new Condition.Word(truth));
        scan.next();
        return word;
    }

    private NumberValue whole() throws SqlException {
        String word = scan.word();
        boolean suffix = word.endsWith("l") || word.endsWith("L");
        try {
            NumberValue value =
                    NumberValue.whole(Long.parseLong(word, 0, suffix ? word.length() - 1 : word.length(), 10));
            scan.next();
            return value;
        } catch (NumberFormatException tooLarge) {
            throw new SqlException(scan.position(), "the number " + scan.shown() + " does not fit 64 bits");
        }
    }

    private NumberValue real() throws SqlException {
        double value = Double.parseDouble(scan.word());
        if (value > Double.MAX_VALUE || value < Double.MIN_VALUE) {
            throw new SqlException(
                    scan.position(),
                    "the number " + scan.shown() + " is no decimal number above 0 that fits 64 bits"
                            + (value == 0 ? ": write 0 without a point" : ""));
        }
        scan.next();
        return NumberValue.real(value);
    }

    // ---- what the grammar stands on

    private String text() throws SqlException {
        if (scan.kind() != Kind.TEXT) {
            throw unexpected("a text in single quotes");
        }
        String said = scan.value();
        scan.next();
        return said;
    }

    private boolean take(Kind kind) throws SqlException {
        if (scan.kind() != kind) {
            return false;
        }
        scan.next();
        return true;
    }

    private void expect(Kind kind) throws SqlException {
        if (!take(kind)) {
            throw unexpected(kind.shown);
        }
    }

    private SqlException unexpected(String expected) {
        String cure = scan.kind() == Kind.NAME && scan.word().equalsIgnoreCase("LIKE")
                ? "; there is no LIKE: write CONTAINS, STARTSWITH or ENDSWITH"
                : "";
        return new SqlException(scan.position(), "expected " + expected + ", found " + scan.shown() + cure);
    }

    /** What is to come to true or false. */
    private Condition condition(Term term, int at) throws SqlException {
        return switch (term) {
            case Condition condition -> condition;
            case Term.Property property ->
                counted(new Condition.Presence(property.number(), Truth.FALSE, Truth.UNKNOWN));
            case Term.Text text -> throw noCondition(text, at);
            case NumberValue number -> throw noCondition(number, at);
            case Term.Negated negated -> throw noCondition(negated, at);
        };
    }

    private static SqlException noCondition(Term term, int at) {
        return new SqlException(at, shown(term) + " is neither true nor false: compare it with something");
    }

    static String shown(Term term) {
        return term instanceof Condition && !(term instanceof Condition.Word) ? "a condition" : term.toString();
    }

    private Condition counted(Condition condition) throws SqlException {
        if (++conditions > limits.maxConditions()) {
            throw new SqlException(
                    scan.position(),
                    "there are more than " + limits.maxConditions()
                            + " conditions (filter.sql-max-conditions); many values of one property fit one IN");
        }
        within(condition);
        return condition;
    }

    private Term within(Term term) throws SqlException {
        if (term.depth() > limits.maxDepth()) {
            throw tooDeep(scan.position());
        }
        return term;
    }

    private SqlException tooDeep(int at) {
        return new SqlException(at, "it is nested deeper than " + limits.maxDepth() + " levels");
    }
}
