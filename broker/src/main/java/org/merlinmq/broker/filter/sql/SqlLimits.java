package org.merlinmq.broker.filter.sql;

/**
 * How large an expression may be.
 *
 * @param maxChars most characters
 * @param maxConditions most comparisons, bare names and words TRUE, FALSE, NULL; the values of an IN count as one
 * @param maxDepth how deep parentheses, NOT, signs and chained comparisons may nest: each level takes stack of the thread
 *     that evaluates
 */
public record SqlLimits(int maxChars, int maxConditions, int maxDepth) {
    /** The highest depth that an event loop's stack is sure to hold. */
    private static final int DEEPEST = 200;

    /** Checks the bounds. */
    public SqlLimits {
        if (maxChars < 1 || maxConditions < 1 || maxDepth < 1 || maxDepth > DEEPEST) {
            throw new IllegalArgumentException("limits of expressions must be above 0, and the depth at most " + DEEPEST
                    + ": " + maxChars + ", " + maxConditions + ", " + maxDepth);
        }
    }
}
