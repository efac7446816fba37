/**
 * What connections that do nothing cost the server and those that do something.
 *
 * <p>Start at {@link org.merlinmq.verification.idle.IdleConnectionsTest}.
 */
@NullMarked
package org.merlinmq.verification.idle;

import org.jspecify.annotations.NullMarked;
