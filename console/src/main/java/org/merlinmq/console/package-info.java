/** Placeholder. */
@org.jspecify.annotations.NullMarked
package org.merlinmq.console;
