/**
 * HTTP on the console port: the start page, {@code /healthz} and {@code /metrics}.
 *
 * <p>What lives here: HTTP and the Prometheus text. What does not: the figures, which come through {@link
 * org.merlinmq.console.MetricsSource} and {@link org.merlinmq.console.Health}; administration, which goes over the
 * client like any other. Start at {@link org.merlinmq.console.Console}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.console;
