/**
 * One record per body of a request or answer, read from and written as RocketMQ's JSON.
 *
 * <p>Unknown fields are passed over; absent numbers are 0 unless the class says otherwise, absent collections empty, and
 * constants that we do not know are taken as absent. What is of the wrong type is a {@link
 * org.merlinmq.protocol.json.JsonException} naming the field. Fields are written in alphabetical order, nulls left out.
 * Collections are kept as they are given, not copied. Where a body is no JSON its class says so.
 *
 * <p>Start at {@link org.merlinmq.protocol.body.TopicRoute} and {@link org.merlinmq.protocol.body.HeartbeatBody}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.protocol.body;
