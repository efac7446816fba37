package org.merlinmq.broker.transaction;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.Member;
import org.merlinmq.broker.client.ProducerGroups;
import org.merlinmq.broker.schedule.Deadlines;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.request.CheckTransactionRequest;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.AckLevel;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.transaction.CheckRule;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.storage.transaction.OpenHalves;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks producers about half messages that nobody has decided in time, and gives up those that nobody decides.
 *
 * <p>A check counts when it was handed to an open connection that takes bytes. Where a group has several producers they are
 * asked in turn, and one that has not answered is not asked next. A group without a producer uses up no checks. A half message
 * is given up when it is due again after its last check: that was answered with "unknown", or its time is over.
 *
 * <p>Threading: a deadline starts a pass on a virtual thread, one at a time; {@link #wake} on any thread.
 *
 * <p>Limits: {@link #ROUND} half messages are read, asked about and counted at a time, so that event loops and appends go on
 * between them, however many are due.
 *
 * <p>Source: request 39.
 */
final class TransactionChecks {
    static final int ROUND = 256;

    private static final Logger LOG = LoggerFactory.getLogger(TransactionChecks.class);
    private static final int MAX_ASKED = 127;

    /** A pass comes at most so often, though each half message that is due has a time of its own. */
    private static final long MIN_PAUSE_MILLIS = 100;

    private final Storage storage;
    private final OpenHalves index;
    private final ProducerGroups producers;
    private final Deadlines deadlines;
    private final LongSupplier nowMillis;
    private final Executor blocking;
    private final Supplier<TransactionConfig> config;
    private final String brokerName;
    private final TransactionRecords records;
    private final TransactionCounters counters;
    private final Deadlines.Entry next;
    private final AtomicBoolean running = new AtomicBoolean();
    private final RecordView record = new RecordView();
    private volatile boolean closed;
    private volatile long resumeMillis;

    // Of the pass.
    private long turn;

    TransactionChecks(
            Transactions.Parts parts, Executor blocking, TransactionRecords records, TransactionCounters counters) {
        this.storage = parts.storage();
        this.index = parts.storage().transactions();
        this.producers = parts.producers();
        this.deadlines = parts.deadlines();
        this.nowMillis = parts.nowMillis();
        this.config = parts.config();
        this.brokerName = parts.identity().brokerName();
        this.blocking = blocking;
        this.records = records;
        this.counters = counters;
        this.next = deadlines.entry(this::begin);
    }

    void start() {
        index.onEarlier(this::wake);
        wake();
    }

    void close() {
        closed = true;
        deadlines.disarm(next);
    }

    /** Comes no later than the next half message is due. */
    void wake() {
        long due = index.nextCheckMillis();
        if (due != Long.MAX_VALUE && !closed) {
            deadlines.armNoLater(next, Math.max(due, resumeMillis));
        }
    }

    private void begin() {
        if (!closed && running.compareAndSet(false, true)) {
            blocking.execute(this::pass);
        }
    }

    private void pass() {
        try {
            run();
        } catch (DiskException e) {
            LOG.warn("transaction-checks-failed cause=\"{}\" action=\"tried again\"", e.getMessage());
        } finally {
            running.set(false);
            resumeMillis = nowMillis.getAsLong() + MIN_PAUSE_MILLIS;
            wake();
        }
    }

    /** Checks all that is due now. */
    void run() {
        long now = nowMillis.getAsLong();
        TransactionConfig settings = config.get();
        Map<String, List<Member>> groups = producers.all();
        Set<Integer> reachable = new HashSet<>();
        groups.keySet().forEach(group -> reachable.add(hash(group)));
        CheckRule rule = new CheckRule(
                settings.checkInterval().toMillis(), settings.maxChecks(), group -> reachable.contains(group));
        List<OpenHalf> due = new ArrayList<>(ROUND);
        do {
            due.clear();
            index.takeDue(now, rule, ROUND, due);
            round(due, settings, groups);
        } while (!due.isEmpty() && !closed);
    }

    static int hash(String group) {
        byte[] name = Bytes.utf8(group);
        return Bytes.hash(name, 0, name.length);
    }

    /** A question on its way to a producer. */
    private record Asked(OpenHalf half, int who, CompletableFuture<Boolean> written) {}

    private void round(List<OpenHalf> due, TransactionConfig settings, Map<String, List<Member>> groups) {
        CompletableFuture<AppendBatch> appended = new CompletableFuture<>();
        AppendBatch batch = storage.newBatch(appended::complete);
        List<Asked> asked = new ArrayList<>();
        List<OpenHalf> givenUp = new ArrayList<>();
        Map<String, List<Member>> live = new HashMap<>();
        for (OpenHalf half : due) {
            byte[] bytes = storage.readRecord(half.logOffset());
            if (bytes == null || !record.on(bytes, 0, bytes.length)) {
                LOG.warn("half-message-unreadable logOffset={} cause=\"no record there: damaged\"", half.logOffset());
                if (half.checks() >= settings.maxChecks()) {
                    index.release(half.logOffset());
                }
            } else if (half.checks() >= settings.maxChecks()) {
                records.giveUp(batch, record, half);
                givenUp.add(half);
            } else {
                String group = record.properties().getOrDefault(PropertyName.PGROUP, "");
                Asked question =
                        ask(half, live.computeIfAbsent(group, name -> open(groups.getOrDefault(name, List.of()))));
                if (question != null) {
                    asked.add(question);
                }
            }
        }
        List<OpenHalf> counted = new ArrayList<>();
        for (Asked each : asked) {
            if (each.written.join()) {
                index.asked(each.half.logOffset(), each.who);
                counted.add(each.half);
            }
        }
        store(batch, appended, counted, givenUp);
    }

    private static List<Member> open(List<Member> members) {
        return members.stream().filter(member -> member.channel().isOpen()).toList();
    }

    /** Asks one of the producers; null if there is none. */
    private @Nullable Asked ask(OpenHalf half, List<Member> members) {
        int count = members.size();
        if (count == 0) {
            return null;
        }
        int first = (int) Math.floorMod(turn++, (long) count);
        int at = first;
        for (int i = 0; i < count && who(members.get(at)) == half.asked(); i++) {
            at = (at + 1) % count;
        }
        Member member = members.get(at);
        Frame question = Frame.oneway(RequestCode.CHECK_TRANSACTION_STATE, header(half), records.asked(record, half));
        return new Asked(half, who(member), member.channel().deliver(question));
    }

    private static int who(Member member) {
        return Math.floorMod(member.channel().address().hashCode(), MAX_ASKED) + 1;
    }

    /** The id that names a place in the log of the broker that stored a record. */
    static String messageId(RecordView record, long logOffset) {
        byte[] b = record.bytes();
        int hostEnd = record.storeHostAt() + record.storeHostBytes();
        byte[] host = Arrays.copyOfRange(b, record.storeHostAt(), hostEnd);
        return MessageId.encode(host, Bytes.getInt(b, hostEnd), logOffset);
    }

    private CheckTransactionRequest header(OpenHalf half) {
        String key = record.properties().get(PropertyName.UNIQ_KEY);
        return new CheckTransactionRequest(
                half.firstQueueOffset(),
                half.firstLogOffset(),
                key,
                key,
                messageId(record, half.firstLogOffset()),
                HalfMessages.TOPIC,
                brokerName);
    }

    private void store(
            AppendBatch batch,
            CompletableFuture<AppendBatch> appended,
            List<OpenHalf> counted,
            List<OpenHalf> givenUp) {
        if (!givenUp.isEmpty()) {
            records.decided(batch, givenUp);
        }
        if (!counted.isEmpty()) {
            records.checked(batch, counted);
        }
        counters.checks.add(counted.size());
        if (batch.count() == 0) {
            return;
        }
        batch.ackLevel(AckLevel.WRITTEN);
        storage.append(batch);
        if (appended.join().status() == AppendStatus.REFUSED) {
            givenUp.forEach(half -> index.release(half.logOffset()));
            LOG.warn(
                    "transaction-checks-not-stored count={} givenUp={} cause=\"{}\" effect=\"these checks do not count\"",
                    counted.size(),
                    givenUp.size(),
                    batch.reason());
        } else if (!givenUp.isEmpty()) {
            counters.givenUp.add(givenUp.size());
            LOG.warn(
                    "transactions-given-up count={} cause=\"nobody decided them\" cure=\"merlin transaction list"
                            + " --given-up, then merlin transaction commit or rollback\"",
                    givenUp.size());
        }
    }
}
