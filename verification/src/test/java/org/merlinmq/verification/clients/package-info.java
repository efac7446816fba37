/**
 * Official, unmodified clients against a server: each client version runs the scenarios in a process of its own, with the
 * jars that it was released with, because its Netty and fastjson must not meet ours.
 *
 * <p>The scenarios themselves are in {@code verification/clients/src}; here they are started and each becomes a test.
 * Start at {@link org.merlinmq.verification.clients.ClientRun}.
 */
@NullMarked
package org.merlinmq.verification.clients;

import org.jspecify.annotations.NullMarked;
