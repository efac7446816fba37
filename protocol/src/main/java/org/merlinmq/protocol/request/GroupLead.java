package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;

/**
 * By what right a member of a broker group is the master of its name: fields that it adds to {@code REGISTER_BROKER} (103), and that
 * a nameserver of ours adds to the refusal of one that has a lesser right. Others ignore them.
 *
 * @param group whose log it has; not 0
 * @param epoch that it leads in, larger than those of all masters before it
 */
public record GroupLead(long group, int epoch) {
    private static final String GROUP_FIELD = "replicationGroup";
    private static final String EPOCH_FIELD = "replicationEpoch";

    /**
     * Reads the fields.
     *
     * @param from of a registration, or of the answer
     * @return null if they are not there
     */
    public static @Nullable GroupLead read(Fields from) {
        long group = from.longOr(GROUP_FIELD, 0);
        return group == 0 ? null : new GroupLead(group, from.intOr(EPOCH_FIELD, 0));
    }

    /** Writes the fields. */
    public void write(FieldSink out) {
        out.put(GROUP_FIELD, group);
        out.put(EPOCH_FIELD, epoch);
    }

    /** Whether another lead of the same group has ended this one. Two groups know nothing of each other. */
    public boolean isEndedBy(@Nullable GroupLead other) {
        return other != null && other.group == group && other.epoch > epoch;
    }
}
