package org.merlinmq.broker.filter.sql;

/**
 * Makes the conditions of {@code > >= < <=}, by what stands on their sides.
 *
 * <p>Threading: stateless.
 */
final class Order {
    private Order() {}

    /**
     * An order.
     *
     * @param left its left side
     * @param comparison the operator
     * @param right its right side
     * @param at where the operator stands
     * @return the condition
     * @throws SqlException if a side has no order
     */
    static Condition of(Term left, Comparison comparison, Term right, int at) throws SqlException {
        check(left, comparison, at);
        check(right, comparison, at);
        if (left instanceof Term.Negated || right instanceof Term.Negated) {
            return new Condition.NullOrder(left, right, 1 + Math.max(left.depth(), right.depth()));
        }
        if (left instanceof Term.Property property) {
            return right instanceof NumberValue number
                    ? new Condition.WithNumber(property.number(), comparison, number, Truth.UNKNOWN)
                    : new Condition.AsNumbers(property.number(), comparison, ((Term.Property) right).number());
        }
        NumberValue number = (NumberValue) left;
        return right instanceof Term.Property property
                ? new Condition.WithNumber(property.number(), comparison.flipped(), number, Truth.UNKNOWN)
                : new Condition.Fixed(comparison.of(number.compare((NumberValue) right)));
    }

    private static void check(Term side, Comparison comparison, int at) throws SqlException {
        if (side instanceof Term.Text || side instanceof Condition) {
            throw new SqlException(
                    at,
                    comparison.shown + " compares numbers and properties that hold numbers, not "
                            + SqlParser.shown(side)
                            + (side instanceof Term.Text ? ": leave out the quotes of a number" : ""));
        }
    }
}
