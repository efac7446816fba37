/**
 * Rate limits of topics and groups: how much may be sent to a topic, or by a producer group, and given out of a topic, or to
 * a consumer group, in a second. The limits are attributes ({@link org.merlinmq.broker.limit.LimitRules}); topics and groups
 * hold what is made of them; who waits for how long is decided where messages are sent and pulled. Start with {@link
 * org.merlinmq.broker.limit.RateLimit}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.broker.limit;
