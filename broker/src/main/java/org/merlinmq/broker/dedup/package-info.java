/**
 * Which sends of a topic are duplicates of one that was stored before: start at
 * {@link org.merlinmq.broker.dedup.DedupTables}. What to answer them is decided in the package of sends.
 */
package org.merlinmq.broker.dedup;
