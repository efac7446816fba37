/**
 * Which half messages are open: stored, and neither committed nor rolled back.
 *
 * <p>Here live their places in the log, when each is to be checked, and how often it was. What is done about them, from the
 * producer's decision to the message that nobody decided, is the broker's. Start at {@link
 * org.merlinmq.storage.transaction.OpenHalves}; {@link org.merlinmq.storage.transaction.TransactionIndex} keeps it on the disk.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.storage.transaction;
