package org.merlinmq.broker.filter.sql;

/**
 * Makes the conditions of {@code =}, and so of {@code <>} and IS NULL, by what stands on their sides.
 *
 * <p>Threading: stateless.
 */
final class Equality {
    private Equality() {}

    /**
     * An equality.
     *
     * @param left its left side
     * @param right its right side
     * @param at where its operator stands
     * @return the condition
     * @throws SqlException if these two cannot be compared
     */
    static Condition of(Term left, Term right, int at) throws SqlException {
        if (isNullWord(left) || isNullWord(right)) {
            throw new SqlException(at, "nothing equals NULL: write IS NULL or IS NOT NULL");
        }
        if (left instanceof Condition.Word && (right instanceof Term.Text || isLiteral(right))) {
            throw new SqlException(at, left + " cannot be compared with " + right);
        }
        if (left instanceof Condition || right instanceof Condition) {
            return withCondition(left, right);
        }
        if (left instanceof Term.Negated || right instanceof Term.Negated) {
            return mixed(left, right);
        }
        if (left instanceof Term.Property property) {
            return property(property, right, Truth.UNKNOWN);
        }
        if (right instanceof Term.Property property) {
            return property(property, left, Truth.FALSE);
        }
        return new Condition.Fixed(literals(left, right));
    }

    private static boolean isNullWord(Term term) {
        return term instanceof Condition.Word word && word.truth() == Truth.UNKNOWN;
    }

    private static boolean isLiteral(Term term) {
        return term instanceof NumberValue number && !number.signed();
    }

    private static Condition withCondition(Term left, Term right) {
        if (left instanceof Term.Property property && right instanceof Condition.Word word) {
            return new Condition.WithTruth(property.number(), word.truth() == Truth.TRUE);
        }
        return mixed(left, right);
    }

    private static Condition mixed(Term left, Term right) {
        return new Condition.Mixed(left, right, 1 + Math.max(left.depth(), right.depth()));
    }

    /** A property and something that is no condition; {@code missing} is what it comes to without the property. */
    private static Condition property(Term.Property property, Term other, Truth missing) {
        return switch (other) {
            case Term.Property second -> new Condition.SameText(property.number(), second.number());
            case Term.Text text -> new Condition.WithText(property.number(), text.utf8(), missing);
            case NumberValue number -> new Condition.WithNumber(property.number(), Comparison.EQUAL, number, missing);
            case Term.Negated negated -> mixed(property, negated);
            case Condition condition -> mixed(property, condition);
        };
    }

    private static Truth literals(Term left, Term right) {
        if (left instanceof NumberValue number && right instanceof NumberValue other) {
            return Comparison.EQUAL.of(number.compare(other));
        }
        if (left instanceof NumberValue number && right instanceof Term.Text text) {
            return Comparison.EQUAL.of(number.compareText(text.utf8()));
        }
        if (left instanceof Term.Text text && right instanceof NumberValue number) {
            return Comparison.EQUAL.of(number.compareText(text.utf8()));
        }
        return Truth.of(left.toString().equals(right.toString()));
    }

    /** IS NULL. */
    static Condition isNull(Term of) {
        return switch (of) {
            case Term.Property property -> new Condition.Presence(property.number(), Truth.FALSE, Truth.TRUE);
            case Term.Text _ -> new Condition.Fixed(Truth.FALSE);
            case NumberValue _ -> new Condition.Fixed(Truth.FALSE);
            case Term.Negated negated -> new Condition.IsNull(negated, negated.depth() + 1);
            case Condition condition -> new Condition.IsNull(condition, condition.depth() + 1);
        };
    }
}
