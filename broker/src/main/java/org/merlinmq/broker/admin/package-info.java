/**
 * What administrators ask of a broker: settings, figures, single messages, how far groups lag.
 *
 * <p>Not here: topics, groups and offsets as such, each with its own package. Start at {@link
 * org.merlinmq.broker.admin.AdminHandlers}.
 */
@NullMarked
package org.merlinmq.broker.admin;

import org.jspecify.annotations.NullMarked;
