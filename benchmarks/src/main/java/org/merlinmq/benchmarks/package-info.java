/**
 * Microbenchmarks (JMH) of the loops that every message goes through: {@code ./build bench [PATTERN] [JMH OPTIONS]}.
 *
 * <p>The server as a whole is measured elsewhere, from outside and beside RocketMQ: {@code benchmarks/side-by-side}, for
 * which {@link org.merlinmq.benchmarks.ParkedConsumers}, {@link org.merlinmq.benchmarks.FlameGraph} and the loads that end
 * in {@code Load} are here. Those that speak the plain protocol share {@link org.merlinmq.benchmarks.LoadRun}.
 * What is measured, and how, stands in {@code docs/measure/README.md}.
 *
 * <p>Start at {@link org.merlinmq.benchmarks.Frames}: the bytes that all of them work on.
 */
@NullMarked
package org.merlinmq.benchmarks;

import org.jspecify.annotations.NullMarked;
