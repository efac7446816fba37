/**
 * What two members of a broker group say to each other, as values, and their bytes. Start at {@link
 * org.merlinmq.replication.stream.Message}. No sockets live here.
 */
@NullMarked
package org.merlinmq.replication.stream;

import org.jspecify.annotations.NullMarked;
