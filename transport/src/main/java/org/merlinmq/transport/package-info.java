/** Placeholder. */
@org.jspecify.annotations.NullMarked
package org.merlinmq.transport;
