package org.merlinmq.broker.admin;

import java.util.function.LongSupplier;
import org.merlinmq.broker.stats.Counter;
import org.merlinmq.transport.dispatch.RunningRequests;

/**
 * What a broker has to do at the moment and what it failed at.
 *
 * @param running requests on virtual threads
 * @param failedSends sends that the log could not store since the start
 * @param delayed messages that were held back
 * @param delivered messages that were held back and delivered
 */
public record Load(RunningRequests running, LongSupplier failedSends, Counter delayed, Counter delivered) {}
