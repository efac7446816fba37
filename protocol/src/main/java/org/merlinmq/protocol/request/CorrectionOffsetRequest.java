package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code QUERY_CORRECTION_OFFSET} (308): asks for the offsets of a group, held back by others.
 *
 * @param topic the topic
 * @param compareGroup the group
 * @param filterGroups groups to compare with, separated by commas
 */
public record CorrectionOffsetRequest(
        String topic, String compareGroup, @Nullable String filterGroups) implements Header {
    public static CorrectionOffsetRequest read(Fields from) {
        return new CorrectionOffsetRequest(
                from.requiredText("topic"), from.requiredText("compareGroup"), from.text("filterGroups"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("compareGroup", compareGroup);
        out.putIfPresent("filterGroups", filterGroups);
    }
}
