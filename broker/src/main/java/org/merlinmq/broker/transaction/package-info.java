/**
 * Transactions: half messages that producers commit or roll back, and what becomes of those that nobody decides.
 *
 * <p>A half message is stored by the send path, which asks {@link org.merlinmq.broker.transaction.HalfMessages}. Decisions
 * come in to {@link org.merlinmq.broker.transaction.TransactionHandler}, on the event loop that read them. {@link
 * org.merlinmq.broker.transaction.TransactionChecks} asks producers. Which half messages are open is storage's transaction
 * index. Start at {@link org.merlinmq.broker.transaction.Transactions}, which puts all of it together.
 */
@NullMarked
package org.merlinmq.broker.transaction;

import org.jspecify.annotations.NullMarked;
