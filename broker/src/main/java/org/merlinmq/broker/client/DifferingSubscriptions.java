package org.merlinmq.broker.client;

import org.merlinmq.broker.subscription.Subscription;

/**
 * Two members of a group that subscribe to a topic by expressions that differ. Each is served by its own; a message that
 * one of them takes and the other does not reaches nobody if it lies in the other's queue.
 *
 * @param one the member with the newest subscription
 * @param ones its subscription
 * @param other a member with another one
 * @param others its subscription
 */
public record DifferingSubscriptions(Member one, Subscription ones, Member other, Subscription others) {
    /** The topic. */
    public String topic() {
        return ones.topic();
    }
}
