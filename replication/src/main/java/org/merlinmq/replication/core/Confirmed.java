package org.merlinmq.replication.core;

import org.merlinmq.storage.log.EpochTable.Epoch;

/**
 * Up to where a leader has said that the log is confirmed; its own log need not reach so far.
 *
 * @param epoch that leader's
 * @param logOffset all below is confirmed; 0 if nothing is known
 */
record Confirmed(int epoch, long logOffset) {
    static final Confirmed NOTHING = new Confirmed(0, 0);

    /** What is known when a leader says that its log is confirmed up to an offset. */
    Confirmed with(int leaderEpoch, long end) {
        return end > logOffset ? new Confirmed(leaderEpoch, end) : this;
    }

    /**
     * What is left of it under another leader. That one has all of it, unless it was made the leader by force: then its later epochs
     * have other bytes there.
     */
    Confirmed under(EpochHistory leader) {
        long end = leader.end();
        for (Epoch each : leader.epochs()) {
            if (each.number() > epoch) {
                end = Math.min(end, each.logOffset());
            }
        }
        return atMost(end);
    }

    Confirmed atMost(long end) {
        return end < logOffset ? new Confirmed(epoch, end) : this;
    }
}
