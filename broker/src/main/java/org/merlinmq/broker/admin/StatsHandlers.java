package org.merlinmq.broker.admin;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.stats.Counter;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.stats.ThroughputStats.Unit;
import org.merlinmq.protocol.body.BrokerStats;
import org.merlinmq.protocol.body.StatsWindow;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.request.StatsRequest;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;

/**
 * Shows the rates of one meter: of a topic, of a group in a topic, or of the broker.
 *
 * <p>Threading: on event loops.
 * <p>Source: request 315.
 */
public final class StatsHandlers {
    private final ThroughputStats throughput;
    private final Function<String, @Nullable Counter> producedTo;
    private final OffsetTable offsets;
    private final String clusterName;

    /**
     * Handlers over the meters.
     *
     * @param throughput meters and their rates
     * @param producedTo finds the counter of what was sent to a topic; null if there is no such topic
     * @param offsets where the meters of groups are
     * @param clusterName the key under which tools ask for the broker's own meters
     */
    public StatsHandlers(
            ThroughputStats throughput,
            Function<String, @Nullable Counter> producedTo,
            OffsetTable offsets,
            String clusterName) {
        this.throughput = throughput;
        this.producedTo = producedTo;
        this.offsets = offsets;
        this.clusterName = clusterName;
    }

    /**
     * Registers request 315.
     *
     * @param handlers takes it
     */
    public void register(Handlers handlers) {
        handlers.on(
                RequestCode.VIEW_BROKER_STATS_DATA,
                Access.of(Resource.CLUSTER, Action.GET),
                request -> view(StatsRequest.read(request)));
    }

    Answer view(StatsRequest request) {
        String name = request.statsName();
        String key = request.statsKey();
        Counter counter = counter(name, key);
        if (counter == null) {
            return Answer.refuse(ResponseCode.SYSTEM_ERROR, "The stats <" + name + "> <" + key + "> not exist");
        }
        ThroughputStats.Rates rates = throughput.rates(counter, name.endsWith("_SIZE") ? Unit.BYTES : Unit.MESSAGES);
        return Answer.ok(new BrokerStats(window(rates.day()), window(rates.hour()), window(rates.minute())).write());
    }

    private @Nullable Counter counter(String name, String key) {
        return switch (name) {
            case "TOPIC_PUT_NUMS", "TOPIC_PUT_SIZE" -> producedTo.apply(key);
            case "GROUP_GET_NUMS", "GROUP_GET_SIZE" -> consumedBy(key);
            case "BROKER_PUT_NUMS", "BROKER_PUT_NUMS_WITHOUT_SYSTEM_TOPIC" ->
                key.equals(clusterName) ? throughput.produced() : null;
            case "BROKER_GET_NUMS", "BROKER_GET_NUMS_WITHOUT_SYSTEM_TOPIC" ->
                key.equals(clusterName) ? throughput.consumed() : null;
            default -> null;
        };
    }

    /** The key is topic@group; neither name can contain an @. */
    private @Nullable Counter consumedBy(String key) {
        int split = key.lastIndexOf('@');
        ConsumeProgress of = split < 0 ? null : offsets.find(key.substring(split + 1), key.substring(0, split));
        return of == null ? null : of.consumed();
    }

    private static StatsWindow window(ThroughputStats.Rate rate) {
        return new StatsWindow(rate.average(), rate.sum(), rate.tps());
    }
}
