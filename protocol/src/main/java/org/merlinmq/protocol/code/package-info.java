/** The numbers of the protocol: which request a frame carries, and how it was answered. */
@org.jspecify.annotations.NullMarked
package org.merlinmq.protocol.code;
