/**
 * The process: {@code main}, its settings, and how its modules are connected.
 *
 * <p>What lives here: reading the command line, the start block, the data folder's lock, logging, signals, and the
 * wiring of nameserver, broker and console by {@code new}. What does not: anything a message passes through. Start at
 * {@link org.merlinmq.server.Main}, then {@link org.merlinmq.server.Node}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.server;
