/** What may happen to the topics' index at the same time. Start at {@link org.merlinmq.broker.topic.TopicIndexStress}. */
@NullMarked
package org.merlinmq.broker.topic;

import org.jspecify.annotations.NullMarked;
