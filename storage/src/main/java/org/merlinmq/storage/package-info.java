/**
 * The disk of a broker: it knows messages, not requests.
 *
 * <p>What lives here: the one door {@code Storage}, its settings, and the batches that pass through
 * it. Behind the door: {@code log} (the commit log), {@code queue}, {@code index}, {@code timer} (what is derived from
 * the log), {@code state} (the broker's tables), {@code retention}, and {@code disk} (the only user of files). Start at
 * {@code Storage}.
 */
@NullMarked
package org.merlinmq.storage;

import org.jspecify.annotations.NullMarked;
