package org.merlinmq.broker.filter.sql;

import java.util.List;
import org.merlinmq.broker.filter.ByteTable;
import org.merlinmq.broker.filter.FoundProperties;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * A part of an expression that comes to true, false or null. The kinds are what RocketMQ's expressions can mean once it is
 * known on which side a property stands, and which type a literal has.
 *
 * <p>Threading: immutable.
 *
 * <p>Source: the rules of RocketMQ 5.5.0 for types and nulls, tested against it in {@code verification}. The odd ones are
 * kept: a missing property on the right of {@code =} makes it false, on the left null; two missing ones are equal.
 */
sealed interface Condition extends Term {
    /**
     * Evaluates the condition. Allocates nothing, but for odd numbers.
     *
     * @param found the properties of the message
     * @return what it comes to
     */
    Truth test(FoundProperties found);

    /** One of the words TRUE, FALSE and NULL. */
    record Word(Truth truth) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            return truth;
        }

        @Override
        public String toString() {
            return truth == Truth.UNKNOWN ? "NULL" : truth.name();
        }
    }

    /** What comes to the same for every message: a comparison of literals. */
    record Fixed(Truth truth) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            return truth;
        }
    }

    /** What depends on whether a property is there and on nothing else. */
    record Presence(int property, Truth present, Truth missing) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            return found.has(property) ? present : missing;
        }
    }

    /** The opposite. */
    record Not(Condition of, int depth) implements Condition {
        static Not of(Condition condition) {
            return new Not(condition, condition.depth() + 1);
        }

        @Override
        public Truth test(FoundProperties found) {
            return of.test(found).not();
        }
    }

    /** AND of all, from left to right; what stands behind a false one is not evaluated. */
    record All(List<Condition> parts, int depth) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            return chain(parts, found, Truth.FALSE, Truth.TRUE);
        }
    }

    /** OR of all, from left to right; what stands behind a true one is not evaluated. */
    record Any(List<Condition> parts, int depth) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            return chain(parts, found, Truth.TRUE, Truth.FALSE);
        }
    }

    private static Truth chain(List<Condition> parts, FoundProperties found, Truth decides, Truth otherwise) {
        Truth all = otherwise;
        for (int i = 0; i < parts.size(); i++) {
            Truth one = parts.get(i).test(found);
            if (one == decides || one == Truth.FAILED) {
                return one;
            }
            all = one == Truth.UNKNOWN ? one : all;
        }
        return all;
    }

    /** A property compared with a number. */
    record WithNumber(int property, Comparison comparison, NumberValue number, Truth missing) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            return found.has(property)
                    ? comparison.of(number.compareText(found.bytes(), found.at(property), found.length(property)))
                    : missing;
        }
    }

    /** A property equal to a text. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record WithText(int property, byte[] text, Truth missing) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            if (!found.has(property)) {
                return missing;
            }
            return Truth.of(found.length(property) == text.length
                    && Bytes.equals(found.bytes(), found.at(property), text, 0, text.length));
        }
    }

    /** A property that says {@code true}, in any case, or anything else. */
    record WithTruth(int property, boolean truth) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            return found.has(property) ? Truth.of(saysTrue(found, property) == truth) : Truth.UNKNOWN;
        }
    }

    private static boolean saysTrue(FoundProperties found, int property) {
        byte[] b = found.bytes();
        int at = found.at(property);
        return found.length(property) == 4
                && (b[at] | 0x20) == 't'
                && (b[at + 1] | 0x20) == 'r'
                && (b[at + 2] | 0x20) == 'u'
                && (b[at + 3] | 0x20) == 'e';
    }

    /** Two properties of the same text. */
    record SameText(int left, int right) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            if (!found.has(left)) {
                return found.has(right) ? Truth.UNKNOWN : Truth.TRUE;
            }
            int length = found.length(left);
            return Truth.of(found.has(right)
                    && length == found.length(right)
                    && Bytes.equals(found.bytes(), found.at(left), found.bytes(), found.at(right), length));
        }
    }

    /** Two properties compared as decimal numbers. */
    record AsNumbers(int left, Comparison comparison, int right) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            if (!found.has(left) || !found.has(right)) {
                return Truth.UNKNOWN;
            }
            byte[] b = found.bytes();
            if (!NumberText.isDouble(b, found.at(left), found.length(left))
                    || !NumberText.isDouble(b, found.at(right), found.length(right))) {
                return Truth.FAILED;
            }
            return comparison.of(Double.compare(
                    NumberText.readDouble(b, found.at(left), found.length(left)),
                    NumberText.readDouble(b, found.at(right), found.length(right))));
        }
    }

    /** A property that is one of some texts, or none of them. */
    record OneOf(int property, ByteTable texts, boolean not) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            if (!found.has(property)) {
                return Truth.UNKNOWN;
            }
            boolean in = texts.find(found.bytes(), found.at(property), found.length(property)) >= 0;
            return Truth.of(in != not);
        }
    }

    /** A property that contains a text, or begins or ends with it, or does not. */
    record Matches(int property, TextPattern pattern, boolean not) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            return Truth.of(found.has(property)
                    && pattern.matches(found.bytes(), found.at(property), found.length(property)) != not);
        }
    }

    /** Whether something is null that is no property. */
    record IsNull(Term of, int depth) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            Truth value = presence(of, found);
            return value == Truth.FAILED ? value : Truth.of(value == Truth.UNKNOWN);
        }
    }

    /** False, unless what it is about fails: what no text is cannot contain one. */
    record NoText(Term of, int depth) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            return presence(of, found) == Truth.FAILED ? Truth.FAILED : Truth.FALSE;
        }
    }

    /** An order of two sides of which one is a {@link Term.Negated}: null, unless a side fails. */
    record NullOrder(Term left, Term right, int depth) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            Truth first = presence(left, found);
            return first == Truth.TRUE ? nullOf(presence(right, found)) : nullOf(first);
        }

        private static Truth nullOf(Truth side) {
            return side == Truth.FAILED ? side : Truth.UNKNOWN;
        }
    }

    /** An equality of which a side is a condition or a {@link Term.Negated}. */
    record Mixed(Term left, Term right, int depth) implements Condition {
        @Override
        public Truth test(FoundProperties found) {
            Truth one = presence(left, found);
            Truth other = one == Truth.FAILED ? one : presence(right, found);
            if (other == Truth.FAILED) {
                return Truth.FAILED;
            }
            if (one == Truth.UNKNOWN) {
                return other == Truth.UNKNOWN ? Truth.TRUE : Truth.UNKNOWN;
            }
            if (other == Truth.UNKNOWN) {
                return Truth.FALSE;
            }
            if (left instanceof Condition) {
                return withTruth(right, one, other);
            }
            return switch (left) {
                case Property property -> Truth.of(saysTrue(found, property.number()) == (other == Truth.TRUE));
                case Text text -> Truth.of(text.value().equalsIgnoreCase("true") == (other == Truth.TRUE));
                case NumberValue _ -> Truth.FALSE;
                case Negated _ -> Truth.UNKNOWN;
                case Condition _ -> throw new IllegalStateException("a condition was dealt with above");
            };
        }

        /** A truth on the left is converted to nothing: against a text RocketMQ fails, against a number it is unequal. */
        private static Truth withTruth(Term right, Truth one, Truth other) {
            return switch (right) {
                case Condition _ -> Truth.of(one == other);
                case Property _ -> Truth.FAILED;
                case Text _ -> Truth.FAILED;
                case NumberValue _ -> Truth.FALSE;
                case Negated _ -> Truth.FALSE;
            };
        }
    }

    /** What a condition comes to; of anything else TRUE if it has a value, UNKNOWN if it is null. */
    private static Truth presence(Term term, FoundProperties found) {
        return switch (term) {
            case Condition condition -> condition.test(found);
            case Property property -> found.has(property.number()) ? Truth.TRUE : Truth.UNKNOWN;
            case Text _ -> Truth.TRUE;
            case NumberValue _ -> Truth.TRUE;
            case Negated negated -> presence(negated.of(), found) == Truth.FAILED ? Truth.FAILED : Truth.UNKNOWN;
        };
    }
}
