package org.merlinmq.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.merlinmq.broker.Broker;
import org.merlinmq.broker.dispatch.LatencyBuckets;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.pull.PullCounters;
import org.merlinmq.broker.schedule.DelayService;
import org.merlinmq.broker.send.SendCounters;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.transaction.TransactionCounters;
import org.merlinmq.broker.transaction.Transactions;
import org.merlinmq.console.MetricsSink;
import org.merlinmq.console.MetricsSource;
import org.merlinmq.protocol.body.DedupState;
import org.merlinmq.protocol.body.RateLimitState;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.Durations;
import org.merlinmq.storage.log.LogStats;
import org.merlinmq.storage.queue.Queue;

/**
 * The broker's figures, summed over its loops at each scrape. Names are RocketMQ's where it has one, with its
 * labels; the others begin with {@code merlinmq_}.
 */
final class BrokerMetrics implements MetricsSource {
    private final CommonLabels common;
    private final Storage storage;
    private final Broker broker;

    BrokerMetrics(BrokerIdentity identity, Storage storage, Broker broker) {
        this.common = new CommonLabels(identity.clusterName(), identity.brokerName());
        this.storage = storage;
        this.broker = broker;
    }

    @Override
    public void collect(MetricsSink out) {
        out.gauge("merlinmq_info", "Which server this is.", 1, labels("version", Version.text()));
        out.gauge("rocketmq_broker_permission", "2 write, 4 read, 6 both.", broker.permission(), labels());
        throughput(out);
        transactions(out);
        store(out);
        delays(out);
        limits(out);
        duplicates(out);
        topics(out);
    }

    private void transactions(MetricsSink out) {
        Transactions of = broker.transactions();
        TransactionCounters counters = of.counters();
        out.gauge("rocketmq_half_messages", "Half messages that nobody has decided.", of.open(), labels());
        out.gauge(
                "merlinmq_oldest_transaction_seconds",
                "Age of the oldest half message that nobody has decided.",
                of.oldestMillis() / 1e3,
                labels());
        out.counter("merlinmq_transaction_checks_total", "Times a producer was asked.", counters.checks(), labels());
        out.counter("rocketmq_commit_messages_total", "Transactions committed.", counters.committed(), labels());
        out.counter("rocketmq_rollback_messages_total", "Transactions rolled back.", counters.rolledBack(), labels());
        out.counter(
                "merlinmq_given_up_transactions_total",
                "Transactions that nobody decided after the last check.",
                counters.givenUp(),
                labels());
    }

    private void limits(MetricsSink out) {
        for (RateLimitState limit : broker.limits()) {
            String[] labels = labels("kind", limit.kind(), "name", limit.name(), "direction", limit.direction());
            out.gauge("merlinmq_limit_waiting", "Sends or pulls that wait for a rate limit.", limit.waiting(), labels);
            out.counter("merlinmq_limit_waits_total", "Sends or pulls that have waited.", limit.waited(), labels);
            out.counter("merlinmq_limit_refusals_total", "Sends refused by a rate limit.", limit.refused(), labels);
        }
    }

    private void duplicates(MetricsSink out) {
        List<DedupState> states = broker.dedupStates();
        if (states.isEmpty()) {
            return;
        }
        out.counter(
                "merlinmq_send_duplicates_total",
                "Sends answered with what a first one had stored.",
                sum(broker.sendCounters(), SendCounters::duplicates),
                labels());
        out.gauge(
                "merlinmq_dedup_memory_bytes",
                "Memory of the unique keys of topics with a window.",
                broker.dedupMemory().usedBytes(),
                labels());
        for (DedupState state : states) {
            String[] labels = labels("topic", state.topic());
            out.gauge("merlinmq_dedup_window_seconds", "A topic's window.", state.windowMillis() / 1e3, labels);
            out.gauge(
                    "merlinmq_dedup_covered_seconds",
                    "How far back duplicates are found.",
                    state.coveredMillis() / 1e3,
                    labels);
        }
    }

    private void delays(MetricsSink out) {
        out.gauge(
                "rocketmq_timing_messages",
                "Messages that wait for their time.",
                broker.delays().pending(),
                labels());
        out.counter(
                "rocketmq_timer_dequeue_total",
                "Delayed messages delivered.",
                broker.delays().delivered(),
                labels());
        out.counter(
                "merlinmq_delayed_cancelled_total",
                "Delayed messages taken back or cancelled.",
                broker.cancelledDelays(),
                labels());
        latency(
                out,
                "merlinmq_delayed_lateness_seconds",
                "From the time of a delayed message to its delivery.",
                List.of(broker.delays()),
                DelayService::lateness);
    }

    private void throughput(MetricsSink out) {
        List<SendCounters> sends = broker.sendCounters();
        List<PullCounters> pulls = broker.pullCounters();
        out.counter("merlinmq_sent_messages_total", "Messages stored.", sum(sends, SendCounters::messages), labels());
        out.counter("merlinmq_sent_bytes_total", "Bytes of records stored.", sum(sends, SendCounters::bytes), labels());
        out.counter("merlinmq_send_refusals_total", "Sends refused.", sum(sends, SendCounters::refusals), labels());
        out.counter("merlinmq_send_failures_total", "Sends failed.", sum(sends, SendCounters::failures), labels());
        out.counter("merlinmq_pulled_messages_total", "Messages given.", sum(pulls, PullCounters::messages), labels());
        out.counter(
                "merlinmq_pulled_bytes_total", "Bytes of records given.", sum(pulls, PullCounters::bytes), labels());
        out.counter("merlinmq_pull_hits_total", "Pulls that found messages.", sum(pulls, PullCounters::hits), labels());
        out.counter("merlinmq_pull_misses_total", "Pulls that found none.", sum(pulls, PullCounters::misses), labels());
        for (RequestCode code : RequestCode.values()) {
            long refused = broker.onewayRefusals().of(code);
            if (refused > 0) {
                String[] labels = labels("code", "" + code.number(), "request", code.name());
                out.counter("merlinmq_oneway_refusals_total", "One-way requests refused.", refused, labels);
            }
        }
        out.gauge("merlinmq_parked_pulls", "Pulls that wait for messages.", sum(pulls, PullCounters::parked), labels());
        latency(
                out,
                "merlinmq_send_latency_seconds",
                "From reading a send to its answer.",
                sends,
                SendCounters::latency);
        latency(
                out,
                "merlinmq_pull_latency_seconds",
                "Time to put an answer with messages together; pulls that wait are not in it.",
                pulls,
                PullCounters::latency);
    }

    private void store(MetricsSink out) {
        LogStats stats = storage.stats();
        String[] disk = labels("storage_type", "local", "storage_medium", "disk");
        out.gauge(
                "rocketmq_storage_size_bytes",
                "Bytes between the log's begin and end.",
                storage.maxLogOffset() - storage.minLogOffset(),
                disk);
        out.gauge(
                "rocketmq_storage_flush_behind_bytes",
                "Bytes written and not yet on the disk.",
                storage.maxLogOffset() - storage.flushedLogOffset(),
                disk);
        flushes(out, "merlinmq_flush_latency_seconds", "Time of each fdatasync of the log.", stats.syncs());
        flushes(
                out,
                "merlinmq_flush_wait_seconds",
                "Wait of each batch of sends for the disk; none with ASYNC_FLUSH.",
                stats.flushWaits());
        out.counter("merlinmq_append_batches_total", "Writes to the log.", stats.batches(), labels());
        out.counter("merlinmq_damaged_reads_total", "Records found damaged when read.", stats.damagedReads(), labels());
        out.gauge(
                "merlinmq_writable",
                "1 while sends are stored, 0 while they are refused.",
                storage.writeState().writable() ? 1 : 0,
                labels());
    }

    private void topics(MetricsSink out) {
        int count = 0;
        // In order, so that it is always the same ones that a full page leaves out.
        List<Topic> topics = new ArrayList<>(broker.topics().all());
        topics.sort(Comparator.comparing(Topic::name));
        for (Topic topic : topics) {
            count++;
            String name = topic.name();
            long stored = 0;
            for (int id = 0; id < topic.config().readQueueNums(); id++) {
                Queue queue = topic.findQueue(id);
                if (queue != null && queue.maxOffset() > 0) {
                    stored += queue.maxOffset();
                    String[] labels = labels("topic", name, "queue_id", "" + id);
                    long kept = queue.maxOffset() - queue.minOffset();
                    out.gauge("merlinmq_queue_messages", "Messages in a queue.", kept, labels);
                }
            }
            String[] labels = labels("topic", name, "is_system", "" + topic.system());
            out.counter("rocketmq_messages_in_total", "Messages ever stored in a topic.", stored, labels);
        }
        out.gauge("rocketmq_topic_number", "Topics.", count, labels());
        List<ConsumeProgress> readings = new ArrayList<>();
        broker.offsets().forEach(readings::add);
        readings.sort(Comparator.comparing(ConsumeProgress::group).thenComparing(ConsumeProgress::topic));
        readings.forEach(reading -> group(out, reading));
    }

    private void group(MetricsSink out, ConsumeProgress reading) {
        Topic topic = broker.topics().find(reading.topic());
        long behind = 0;
        for (int id = 0; topic != null && id < topic.config().readQueueNums(); id++) {
            Queue queue = topic.findQueue(id);
            long committed = reading.committed(id);
            if (queue != null && committed != ConsumeProgress.NONE) {
                long lag = Math.max(0, queue.readableOffset() - committed);
                behind += lag;
                String[] labels =
                        labels("topic", reading.topic(), "consumer_group", reading.group(), "queue_id", "" + id);
                out.gauge("merlinmq_queue_lag_messages", "Messages of a queue not consumed.", lag, labels);
            }
        }
        boolean retry = reading.topic().startsWith("%RETRY%");
        String[] labels = labels("topic", reading.topic(), "consumer_group", reading.group(), "is_retry", "" + retry);
        out.gauge("rocketmq_consumer_lag_messages", "Messages of a topic not consumed.", behind, labels);
        long messages = reading.consumed().messages();
        out.counter("rocketmq_messages_out_total", "Messages given to a group.", messages, labels);
        out.counter(
                "rocketmq_throughput_out_total",
                "Bytes given to a group.",
                reading.consumed().bytes(),
                labels);
    }

    private void flushes(MetricsSink out, String name, String help, Durations of) {
        double[] bounds = new double[Durations.size() - 1];
        long[] counts = new long[Durations.size()];
        for (int at = 0; at < counts.length; at++) {
            counts[at] = of.count(at);
            if (at < bounds.length) {
                bounds[at] = Durations.boundMicros(at) / 1e6;
            }
        }
        out.histogram(name, help, bounds, counts, of.sumNanos() / 1e9, labels());
    }

    private <T> void latency(
            MetricsSink out, String name, String help, List<T> loops, Function<T, LatencyBuckets> buckets) {
        int size = LatencyBuckets.size();
        double[] bounds = new double[size - 1];
        long[] counts = new long[size];
        double sum = 0;
        for (int at = 0; at < bounds.length; at++) {
            bounds[at] = LatencyBuckets.boundMicros(at) / 1e6;
        }
        for (T loop : loops) {
            LatencyBuckets of = buckets.apply(loop);
            for (int at = 0; at < size; at++) {
                counts[at] += of.count(at);
            }
            sum += of.sumMicros() / 1e6;
        }
        out.histogram(name, help, bounds, counts, sum, labels());
    }

    private static <T> long sum(List<T> loops, ToLongFunction<T> figure) {
        return loops.stream().mapToLong(figure).sum();
    }

    private String[] labels(String... own) {
        return common.and(own);
    }
}
