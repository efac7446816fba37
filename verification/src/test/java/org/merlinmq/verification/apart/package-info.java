/**
 * Nameservers and broker as processes of their own, started and stopped by the scripts that RocketMQ's operators know.
 *
 * <p>Start at {@link org.merlinmq.verification.apart.SeparateProcessesTest}.
 */
@NullMarked
package org.merlinmq.verification.apart;

import org.jspecify.annotations.NullMarked;
