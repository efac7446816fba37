package org.merlinmq.benchmarks;

import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.message.BatchScan;
import org.merlinmq.protocol.reply.OffsetReply;
import org.merlinmq.protocol.request.PullRequest;
import org.merlinmq.protocol.request.QueueRequest;
import org.merlinmq.protocol.request.SendRequest;

/**
 * Consumption through a filter that takes one message of ten, for {@code benchmarks/side-by-side}: consumers whose
 * subscription comes by heartbeat share the queues, and each queue has one pull in flight, as with push consumers. What
 * counts is the messages that arrive; the backlog is read again and again.
 *
 * <pre>
 *  FilterLoad --do fill --ns NAMESERVER --topic T --size 128 --queues 16 --count N    a backlog, in batches of 16
 *  FilterLoad --do drain --filter TAG|SQL92 --ns … --topic T --queues 16 --conns 4 --warmup 2 --secs 4 --label L --pids P,P
 * </pre>
 *
 * <p>Threading: one thread reads, and asks for more.
 */
public final class FilterLoad {
    private static final int BATCH = 16;
    private static final int WINDOW = 16;

    private static final int PERIOD = FilterMessages.PERIOD;
    private static final String TAG = "t3";
    private static final String SQL = "size < 20 AND colour IN ('red', 'blue')";
    private static final int PULL_MESSAGES = 32;

    private final LoadRun run;
    private final String topic;
    private final int queues;

    private FilterLoad(LoadRun run) {
        this.run = run;
        queues = run.number("queues", 16);
        topic = run.createTopic(queues);
    }

    /**
     * Runs the load.
     *
     * @param arguments as above
     * @throws InterruptedException if the main thread is interrupted
     */
    public static void main(String[] arguments) throws InterruptedException {
        LoadRun run = new LoadRun(arguments);
        FilterLoad load = new FilterLoad(run);
        run.awaitQuiet();
        if (run.text("do", "drain").equals("fill")) {
            load.new Fill().fill(run.number("count", 1_000_000) / BATCH);
        } else {
            load.new Drain(run.text("filter", "TAG")).drain();
        }
        run.print();
    }

    /** A connection that sends the backlog. */
    private final class Fill {
        private final LoadSocket socket = run.open(this::frame);
        private final RequestTemplate[] batches = new RequestTemplate[PERIOD / BATCH * queues];
        private long count;

        Fill() {
            int[] order = FilterMessages.order();
            for (int i = 0; i < batches.length; i++) {
                batches[i] = batch(order, i);
            }
        }

        void fill(long batchCount) {
            count = batchCount;
            for (int i = 0; i < WINDOW; i++) {
                begin();
            }
            socket.flush();
            run.counted(run::allEnded);
        }

        private void begin() {
            if (!run.more(count)) {
                return;
            }
            long number = run.begun();
            RequestTemplate batch = batches[(int) (number % batches.length)];
            batch.id(0);
            batch.numbersFrom(number * BATCH);
            socket.put(batch);
        }

        private void frame(FrameScan answer) {
            if (answer.code() == 0) {
                run.done(BATCH, System.nanoTime());
            } else {
                run.failed(answer);
            }
            begin();
        }

        private RequestTemplate batch(int[] order, int number) {
            byte[] one = Frames.body(run.number("size", 128));
            ByteWriter body = new ByteWriter();
            for (int i = 0; i < BATCH; i++) {
                String properties = FilterMessages.properties(order[(number * BATCH + i) % PERIOD]);
                BatchScan.append(body, 0, one, Bytes.ascii(properties));
            }
            SendRequest header = new SendRequest(
                    "bench_producer",
                    topic,
                    "TBW102",
                    4,
                    number % queues,
                    0,
                    System.currentTimeMillis(),
                    0,
                    "",
                    0,
                    false,
                    null,
                    true,
                    null);
            return new RequestTemplate(Frame.request(RequestCode.SEND_BATCH_MESSAGE, header, body.toByteArray()));
        }
    }

    /** Consumers of one group, each with a connection and its share of the queues. */
    private final class Drain {
        private final String group;
        private final String type;
        private final long version = System.currentTimeMillis();
        private final LoadSocket[] sockets = new LoadSocket[run.number("conns", 4)];
        private final RequestTemplate[] pulls = new RequestTemplate[queues];
        private final long[] offsets = new long[queues];
        private final long[] ends = new long[queues];
        private final long[] askedNanos = new long[queues];
        private long passed;

        Drain(String type) {
            this.type = type;
            group = "bench_" + type;
        }

        void drain() throws InterruptedException {
            for (int i = 0; i < sockets.length; i++) {
                sockets[i] = run.open(this::frame);
                String expression = type.equals("TAG") ? TAG : SQL;
                sockets[i].call(FilterMessages.heartbeat(group, "127.0.0.1@" + version + i, topic, type, expression));
            }
            for (int queue = 0; queue < queues; queue++) {
                pulls[queue] = pull(queue);
                Frame end =
                        socket(queue).call(Frame.request(RequestCode.GET_MAX_OFFSET, new QueueRequest(topic, queue)));
                ends[queue] = OffsetReply.read(end).offset();
            }
            for (int queue = 0; queue < queues; queue++) {
                ask(queue);
            }
            for (LoadSocket socket : sockets) {
                socket.flush();
            }
            run.timed((number, due) -> {});
            run.put("passed", (double) passed);
            long matched = run.done();
            if (passed == 0 || Math.abs(matched - passed / 10) > passed / 1000 + (long) PERIOD * queues) {
                run.failed(matched + " of " + passed + " messages matched, expected one of ten");
            }
        }

        private LoadSocket socket(int queue) {
            return sockets[queue % sockets.length];
        }

        private RequestTemplate pull(int queue) {
            return new RequestTemplate(Frame.request(
                    RequestCode.PULL_MESSAGE,
                    new PullRequest(
                            group,
                            topic,
                            queue,
                            RequestTemplate.OFFSET,
                            PULL_MESSAGES,
                            0,
                            0,
                            0,
                            version,
                            null,
                            type,
                            null)));
        }

        private void ask(int queue) {
            run.begun();
            askedNanos[queue] = System.nanoTime();
            pulls[queue].id(queue);
            pulls[queue].offset(offsets[queue]);
            socket(queue).put(pulls[queue]);
        }

        private void frame(FrameScan answer) {
            int queue = answer.requestId() - RequestTemplate.FIRST_ID;
            if (!answer.isResponse() || queue < 0) {
                return; // the broker tells the members of a group about each other
            }
            int messages = 0;
            if (answer.code() == ResponseCode.SUCCESS.number()) {
                messages = records(answer);
            } else if (answer.code() != ResponseCode.PULL_NOT_FOUND.number()
                    && answer.code() != ResponseCode.PULL_RETRY_IMMEDIATELY.number()) {
                throw new IllegalStateException("a pull was answered " + answer.code() + ": " + answer.remark());
            }
            long next = answer.longValue(answer.field("nextBeginOffset"));
            passed += next - offsets[queue];
            run.done(messages, askedNanos[queue]);
            offsets[queue] = next < ends[queue] ? next : 0;
            if (!run.stopping()) {
                ask(queue);
            }
        }

        private static int records(FrameScan answer) {
            int count = 0;
            int end = answer.bodyAt() + answer.bodyBytes();
            for (int at = answer.bodyAt(); at < end; at += Bytes.getInt(answer.bytes(), at)) {
                count++;
            }
            return count;
        }
    }
}
