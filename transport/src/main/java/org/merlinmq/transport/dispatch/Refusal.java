package org.merlinmq.transport.dispatch;

import org.merlinmq.protocol.code.ResponseCode;

/**
 * An expected no: what the client is told, and what it can do about it. Refusals are returned, never thrown.
 *
 * @param code the response code that clients act on
 * @param sentence for a person: the thing refused, and the cure
 */
public record Refusal(ResponseCode code, String sentence) {}
