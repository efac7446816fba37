/**
 * Transactions while producers and the broker are killed: each ends as its producer decided.
 *
 * <p>Needs the packaged server.
 */
@NullMarked
package org.merlinmq.verification.transaction;

import org.jspecify.annotations.NullMarked;
