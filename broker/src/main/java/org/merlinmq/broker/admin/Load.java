package org.merlinmq.broker.admin;

import java.util.function.LongSupplier;
import org.merlinmq.transport.dispatch.RunningRequests;

/**
 * What a broker has to do at the moment and what it failed at.
 *
 * @param running requests on virtual threads
 * @param failedSends sends that the log could not store since the start
 */
public record Load(RunningRequests running, LongSupplier failedSends) {}
