/**
 * Kills the server under load, again and again, and looks whether everything that it acknowledged is there.
 *
 * <p>SIGKILL keeps what the operating system holds, so this shows the order of writes and acknowledgements and what
 * recovery does; lost page caches are simulated in {@code storage}. Start at
 * {@link org.merlinmq.verification.crash.CrashTest}; {@code -Dkills=500} makes a long run.
 */
@NullMarked
package org.merlinmq.verification.crash;

import org.jspecify.annotations.NullMarked;
