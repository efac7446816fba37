package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code DELETE_SUBSCRIPTIONGROUP} (207): deletes a consumer group.
 *
 * @param groupName the group
 * @param cleanOffset whether its offsets go too; read from {@code removeOffset} as well, its name in 4.9
 */
public record DeleteGroupRequest(String groupName, boolean cleanOffset) implements Header {
    public static DeleteGroupRequest read(Fields from) {
        return new DeleteGroupRequest(
                from.requiredText("groupName"), from.flagOr("cleanOffset", from.flagOr("removeOffset", false)));
    }

    @Override
    public void write(FieldSink out) {
        out.put("groupName", groupName);
        out.put("cleanOffset", cleanOffset);
    }
}
