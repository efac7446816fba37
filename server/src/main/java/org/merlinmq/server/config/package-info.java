/**
 * What an operator can set: one table of settings, and the loader that fills it from a file, the environment and the
 * command line.
 *
 * <p>What lives here: names, aliases, types, bounds and defaults. What does not: what a setting does; the rooms' own
 * records ({@code StorageConfig}, {@code BrokerConfig}, …) are built from the loaded {@link
 * org.merlinmq.server.config.Config} by the wiring in {@code org.merlinmq.server}. Start at {@link
 * org.merlinmq.server.config.Settings}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.server.config;
