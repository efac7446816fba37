package org.merlinmq.broker.filter.sql;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.merlinmq.broker.filter.FoundProperties;
import org.merlinmq.protocol.bytes.Bytes;

class SqlFuzzTest {
    private static final SqlLimits LIMITS = new SqlLimits(4096, 200, 50);

    static Stream<byte[]> seeds() {
        return Stream.of(
                        "a = 1 AND b <> 'x' OR NOT (c IS NULL)|a\u00011\u0002b\u0001y\u0002",
                        "a BETWEEN 1 AND 5.5 AND b NOT IN ('x', 'it''s')|a\u00013\u0002b\u0001z",
                        "a > b AND a >= -1.5e3 AND c CONTAINS 'x' AND d NOT STARTSWITH 'y'|a\u00011\u0002b\u00010x1p3\u0002c\u0001xx",
                        "(a = TRUE) = b IS NOT NULL -- why\n AND + 5 < 6L /* so */|b\u0001TRUE\u0002a\u0001true",
                        "- (a = 1) = NULL|")
                .map(Bytes::utf8);
    }

    /** What stands before the first bar is an expression, and the rest properties. */
    @MethodSource("seeds")
    @FuzzTest(maxDuration = "2m")
    void anyExpressionIsCompiledOrRefusedAndAnyPropertiesAreLookedAt(byte[] bytes) {
        int bar = Bytes.indexOf(bytes, 0, bytes.length, '|');
        String expression = Bytes.text(bytes, 0, bar);
        byte[] properties = Arrays.copyOfRange(bytes, Math.min(bar + 1, bytes.length), bytes.length);
        FoundProperties found = new FoundProperties();
        try {
            SqlFilter filter = SqlFilter.compile(expression, LIMITS);
            boolean taken = filter.matches(properties, found);
            assertThat(filter.matches(properties, new FoundProperties())).isEqualTo(taken);
            assertThat(taken && negated(expression, properties))
                    .as("%s and its opposite", expression)
                    .isFalse();
        } catch (SqlException e) {
            assertThat(e.position()).isBetween(1, Math.max(LIMITS.maxChars(), expression.length()) + 1);
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static boolean negated(String expression, byte[] properties) {
        try {
            return SqlFilter.compile("NOT (" + expression + "\n)", LIMITS).matches(properties, new FoundProperties());
        } catch (SqlException tooLarge) {
            return false;
        }
    }
}
