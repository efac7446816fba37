/**
 * One record per header of a request: its fields by name, read from any {@link org.merlinmq.protocol.frame.Fields}.
 *
 * <p>Component names are the wire's unless they are odd there. A component that is null was absent. Bodies live in
 * {@code body}. Start at {@link org.merlinmq.protocol.request.SendRequest}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.protocol.request;
