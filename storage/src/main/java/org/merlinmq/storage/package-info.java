/**
 * The disk of a broker: it knows messages, not requests.
 *
 * <p>What lives here: {@code Storage}, through which everything is read and written, its settings, checkpoints, recovery and
 * maintenance. Below it: {@code log} (the commit log), {@code facts} (what a record means), {@code index} (the port of all
 * indexes, and the keys), {@code queue}, {@code timer} (what else is derived from
 * the log), {@code state} (the broker's tables), {@code retention}, and {@code disk} (the only user of files). Start at
 * {@code Storage}.
 */
@NullMarked
package org.merlinmq.storage;

import org.jspecify.annotations.NullMarked;
