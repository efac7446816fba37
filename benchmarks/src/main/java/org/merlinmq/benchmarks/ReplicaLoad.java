package org.merlinmq.benchmarks;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.merlinmq.protocol.body.HaConnection;
import org.merlinmq.protocol.body.HaStatus;
import org.merlinmq.protocol.body.ReplicaStatus;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.reply.OffsetReply;
import org.merlinmq.protocol.request.PullRequest;
import org.merlinmq.protocol.request.QueueRequest;
import org.merlinmq.protocol.request.SendRequest;

/**
 * A master and its slave, for {@code benchmarks/side-by-side replicas} and {@code members}. As lag counts the time from when a send is acknowledged by
 * the master, which does not wait for its slave, until a consumer that waits at the slave has the message.
 *
 * <pre>
 *  ReplicaLoad --do lag --rate 10000 --ns NAMESERVER --topic T --size 128 --queues 4 --label L --pids P,P --warmup 2 --secs 4
 *  ReplicaLoad --do catch-up --ns NAMESERVER --label L --max-secs 120    from when the master knows of a slave until that one has
 *                                                                       all; the figure mb_s is of the log's bytes
 * </pre>
 *
 * <p>Threading: one thread reads and pulls, another one sends.
 */
public final class ReplicaLoad {
    private static final byte[] UNIQUE_KEY = Bytes.ascii("UNIQ_KEY");
    private static final int NUMBER_AT = RequestTemplate.UNIQUE_KEY.length() - RequestTemplate.NUMBER.length();
    private static final int SLOTS = 1 << 16;
    private static final int SUSPEND = 2;
    private static final int SUBSCRIPTION = 4;
    private static final int PULL_MESSAGES = 32;
    private static final int SUSPEND_MILLIS = 15_000;
    private static final String GROUP = "bench_replica";

    /** RocketMQ's slave copies its master's topics each minute. */
    private static final long TOPIC_NANOS = 150_000_000_000L;

    private static final long LOOK_NANOS = 2_000_000;

    private final LoadRun run;
    private final int queues;
    private final String topic;
    private final LoadSocket sender;
    private final LoadSocket reader;
    private final RequestTemplate[] sends;
    private final RequestTemplate[] pulls;
    private final long[] offsets;
    private final long[] acknowledgedNanos = new long[SLOTS];
    private final RecordView record = new RecordView();
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong came = new AtomicLong();

    private ReplicaLoad(LoadRun run) {
        this.run = run;
        queues = run.number("queues", 4);
        topic = run.createTopic(queues);
        sender = run.open(this::sent);
        reader = run.open(run.slave(), this::pulled);
        pulls = new RequestTemplate[queues];
        offsets = new long[queues];
        sends = new RequestTemplate[queues];
        byte[] body = Frames.body(run.number("size", 128));
        for (int queue = 0; queue < queues; queue++) {
            SendRequest header = new SendRequest(
                    "bench_producer",
                    topic,
                    "TBW102",
                    4,
                    queue,
                    0,
                    System.currentTimeMillis(),
                    0,
                    "UNIQ_KEY\u0001" + RequestTemplate.UNIQUE_KEY + "\u0002WAIT\u0001true\u0002",
                    0,
                    false,
                    null,
                    false,
                    null);
            sends[queue] = new RequestTemplate(Frame.request(RequestCode.SEND_MESSAGE_V2, header, body));
        }
    }

    /**
     * Runs one of the loads.
     *
     * @param arguments as above
     * @throws InterruptedException if the main thread is interrupted
     */
    public static void main(String[] arguments) throws InterruptedException {
        LoadRun run = new LoadRun(arguments);
        switch (run.text("do", "lag")) {
            case "lag" -> {
                ReplicaLoad load = new ReplicaLoad(run);
                load.startReading();
                run.awaitQuiet();
                run.timed(load::send);
                load.sayWhatIsLeft();
            }
            case "catch-up" -> catchUp(run);
            default -> throw new IllegalArgumentException("lag or catch-up, not " + run.text("do", ""));
        }
        run.print();
    }

    // ---- lag ---------------------------------------------------------------------------------------------------

    private void startReading() {
        for (int queue = 0; queue < queues; queue++) {
            offsets[queue] = OffsetReply.read(
                            sender.call(Frame.request(RequestCode.GET_MAX_OFFSET, new QueueRequest(topic, queue))))
                    .offset();
            pulls[queue] = new RequestTemplate(Frame.request(
                    RequestCode.PULL_MESSAGE,
                    pull(queue, RequestTemplate.OFFSET, SUSPEND | SUBSCRIPTION, SUSPEND_MILLIS)));
        }
        awaitTopic();
        for (int queue = 0; queue < queues; queue++) {
            pullNext(queue);
        }
        reader.flush();
    }

    private PullRequest pull(int queue, long offset, int flags, long suspendMillis) {
        return new PullRequest(
                GROUP, topic, queue, offset, PULL_MESSAGES, flags, 0, suspendMillis, 0, "*", "TAG", null);
    }

    /** Until the slave knows the topic. */
    private void awaitTopic() {
        Frame request = Frame.request(RequestCode.PULL_MESSAGE, pull(0, offsets[0], SUBSCRIPTION, 0));
        long until = System.nanoTime() + TOPIC_NANOS;
        Frame answer = reader.ask(request);
        while (answer.code() == ResponseCode.TOPIC_NOT_EXIST.number() && System.nanoTime() < until) {
            LockSupport.parkNanos(100 * LOOK_NANOS);
            answer = reader.ask(request);
        }
    }

    private void pullNext(int queue) {
        pulls[queue].id(queue);
        pulls[queue].offset(offsets[queue]);
        reader.put(pulls[queue]);
    }

    private void send(long number, long due) {
        synchronized (sender) {
            run.begun();
            begun.incrementAndGet();
            int slot = (int) (number % SLOTS);
            acknowledgedNanos[slot] = 0;
            RequestTemplate send = sends[(int) (number % queues)];
            send.id(slot);
            send.number(number);
            sender.put(send);
            sender.flush();
        }
    }

    private void sent(FrameScan answer) {
        if (!answer.isResponse()) {
            return;
        }
        if (answer.code() == 0) {
            taken.incrementAndGet();
            acknowledgedNanos[answer.requestId() - RequestTemplate.FIRST_ID] = System.nanoTime();
        } else {
            run.failed(answer);
        }
    }

    private void pulled(FrameScan answer) {
        int queue = answer.requestId() - RequestTemplate.FIRST_ID;
        if (!answer.isResponse() || queue < 0) {
            return;
        }
        if (answer.code() == ResponseCode.SUCCESS.number()) {
            int end = answer.bodyAt() + answer.bodyBytes();
            for (int at = answer.bodyAt(); at < end; at += record.totalBytes()) {
                if (!record.on(answer.bytes(), at, end - at)) {
                    throw new IllegalStateException("no record in the answer to a pull");
                }
                delivered();
            }
        } else if (answer.field("nextBeginOffset") < 0) {
            throw new IllegalStateException("the slave answered " + answer.code() + " " + answer.remark());
        }
        // A slave that is behind calls an offset of its master's beyond its own end: there the message will be.
        if (answer.code() != ResponseCode.PULL_OFFSET_MOVED.number()) {
            offsets[queue] = answer.longValue(answer.field("nextBeginOffset"));
        }
        pullNext(queue);
    }

    private void delivered() {
        came.incrementAndGet();
        int key = PropertyBytes.find(record.bytes(), record.propertiesAt(), record.propertiesBytes(), UNIQUE_KEY);
        long number = Bytes.parseLong(record.bytes(), key + NUMBER_AT, RequestTemplate.NUMBER.length());
        long acknowledged = acknowledgedNanos[(int) (number % SLOTS)];
        run.done(1, acknowledged == 0 ? System.nanoTime() : acknowledged); // it was quicker than the answer
    }

    /** Of messages that did not come: whether they are not at the slave, or its reader was not given them. */
    private void sayWhatIsLeft() {
        if (run.allEnded()) {
            return;
        }
        System.err.println("queues took " + taken + " of " + begun + " sends, and gave " + came);
        LoadSocket master = new LoadSocket(run.broker());
        LoadSocket slave = new LoadSocket(run.slave());
        for (int queue = 0; queue < queues; queue++) {
            Frame request = Frame.request(RequestCode.GET_MAX_OFFSET, new QueueRequest(topic, queue));
            System.err.println("queue " + queue + " ends at "
                    + OffsetReply.read(master.call(request)).offset() + ", at the slave at "
                    + OffsetReply.read(slave.call(request)).offset() + ", its reader waits at " + offsets[queue]);
        }
    }

    // ---- catch-up ----------------------------------------------------------------------------------------------

    private static void catchUp(LoadRun run) {
        LoadSocket master = new LoadSocket(run.broker());
        long until = System.nanoTime() + 1_000_000_000L * run.number("max-secs", 120);
        long from = -1;
        long began = 0;
        while (System.nanoTime() < until) {
            Copied now = copied(master);
            if (from < 0 && now.acknowledged > 0) {
                from = now.acknowledged;
                began = System.nanoTime();
            } else if (from >= 0 && now.acknowledged >= now.end) {
                double secs = (System.nanoTime() - began) / 1e9;
                run.put("secs", secs);
                run.put("copied_mb", (now.end - from) / 1e6);
                run.put("mb_s", (now.end - from) / 1e6 / secs);
                return;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        run.failed("no slave has all within " + run.number("max-secs", 120) + " s");
    }

    /** Where a master's log ends, and the most that a slave has acknowledged of it. */
    private record Copied(long end, long acknowledged) {}

    /** RocketMQ's request says nothing of the members of a group, and RocketMQ does not know ours. */
    private static Copied copied(LoadSocket master) {
        Frame ours = master.ask(Frame.request(RequestCode.SHOW_REPLICATION, null));
        if (ours.code() == 0) {
            ReplicationStatus status = ReplicationStatus.read(ours.body());
            return new Copied(
                    status.endLogOffset(),
                    status.replicas().stream()
                            .mapToLong(ReplicaStatus::ackedLogOffset)
                            .max()
                            .orElse(0));
        }
        HaStatus status = HaStatus.read(master.call(Frame.request(RequestCode.GET_BROKER_HA_STATUS, null))
                .body());
        return new Copied(
                status.masterCommitLogMaxOffset(),
                status.connections().stream()
                        .mapToLong(HaConnection::slaveAckOffset)
                        .max()
                        .orElse(0));
    }
}
