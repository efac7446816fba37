/**
 * The commands of {@code bin/merlin}, one class each, over what any remote administrator can do.
 *
 * <p>What lives here: arguments, input line by line, tables, progress. What does not: the protocol, and anything that
 * only a process beside the server could do, except {@code stop} and {@code status}, which read the data folder. Start
 * at {@link org.merlinmq.cli.Merlin}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.cli;
