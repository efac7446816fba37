package org.merlinmq.broker.filter;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TagFilterTest {
    private static TagFilter parsed(String expression) {
        return requireNonNull(TagFilter.parse(expression));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "*"})
    void nothingAndAsteriskTakeAll(String expression) {
        TagFilter filter = parsed(expression);
        assertThat(filter.takesAll()).isTrue();
        assertThat(filter.mayMatch(0)).isTrue();
        assertThat(filter.mayMatch("x".hashCode())).isTrue();
    }

    @Test
    void tagsMatchByHashWhateverTheirSign() {
        TagFilter filter = parsed("TagA || zzzzzzz||  polygenelubricants ||");
        assertThat(filter.tags()).containsExactlyInAnyOrder("TagA", "zzzzzzz", "polygenelubricants");
        for (String tag : filter.tags()) {
            assertThat(filter.mayMatch(tag.hashCode())).as(tag).isTrue();
        }
        assertThat(filter.mayMatch("TagB".hashCode())).isFalse();
        assertThat(filter.mayMatch(0)).as("a message without tag").isFalse();
        assertThat("polygenelubricants".hashCode()).isEqualTo(Integer.MIN_VALUE);
    }

    @Test
    void anExpressionWithoutAnyTagIsNoFilter() {
        assertThat(TagFilter.parse("||")).isNull();
        assertThat(TagFilter.parse(" || ")).isNull();
    }

    @Test
    void hashesAloneAreEnough() {
        assertThat(TagFilter.ofHashes(List.of(2598919)).mayMatch("TagA".hashCode()))
                .isTrue();
        assertThat(TagFilter.ofHashes(List.of()).takesAll()).isTrue();
    }
}
