/**
 * JSON as RocketMQ's peers write it: standard JSON, plus maps whose keys are bare numbers or whole objects.
 *
 * <p>Start at {@link org.merlinmq.protocol.json.JsonReader} and {@link org.merlinmq.protocol.json.JsonWriter}. What the
 * fields of a body mean lives in {@code body}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.protocol.json;
