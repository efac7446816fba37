/**
 * What clients subscribe to: the expressions that they send, made into filters, and what each client of a group subscribes
 * to.
 *
 * <p>Not here: how filters decide ({@code filter}), who is a member of a group ({@code client}). Start at
 * {@link org.merlinmq.broker.subscription.Subscription}.
 */
@NullMarked
package org.merlinmq.broker.subscription;

import org.jspecify.annotations.NullMarked;
