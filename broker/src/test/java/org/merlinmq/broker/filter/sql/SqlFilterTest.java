package org.merlinmq.broker.filter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.broker.filter.FoundProperties;
import org.merlinmq.protocol.bytes.Bytes;

/** What expressions mean, and which are none. */
class SqlFilterTest {
    private static final SqlLimits LIMITS = new SqlLimits(10_000, 100, 50);

    /** A message with a property of each kind that the rules tell apart; {@code none} is missing. */
    private static final Map<String, String> MESSAGE = new TreeMap<>(Map.ofEntries(
            Map.entry("color", "red"),
            Map.entry("size", "7"),
            Map.entry("price", "5.5"),
            Map.entry("big", "3000000000"),
            Map.entry("debt", "-3"),
            Map.entry("yes", "tRuE"),
            Map.entry("no", "false"),
            Map.entry("quote", "it's"),
            Map.entry("umlaut", "grün"),
            Map.entry("same", "red"),
            Map.entry("TAGS", "TagA"),
            Map.entry("$odd_1", "x")));

    private final FoundProperties found = new FoundProperties();

    private static SqlFilter compile(String expression) {
        try {
            return SqlFilter.compile(expression, LIMITS);
        } catch (SqlException e) {
            throw new AssertionError(expression + ": " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(Map<String, String> properties) {
        StringBuilder text = new StringBuilder();
        properties.forEach((name, value) ->
                text.append(name).append('\u0001').append(value).append('\u0002'));
        return Bytes.utf8(text.toString());
    }

    private boolean takes(String expression) {
        return compile(expression).matches(bytes(MESSAGE), found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "color = 'red'",
                "color='red'AND size=7",
                "'red' = color",
                "color <> 'blue'",
                "color = same",
                "size > 6 and size < 8 AnD size >= 7 AND size <= 7",
                "6 < size",
                "size = 7L",
                "size > 6.5",
                "price = 5.5",
                "price > 5.25e0",
                "price > .5 AND price > 5.",
                "price < size OR FALSE",
                "size > price",
                "big = 3000000000",
                "big > 2999999999.5",
                "debt = -3 AND debt < -2 AND debt = - + 3",
                "debt = - - -3",
                "yes = TRUE AND no = FALSE AND color = FALSE",
                "size BETWEEN 1 AND 7 AND size NOT BETWEEN 8 AND 9",
                "size NOT BETWEEN 1 AND 6",
                "size NOT BETWEEN 5 AND 3",
                "color IN ('blue', 'red') AND color NOT IN ('blue')",
                "color IN ('a','b','c','d','e','red')",
                "none IS NULL AND color IS NOT NULL",
                "color CONTAINS 'e' AND color NOT CONTAINS 'x'",
                "color STARTSWITH 're' AND color EndsWith 'ed' AND color NOT STARTSWITH 'ed' AND color NOT ENDSWITH 're'",
                "quote = 'it''s'",
                "umlaut = 'grün' AND umlaut CONTAINS 'ü'",
                "$odd_1 = 'x'",
                "NOT (color = 'blue')",
                "NOT color",
                "NOT none IS NULL = TRUE OR TRUE",
                "TRUE",
                "color = 'blue' OR size = 7",
                "(color = 'red' OR size = 8) AND NOT (size = 9)",
                "none = 'x' OR color = 'red'",
                "(color = 'red') = TRUE",
                "color = 'red' = TRUE",
                "(none = 'x') IS NULL",
                "'red' = 'red' AND 1 < 2 AND 1 = 1.0 AND 5 = '5'",
                "'red' CONTAINS 'e'",
                "none = none2",
                "-color IS NULL",
                "color = 'red' -- no more",
                "color = 'red' -- more\n AND size = 7",
                "/* first */ color = /* * / */ 'red'",
                "color = 'red' OR size = 'x'",
                "color = 'red' OR color > 3",
                "'x' <> none",
                "no = TRUE OR size = 7"
            })
    void taken(String expression) {
        assertThat(takes(expression)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "color = 'blue'",
                "COLOR = 'red'",
                "color = 'RED'",
                "none = 'x'",
                "none <> 'x'",
                "NOT (none = 'x')",
                "none > 1 OR none < 1",
                "none IN ('a')",
                "none NOT IN ('a')",
                "none CONTAINS 'a'",
                "none NOT CONTAINS 'a'",
                "color CONTAINS ''",
                "color NOT CONTAINS ''",
                "color",
                "yes",
                "FALSE",
                "NULL",
                "NOT NULL",
                "none",
                "NOT none",
                "price > 3",
                "NOT (price > 3)",
                "price > 3 OR color = 'red'",
                "color > 1",
                "NOT (color = 1)",
                "color = 1 OR TRUE",
                "big > 1",
                "big = 3",
                "TRUE = yes",
                "TRUE = none OR FALSE",
                "NOT (TRUE = yes)",
                "color > size",
                "size > none",
                "color = none",
                "none = color",
                "NOT (none = color)",
                "'red' = none",
                "NOT color = 'red'",
                "color = (size = 7)",
                "(size = 7) = color OR TRUE",
                "(size = 7) = 5",
                "5 CONTAINS '5'",
                "(size = 7) CONTAINS 't'",
                "-size > 1 OR -size < 1",
                "NOT (1 > -color)",
                "color = 'red' AND none = 'x'",
                "'a' = 'b'",
                "5 = 'x' OR TRUE",
                "5 = TRUE",
                "none <> none2",
                "none = TRUE",
                "size = 8 OR none = 'x'"
            })
    void notTaken(String expression) {
        assertThat(takes(expression)).isFalse();
    }

    /** Position, what the sentence names, and the expression. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1  | the end | ``",
                "13 | the end | color = 1 OR",
                "8  | found the end | color =",
                "9  | found > | color = > 1",
                "15 | found garbage | color = 'red' garbage",
                "7  | CONTAINS, STARTSWITH or ENDSWITH | color LIKE 'r%'",
                "7  | <> | color != 'red'",
                "9  | no end | color = 'red",
                "13 | no end | color = 'a' /* x",
                "9  | single quotes | color = \"red\"",
                "6  | names hold | color.x = 1",
                "7  | no arithmetic | color * 2 = 1",
                "7  | IS NULL | color = NULL",
                "7  | IS NULL | color <> NULL",
                "7  | quotes | color > '5'",
                "7  | not TRUE | color > TRUE",
                "15 | a condition | (color = 'x') > 5",
                "6  | holds nothing | size BETWEEN 5 AND 3",
                "6  | holds nothing | size BETWEEN 5 AND 3.5",
                "6  | quotes | size BETWEEN '1' AND '2'",
                "7  | before IN | 'red' IN ('a')",
                "11 | text | color IN (1)",
                "11 | found ) | color IN ()",
                "9  | 64 bits | color = 9223372036854775808",
                "9  | 0 without a point | color = 0.0",
                "9  | decimal number | color = 1e999",
                "1  | neither true nor false | 5",
                "1  | neither true nor false | 'red'",
                "1  | neither true nor false | -color",
                "5  | neither true nor false | NOT 5",
                "15 | neither true nor false | color = 1 AND 5",
                "6  | cannot be compared | TRUE = 5",
                "10 | found 5 | color IS 5",
                "11 | found 5 | color NOT 5",
                "13 | expected ) | (color = 'x'",
                "9  | begin with 0 | color = 007"
            })
    void refused(int position, String sentence, String expression) {
        String text = expression == null ? "" : expression;
        assertThatThrownBy(() -> SqlFilter.compile(text, LIMITS))
                .isInstanceOfSatisfying(
                        SqlException.class,
                        e -> assertThat(e.position()).as(e.getMessage()).isEqualTo(position))
                .hasMessageContaining("at character " + position)
                .hasMessageContaining(sentence);
    }

    @Test
    void anExpressionThatIsTooLargeIsRefused() {
        refusedFor("a = 1 OR ".repeat(1_000_000) + "a = 1", "9000005 characters");
        refusedFor("a = 1 OR ".repeat(100) + "a = 1", "more than 100 conditions");
        refusedFor("TRUE OR ".repeat(100) + "a", "more than 100 conditions");
        refusedFor("(".repeat(60) + "a = 1" + ")".repeat(60), "nested deeper than 50");
        refusedFor("NOT ".repeat(60) + "a", "nested deeper than 50");
        refusedFor("- ".repeat(60) + "a = 1", "nested deeper than 50");
        refusedFor("a = 1" + " = b".repeat(60), "nested deeper than 50");
        refusedFor("a" + " IS NULL".repeat(60), "nested deeper than 50");
        refusedFor("a" + " CONTAINS 'x'".repeat(60), "nested deeper than 50");
        assertThat(compile("a = 1 OR ".repeat(99) + "a = 1").comparisons()).isEqualTo(100);
        assertThat(compile("a IN (" + "'x',".repeat(2000) + "'y')").comparisons())
                .isEqualTo(1);
    }

    private static void refusedFor(String expression, String sentence) {
        assertThatThrownBy(() -> SqlFilter.compile(expression, LIMITS))
                .isInstanceOf(SqlException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void anExpressionThatAsksForTagsIsRuledOutByTheQueueEntry() {
        SqlFilter one = compile("TAGS = 'TagA' AND size > 3");
        assertThat(one.mayMatch("TagA".hashCode())).isTrue();
        assertThat(one.mayMatch("TagB".hashCode())).isFalse();
        assertThat(one.mayMatch(0)).isFalse();
        SqlFilter some = compile("size > 3 AND TAGS IN ('TagB', 'TagA')");
        assertThat(some.tagsCodes()).containsExactlyInAnyOrder("TagA".hashCode(), "TagB".hashCode());
        for (String any :
                new String[] {"TAGS = 'TagA' OR size > 3", "TAGS NOT IN ('TagA')", "TAGS <> 'a'", "size > 3"}) {
            assertThat(compile(any).tagsCodes()).as(any).isNull();
            assertThat(compile(any).mayMatch(0)).as(any).isTrue();
        }
    }

    @Test
    void theWordTrueTakesAllWithoutALook() {
        assertThat(compile("TRUE").takesAll()).isTrue();
        assertThat(compile("1 = 1").takesAll()).isFalse();
    }

    @Test
    void ofAPropertyThatOccursTwiceTheLastCounts() {
        byte[] properties = Bytes.utf8("a\u00011\u0002a\u00012\u0002b\u0001\u0002\u0001x\u0002c\u0001x\u0001y");
        assertThat(compile("a = 2 AND b IS NULL").matches(properties, found)).isTrue();
        assertThat(compile("c STARTSWITH 'x' AND c ENDSWITH 'y' AND NOT (c = 'xy')")
                        .matches(properties, found))
                .isTrue();
        assertThat(compile("a IS NULL").matches(new byte[0], found)).isTrue();
    }
}
