package org.merlinmq.broker.admin;

import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.Answer;
import org.merlinmq.broker.dispatch.Handlers;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.stats.Counter;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.stats.ThroughputStats.Unit;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Answers with the rates of one counter.
 *
 * <p>Source: request 315.
 */
final class StatsQueries {
    private final AdminParts parts;

    StatsQueries(AdminParts parts) {
        this.parts = parts;
    }

    void register(Handlers handlers) {
        handlers.on(RequestCode.VIEW_BROKER_STATS_DATA, this::view);
    }

    Answer view(Fields request) {
        String name = request.requiredText("statsName");
        String key = request.requiredText("statsKey");
        Counter counter = counter(name, key);
        if (counter == null) {
            return Answer.refuse(ResponseCode.SYSTEM_ERROR, "The stats <" + name + "> <" + key + "> not exist");
        }
        ThroughputStats.Rates rates =
                parts.throughput().rates(counter, name.endsWith("_SIZE") ? Unit.BYTES : Unit.MESSAGES);
        JsonWriter out = new JsonWriter().beginObject();
        write(out, "statsDay", rates.day());
        write(out, "statsHour", rates.hour());
        write(out, "statsMinute", rates.minute());
        return Answer.ok(out.endObject().toByteArray());
    }

    private @Nullable Counter counter(String name, String key) {
        return switch (name) {
            case "TOPIC_PUT_NUMS", "TOPIC_PUT_SIZE" -> parts.topicCounters().of(key);
            case "GROUP_GET_NUMS", "GROUP_GET_SIZE" -> groupCounter(key);
            case "BROKER_PUT_NUMS", "BROKER_PUT_NUMS_WITHOUT_SYSTEM_TOPIC" ->
                key.equals(parts.clusterName()) ? parts.throughput().produced() : null;
            case "BROKER_GET_NUMS", "BROKER_GET_NUMS_WITHOUT_SYSTEM_TOPIC" ->
                key.equals(parts.clusterName()) ? parts.throughput().consumed() : null;
            default -> null;
        };
    }

    /** The key is topic@group; neither name can hold an @. */
    private @Nullable Counter groupCounter(String key) {
        int split = key.lastIndexOf('@');
        ConsumeProgress of = split < 0 ? null : parts.offsets().find(key.substring(split + 1), key.substring(0, split));
        return of == null ? null : of.consumed();
    }

    private static void write(JsonWriter out, String name, ThroughputStats.Rate rate) {
        out.key(name)
                .beginObject()
                .field("avgpt", rate.average())
                .field("sum", rate.sum())
                .field("tps", rate.tps())
                .endObject();
    }
}
