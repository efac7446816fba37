package org.merlinmq.benchmarks;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.merlinmq.broker.filter.TagFilter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Testing the tag hashes of queue entries against a subscription of so many tags; 0 is {@code *}. Half of them match. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TagFilterBenchmark {
    private static final int ENTRIES = 1024;

    @Param({"0", "1", "3", "16"})
    public int tags;

    private final long[] codes = new long[ENTRIES];
    private TagFilter filter = TagFilter.ALL;

    @Setup
    public void fill() {
        if (tags > 0) {
            filter = TagFilter.ofTags(
                    IntStream.range(0, tags).mapToObj(TagFilterBenchmark::tag).collect(Collectors.toList()));
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < ENTRIES; i++) {
            codes[i] = tag(random.nextInt(2 * Math.max(1, tags))).hashCode();
        }
    }

    private static String tag(int i) {
        return "Tag" + i * 7919;
    }

    /** One entry's test. */
    @Benchmark
    @OperationsPerInvocation(ENTRIES)
    public int matches() {
        int matched = 0;
        for (long code : codes) {
            if (filter.mayMatch(code)) {
                matched++;
            }
        }
        return matched;
    }
}
