package org.merlinmq.broker.admin;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.broker.stats.Counter;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.protocol.frame.ProtocolVersion;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.FlushQueue;
import org.merlinmq.transport.dispatch.RunningRequests;

/**
 * The figures of a running broker under the names that RocketMQ's tools and exporters read. A figure of something that
 * this broker does not have (transient buffers, most thread pools) is 0: nothing ever waits there.
 *
 * <p>Threading: on a virtual thread.
 * <p>Source: request 28. Both spellings of getTransferredTps are there, since 4.9 tools fail without the old one.
 */
final class RuntimeTable {
    private static final String[] IDLE_POOLS = {"pull", "litePull", "ack"};
    private static final String ACCEPT_FROM = "startAcceptSendRequestTimeStamp";
    private static final String SLOWER = " [0~10ms]:0 [10~50ms]:0 [50~100ms]:0 [100~200ms]:0 [200~500ms]:0 [500ms~1s]:0"
            + " [1~2s]:0 [2~3s]:0 [3~4s]:0 [4~5s]:0 [5~10s]:0 [10s~]:0 ";

    private RuntimeTable() {}

    static void identity(Map<String, String> table, long bootMillis, long nowMillis, Map<String, String> settings) {
        table.put("brokerVersion", Integer.toString(ProtocolVersion.CURRENT));
        table.put("brokerVersionDesc", ProtocolVersion.name(ProtocolVersion.CURRENT));
        table.put("brokerActive", "true");
        table.put("bootTimestamp", Long.toString(bootMillis));
        table.put("runtime", runtime(Duration.ofMillis(nowMillis - bootMillis)));
        table.put(ACCEPT_FROM, settings.getOrDefault(ACCEPT_FROM, "0"));
    }

    static String runtime(Duration since) {
        return "[ " + since.toDays() + " days, " + since.toHoursPart() + " hours, " + since.toMinutesPart()
                + " minutes, " + since.toSecondsPart() + " seconds ]";
    }

    static void throughput(Map<String, String> table, ThroughputStats throughput, long failedSends) {
        Counter produced = throughput.produced();
        Counter consumed = throughput.consumed();
        table.put("putTps", rates(throughput, produced));
        for (String name : new String[] {"getFoundTps", "getTotalTps", "getTransferredTps", "getTransferedTps"}) {
            table.put(name, rates(throughput, consumed));
        }
        table.put("getMissTps", "0.0 0.0 0.0");
        table.put("putMessageTimesTotal", Long.toString(Math.max(1, produced.messages())));
        table.put("putMessageFailedTimes", Long.toString(failedSends));
        table.put("putMessageSizeTotal", Long.toString(produced.bytes()));
        table.put(
                "putMessageAverageSize",
                Double.toString(produced.messages() == 0 ? 0 : (double) produced.bytes() / produced.messages()));
        table.put("putMessageEntireTimeMax", "0");
        table.put("getMessageEntireTimeMax", "0");
        table.put("putMessageDistributeTime", "[<=0ms]:" + produced.messages() + SLOWER);
        table.put("putLatency99", "0.00");
        table.put("putLatency999", "0.00");
        days(table, "msgPutTotal", produced, throughput.producedDayTotals());
        days(table, "msgGetTotal", consumed, throughput.consumedDayTotals());
    }

    private static String rates(ThroughputStats throughput, Counter counter) {
        return String.format(
                Locale.ROOT,
                "%.4f %.4f %.4f",
                throughput.perSecond(counter, 10),
                throughput.perSecond(counter, 60),
                throughput.perSecond(counter, 600));
    }

    private static void days(Map<String, String> table, String name, Counter counter, ThroughputStats.DayTotals days) {
        table.put(name + "TodayNow", Long.toString(counter.messages()));
        table.put(name + "TodayMorning", Long.toString(days.today()));
        table.put(name + "YesterdayMorning", Long.toString(days.yesterday()));
    }

    static void log(Map<String, String> table, Storage storage, StoredMessages messages) {
        table.put("commitLogMinOffset", Long.toString(storage.minLogOffset()));
        table.put("commitLogMaxOffset", Long.toString(storage.maxLogOffset()));
        table.put("remainHowManyDataToFlush", iec(storage.maxLogOffset() - storage.flushedLogOffset()));
        table.put("remainHowManyDataToCommit", "0 B");
        table.put("remainTransientStoreBufferNumbs", Integer.toString(Integer.MAX_VALUE));
        table.put("dispatchBehindBytes", "0");
        table.put("dispatchMaxBuffer", "0");
        table.put("pageCacheLockTimeMills", "0");
        RecordView first = messages.record(storage.minLogOffset());
        long earliest = first == null ? StoredMessages.NO_TIME : first.storeMillis();
        table.put("earliestMessageTimeStamp", Long.toString(earliest));
    }

    static void disk(Map<String, String> table, DiskSpace disk) {
        long total = disk.totalBytes();
        long free = disk.usableBytes();
        String ratio = String.format(Locale.ROOT, "%.4f", total <= 0 ? 0 : (double) (total - free) / total);
        table.put("commitLogDiskRatio", ratio);
        table.put("commitLogDiskRatio_" + disk.path(), ratio);
        table.put("consumeQueueDiskRatio", ratio);
        table.put("commitLogDirCapacity", "Total : " + iec(total) + ", Free : " + iec(free) + ".");
    }

    /** Bytes as exporters parse them: a number, a blank, an IEC unit. */
    static String iec(long bytes) {
        if (bytes < 1024) {
            return Math.max(0, bytes) + " B";
        }
        int step = (Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes)) / 10;
        return String.format(Locale.ROOT, "%.1f %siB", bytes / Math.pow(1024, step), "KMGTPE".charAt(step - 1));
    }

    /**
     * There are no thread pools with queues. The figures of the send pool count the sends that wait for the disk, those of
     * the query pool the requests on virtual threads. Pulls and ends of transactions never queue, and there are no acks:
     * 0. No queue has a capacity: what is taken in is bounded by its bytes.
     */
    static void pools(Map<String, String> table, FlushQueue flush, RunningRequests running) {
        for (String pool : IDLE_POOLS) {
            pool(table, pool, 0, 0);
        }
        pool(table, "send", flush.batches(), flush.oldestNanos());
        pool(table, "query", running.count(), running.oldestNanos());
        table.put("EndTransactionQueueSize", "0");
        table.put("EndTransactionThreadPoolQueueCapacity", "0");
    }

    private static void pool(Map<String, String> table, String pool, int waiting, long oldestNanos) {
        table.put(pool + "ThreadPoolQueueSize", Integer.toString(waiting));
        table.put(pool + "ThreadPoolQueueCapacity", "0");
        table.put(pool + "ThreadPoolQueueHeadWaitTimeMills", Long.toString(oldestNanos / 1_000_000));
    }

    /** Nothing is read behind: a timer is entered with its record. As in RocketMQ, what waits is called a congestion. */
    static void timers(Map<String, String> table, long pending, double delayedTps, double deliveredTps) {
        table.put("timerReadBehind", "0");
        table.put("timerOffsetBehind", "0");
        table.put("timerCongestNum", Long.toString(pending));
        table.put("timerEnqueueTps", String.format(Locale.ROOT, "%.1f", delayedTps));
        table.put("timerDequeueTps", String.format(Locale.ROOT, "%.1f", deliveredTps));
    }
}
