/**
 * Real input: log files go in by the command line and come out through an official client.
 *
 * <p>The files are not part of the project; {@code -Dmerlin.logs=FOLDER} says where they are. Start at
 * {@link org.merlinmq.verification.logs.LogsTest}.
 */
@NullMarked
package org.merlinmq.verification.logs;

import org.jspecify.annotations.NullMarked;
