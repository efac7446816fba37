package org.merlinmq.broker.transaction;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.merlinmq.broker.client.ProducerGroups;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.broker.schedule.Deadlines;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.storage.transaction.OpenHalves;
import org.merlinmq.transport.Loop;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.LoopReplies;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions of one broker: makes the parts that take decisions, ask producers and serve administrators.
 *
 * <p>Threading: {@link #start} and {@link #close} on the thread that owns the broker; the rest on any.
 */
public final class Transactions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);
    private static final int STEP = 1024;
    private static final Executor VIRTUAL =
            task -> Thread.ofVirtual().name("transaction").start(task);

    private final Parts parts;
    private final OpenHalves index;
    private final HalfMessages halves;
    private final TransactionCounters counters = new TransactionCounters();
    private final LateDecisions late;
    private final TransactionChecks checks;

    /**
     * What is worked on.
     *
     * @param storage holds the half messages
     * @param topics the topics that exist
     * @param producers who is asked
     * @param messages single messages of the store
     * @param throughput counts what is committed
     * @param deadlines calls when a check is due
     * @param nowMillis the wall clock
     * @param config the settings as they are now
     * @param identity stands in requests to producers and in records of the broker's own
     */
    public record Parts(
            Storage storage,
            TopicTable topics,
            ProducerGroups producers,
            StoredMessages messages,
            ThroughputStats throughput,
            Deadlines deadlines,
            LongSupplier nowMillis,
            Supplier<TransactionConfig> config,
            BrokerIdentity identity) {}

    /**
     * Transactions that nobody is asked about yet.
     *
     * @param parts what is worked on
     */
    public Transactions(Parts parts) {
        this(parts, VIRTUAL);
    }

    /** {@code blocking} runs what may wait for the disk or a peer. */
    Transactions(Parts parts, Executor blocking) {
        this.parts = parts;
        this.index = parts.storage().transactions();
        this.halves = new HalfMessages(parts.config(), index);
        this.late = new LateDecisions(parts.storage(), blocking, this::records, counters);
        this.checks = new TransactionChecks(parts, blocking, records(), counters);
    }

    /** An encoder for one thread. */
    TransactionRecords records() {
        HalfRecords rule = new HalfRecords(halves::checkAfterMillis, 0, RecordRule.NONE);
        return new TransactionRecords(parts.storage(), parts.topics(), parts.identity(), rule, parts.nowMillis());
    }

    /** What the send path asks. */
    public HalfMessages halves() {
        return halves;
    }

    /** What became of transactions since the start. */
    public TransactionCounters counters() {
        return counters;
    }

    /**
     * How many half messages are open.
     *
     * @return see {@link OpenHalves#count}
     */
    public long open() {
        return index.count();
    }

    /**
     * The age of the oldest half message that is open.
     *
     * @return milliseconds since it was sent or, if it was relocated, since then; 0 if none is open
     */
    public long oldestMillis() {
        List<OpenHalf> first = index.list(0, 1);
        if (first.isEmpty()) {
            return 0;
        }
        RecordView record = parts.messages().record(first.getFirst().logOffset());
        return record == null ? 0 : Math.max(0, parts.nowMillis().getAsLong() - record.bornMillis());
    }

    /**
     * The handler of one event loop for request 37.
     *
     * @param loop the loop
     * @param replies how it answers
     * @return the handler
     */
    public TransactionHandler handler(Loop loop, LoopReplies replies) {
        return new TransactionHandler(parts, records(), late, replies, loop::runOrExecute, counters);
    }

    /**
     * Registers the requests of administrators: 323 and 77001 to 77003.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        new TransactionHandlers(parts, late, this).register(handlers);
    }

    /**
     * Goes on with the open transactions of a store that RocketMQ wrote. With each check it had stored the half message anew:
     * of the copies of one the last stays open.
     */
    public void adopt() {
        Map<String, OpenHalf> last = new HashMap<>();
        List<OpenHalf> former = new ArrayList<>();
        long from = 0;
        for (List<OpenHalf> page = index.list(from, STEP); !page.isEmpty(); page = index.list(from, STEP)) {
            for (OpenHalf half : page) {
                from = half.logOffset() + 1;
                RecordView record = parts.messages().record(half.logOffset());
                String key = record == null ? null : record.properties().get(PropertyName.UNIQ_KEY);
                OpenHalf before = key == null ? null : last.put(key, half);
                if (before != null) {
                    former.add(before);
                }
            }
        }
        for (int i = 0; i < former.size(); i += STEP) {
            close(former.subList(i, Math.min(former.size(), i + STEP)));
        }
        if (index.count() > 0 || !former.isEmpty()) {
            LOG.info("transactions-taken-over open={} formerCopies={}", index.count(), former.size());
        }
    }

    private void close(List<OpenHalf> some) {
        CompletableFuture<AppendBatch> appended = new CompletableFuture<>();
        AppendBatch batch = parts.storage().newBatch(appended::complete);
        records().decided(batch, some);
        parts.storage().append(batch);
        if (appended.join().status() == AppendStatus.REFUSED) {
            throw new DiskException(batch.reason(), false, null);
        }
    }

    /** Begins to ask producers, also about what became due while the broker was down. */
    public void start() {
        parts.storage().beforeHalvesExpire(records());
        checks.start();
    }

    /** Looks at what is due now. */
    void wake() {
        checks.wake();
    }

    /** Asks nobody any more. */
    @Override
    public void close() {
        checks.close();
    }
}
