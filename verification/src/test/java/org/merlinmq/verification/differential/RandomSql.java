package org.merlinmq.verification.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Makes SQL92 expressions and messages for them: what the grammar allows, with values that meet all rules of types and nulls,
 * and now and then an expression with a word too many, too few or in the wrong place.
 */
final class RandomSql {
    private static final String[] NAMES = {"a", "b", "c", "d", "$e_1", "TAGS"};
    private static final String[] TEXTS = {
        "1",
        "2",
        "3",
        "-1",
        "+2",
        "007",
        "1.5",
        "2.0",
        "-0",
        "3000000000",
        "9223372036854775808",
        "99999999999999999999",
        "red",
        "blue",
        "re",
        "true",
        "TRUE",
        "false",
        "yes",
        "it's",
        "grün",
        " 1",
        "1 ",
        "NaN",
        "Infinity",
        "0x1p3",
        "1e3",
        "1e400",
        "1f",
        ".5",
        "5.",
        "-",
        ".",
        "1_0",
        "\u0663"
    };
    private static final String[] NUMBERS = {
        "0",
        "1",
        "2",
        "3",
        "7L",
        "1.5",
        "2.0",
        ".5",
        "5.",
        "1e3",
        "2147483647",
        "2147483648",
        "3000000000",
        "9223372036854775807"
    };
    private static final String[] ORDERS = {">", ">=", "<", "<="};
    private static final String[] WORDS = {
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        "=",
        "<>",
        ">",
        "IS",
        "NULL",
        "TRUE",
        "IN",
        "BETWEEN",
        "a",
        "'red'",
        "1",
        "-",
        ",",
        "CONTAINS",
        "LIKE"
    };

    private final RandomGenerator random;

    RandomSql(RandomGenerator random) {
        this.random = random;
    }

    /** The properties of a message as they stand in a header. */
    String properties() {
        StringBuilder all = new StringBuilder();
        for (String name : NAMES) {
            if (random.nextInt(10) < 7) {
                all.append(name).append('\u0001').append(one(TEXTS)).append('\u0002');
            }
        }
        return all.toString();
    }

    /** An expression; one of eight is broken. */
    String expression() {
        String whole = or(3);
        return random.nextInt(8) == 0 ? broken(whole) : whole;
    }

    private String broken(String whole) {
        List<String> words = new ArrayList<>(List.of(whole.split(" ")));
        int at = random.nextInt(words.size());
        switch (random.nextInt(3)) {
            case 0 -> words.remove(at);
            case 1 -> words.add(at, one(WORDS));
            default -> words.set(at, one(WORDS));
        }
        return String.join(" ", words);
    }

    private String one(String[] of) {
        return of[random.nextInt(of.length)];
    }

    private String or(int depth) {
        StringBuilder all = new StringBuilder(and(depth));
        for (int more = random.nextInt(3); more > 1; more--) {
            all.append(" OR ").append(and(depth));
        }
        return all.toString();
    }

    private String and(int depth) {
        StringBuilder all = new StringBuilder(condition(depth));
        for (int more = random.nextInt(3); more > 1; more--) {
            all.append(random.nextBoolean() ? " AND " : " and ").append(condition(depth));
        }
        return all.toString();
    }

    private String condition(int depth) {
        if (depth > 0 && random.nextInt(4) == 0) {
            String inner = "( " + or(depth - 1) + " )";
            return switch (random.nextInt(5)) {
                case 0 -> "NOT " + inner;
                case 1 -> inner + " = " + operand(depth - 1);
                case 2 -> inner + " IS NULL";
                default -> inner;
            };
        }
        String not = random.nextBoolean() ? " NOT" : "";
        return switch (random.nextInt(12)) {
            case 0, 1 -> operand(depth) + " = " + operand(depth);
            case 2 -> operand(depth) + " <> " + operand(depth);
            case 3, 4, 5 -> number() + " " + one(ORDERS) + " " + number();
            case 6 -> number() + not + " BETWEEN " + number() + " AND " + number();
            case 7 -> one(NAMES) + not + " IN ( " + text() + " , " + text() + " , 'red' )";
            case 8 -> operand(depth) + " IS" + not + " NULL";
            case 9 -> operand(depth) + not + one(new String[] {" CONTAINS ", " STARTSWITH ", " EndsWith "}) + text();
            case 10 -> random.nextBoolean() ? one(NAMES) : one(new String[] {"TRUE", "FALSE", "NULL", "NOT a"});
            default -> one(NAMES) + " = " + literal();
        };
    }

    private String operand(int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 6)) {
            case 0, 1, 2 -> one(NAMES);
            case 3, 4 -> literal();
            case 5 -> random.nextInt(4) == 0 ? "- " + one(NAMES) : one(new String[] {"TRUE", "FALSE"});
            default -> "( " + condition(depth - 1) + " )";
        };
    }

    /** What may be compared by order: mostly. */
    private String number() {
        return switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4, 5 -> one(NAMES);
            case 6, 7, 8, 9 -> (random.nextInt(4) == 0 ? "- " : "") + one(NUMBERS);
            case 10 -> "+ " + one(NAMES);
            default -> random.nextInt(4) == 0 ? text() : "- " + one(NAMES);
        };
    }

    private String literal() {
        return switch (random.nextInt(4)) {
            case 0 -> (random.nextInt(4) == 0 ? "- " : "") + one(NUMBERS);
            case 1 -> random.nextBoolean() ? "TRUE" : "false";
            default -> text();
        };
    }

    private String text() {
        return random.nextInt(12) == 0 ? "''" : "'" + one(TEXTS).replace("'", "''") + "'";
    }
}
