package org.merlinmq.storage.transaction;

import java.util.function.IntPredicate;

/**
 * Which of the half messages that are due are to be checked.
 *
 * @param intervalMillis how long after a check, or after it was found that nobody can be asked, the next one is due
 * @param maxChecks a half message that was checked so often, and is due again, is to be given up
 * @param reachable whether a producer is there of the group with this hash
 */
public record CheckRule(long intervalMillis, int maxChecks, IntPredicate reachable) {}
