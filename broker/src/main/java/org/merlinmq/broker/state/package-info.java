/**
 * What the tables of a broker share to keep their state in the commit log: where they write it, and under which types and
 * keys. Start with {@link org.merlinmq.broker.state.Journal}. The tables themselves lie in {@code topic}, {@code group} and
 * {@code offset}.
 */
@NullMarked
package org.merlinmq.broker.state;

import org.jspecify.annotations.NullMarked;
