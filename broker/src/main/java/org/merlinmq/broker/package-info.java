/**
 * The broker: a package for each thing users do. {@code Broker} builds, starts and stops them, in an
 * order that can be read. Disk is {@code storage}, sockets are {@code transport}; nothing of either is here.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.broker;
