package org.merlinmq.transport.dispatch;

import org.merlinmq.protocol.code.ResponseCode;

/**
 * An expected failure of a request: its response code, and a sentence with the cure. Refusals are returned, never thrown.
 *
 * @param code the response code that clients act on
 * @param sentence for a person: what is refused, and the cure
 */
public record Refusal(ResponseCode code, String sentence) {}
