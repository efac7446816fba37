package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code VIEW_BROKER_STATS_DATA} (315): asks for one statistic.
 *
 * @param statsName which one
 * @param statsKey of what
 */
public record StatsRequest(String statsName, String statsKey) implements Header {
    public static StatsRequest read(Fields from) {
        return new StatsRequest(from.requiredText("statsName"), from.requiredText("statsKey"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("statsName", statsName);
        out.put("statsKey", statsKey);
    }
}
