package org.merlinmq.broker.dedup;

/**
 * How far back duplicates of a topic are found.
 *
 * @param topic the topic
 * @param windowMillis its window
 * @param coveredMillis for how long back its keys are known: less than the window where memory was not enough
 */
public record DedupState(String topic, long windowMillis, long coveredMillis) {}
