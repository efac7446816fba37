/**
 * Requests of administrators: settings, figures, single messages, how far groups are behind, maintenance of the store.
 *
 * <p>Not here: topics, groups and offsets as such, each with its own package. Start at {@link
 * org.merlinmq.broker.admin.RuntimeHandlers}.
 */
@NullMarked
package org.merlinmq.broker.admin;

import org.jspecify.annotations.NullMarked;
