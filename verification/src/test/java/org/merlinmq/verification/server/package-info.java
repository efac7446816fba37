/**
 * Servers to verify, each in a process of its own: ours and, as the oracle, Apache's; and plain sockets and requests to
 * talk to them.
 *
 * <p>What is expected of a server is not here. Start at {@link org.merlinmq.verification.server.Server}.
 */
@NullMarked
package org.merlinmq.verification.server;

import org.jspecify.annotations.NullMarked;
