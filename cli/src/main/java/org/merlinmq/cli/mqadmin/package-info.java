/**
 * The commands of {@code bin/mqadmin}: the names, options and columns of RocketMQ's tool. Start at {@link
 * org.merlinmq.cli.mqadmin.Mqadmin}; the classes whose names end in Commands have the commands by area, and {@link
 * org.merlinmq.cli.mqadmin.Elsewhere} those that have no use here. docs/mqadmin.md compares them.
 */
@NullMarked
package org.merlinmq.cli.mqadmin;

import org.jspecify.annotations.NullMarked;
