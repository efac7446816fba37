package org.merlinmq.broker.filter.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.testkit.Seeds;

/** Numbers are read from bytes as Java reads them from strings. */
class NumberTextTest {
    private static final String[] ODD = {
        "+",
        "-",
        ".",
        "1.",
        ".1",
        "1e5",
        "1E+5",
        "1e",
        "1e+",
        " 1 ",
        "1 2",
        "NaN",
        "-Infinity",
        "+NaN",
        "nan",
        "1f",
        "1d",
        "1L",
        "0x1p3",
        "0x",
        "-0",
        "0.0",
        "00012",
        "--1",
        "1.2.3",
        "10.0.0.1",
        "2026-11-29",
        "\u0661\u0662",
        "1\u0662",
        "2147483647",
        "2147483648",
        "-2147483648",
        "-2147483649",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "000000000000000000000000000000000001",
        "123456789012345",
        "1234567890123456",
        "0.1234567890123456789",
        "1e400",
        "4.9e-324",
        "1e-400",
        "\u00a01"
    };

    @Test
    void oddOnes() {
        for (String text : ODD) {
            isReadAsJavaReadsIt(text);
        }
    }

    @Test
    void anyOnes() {
        Seeds.forEach(2_000, random -> isReadAsJavaReadsIt(text(random)));
    }

    private static String text(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> Long.toString(random.nextLong() >> random.nextInt(64));
            case 1 -> Double.toString(random.nextDouble() * Math.pow(10, random.nextInt(-20, 20)));
            case 2 ->
                new java.math.BigDecimal(random.nextLong() >> random.nextInt(64))
                        .movePointLeft(random.nextInt(12))
                        .toPlainString();
            default -> {
                StringBuilder any = new StringBuilder();
                int length = random.nextInt(1, 8);
                for (int i = 0; i < length; i++) {
                    any.append("0123456789.-+eEfdxNI ".charAt(random.nextInt(21)));
                }
                yield any.toString();
            }
        };
    }

    private static void isReadAsJavaReadsIt(String text) {
        byte[] b = Bytes.utf8("," + text + "9");
        int length = b.length - 2;
        Integer asInt = number(() -> Integer.valueOf(text));
        assertThat(NumberText.readInt(b, 1, length))
                .as("int %s", text)
                .isEqualTo(asInt == null ? NumberText.NO_INT : asInt.longValue());
        Long asLong = number(() -> Long.valueOf(text));
        for (long with : new long[] {0, 5, asLong == null ? 7 : asLong}) {
            assertThat(NumberText.compareLong(b, 1, length, with))
                    .as("long %s", text)
                    .isEqualTo(asLong == null ? Comparison.NONE : Long.compare(asLong, with));
        }
        Double asDouble = number(() -> Double.valueOf(text));
        assertThat(NumberText.isDouble(b, 1, length)).as("double %s", text).isEqualTo(asDouble != null);
        if (asDouble != null) {
            assertThat(NumberText.readDouble(b, 1, length))
                    .as("double %s", text)
                    .isEqualTo(asDouble);
        }
    }

    private static <N> @Nullable N number(java.util.function.Supplier<N> read) {
        try {
            return read.get();
        } catch (NumberFormatException none) {
            return null;
        }
    }
}
