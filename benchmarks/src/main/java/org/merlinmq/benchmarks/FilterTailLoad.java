package org.merlinmq.benchmarks;

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
 * Messages as they come, through filters, for {@code benchmarks/side-by-side}: ten groups wait at the end of all queues, each
 * for the tenth that its subscription takes, and every message is delivered to one of them. Latency counts from when a
 * message was due to be sent until it is delivered.
 *
 * <pre>
 *  FilterTailLoad --filter TAG|SQL92 --rate 5000 --ns NAMESERVER --topic T --size 128 --queues 4 --label L --pids P,P
 *      --warmup 2 --secs 4
 * </pre>
 *
 * <p>Threading: one thread reads and pulls, another one sends.
 */
public final class FilterTailLoad {
    private static final byte[] UNIQUE_KEY = Bytes.ascii("UNIQ_KEY");
    private static final int NUMBER_AT = RequestTemplate.UNIQUE_KEY.length() - RequestTemplate.NUMBER.length();
    private static final int SLOTS = 1 << 16;
    private static final int SUSPEND = 2;
    private static final int PULL_MESSAGES = 32;
    private static final int SUSPEND_MILLIS = 15_000;

    private final LoadRun run;
    private final String type;
    private final int queues;
    private final String topic;
    private final LoadSocket sender;
    private final RequestTemplate[] sends = new RequestTemplate[FilterMessages.PERIOD];
    private final int[] order = FilterMessages.order();
    private final long[] dueNanos = new long[SLOTS];

    private FilterTailLoad(LoadRun run) {
        this.run = run;
        type = run.text("filter", "TAG");
        queues = run.number("queues", 4);
        topic = run.createTopic(queues);
        sender = run.open(this::sent);
        byte[] body = Frames.body(run.number("size", 128));
        for (int i = 0; i < sends.length; i++) {
            SendRequest header = new SendRequest(
                    "bench_producer",
                    topic,
                    "TBW102",
                    4,
                    i % queues,
                    0,
                    System.currentTimeMillis(),
                    0,
                    FilterMessages.properties(order[i]),
                    0,
                    false,
                    null,
                    false,
                    null);
            sends[i] = new RequestTemplate(Frame.request(RequestCode.SEND_MESSAGE_V2, header, body));
        }
    }

    /**
     * Runs the load.
     *
     * @param arguments as above
     * @throws InterruptedException if the main thread is interrupted
     */
    public static void main(String[] arguments) throws InterruptedException {
        LoadRun run = new LoadRun(arguments);
        FilterTailLoad load = new FilterTailLoad(run);
        for (int share = 0; share < FilterMessages.TAGS; share++) {
            load.new Consumer(share).start();
        }
        run.awaitQuiet();
        run.timed((number, due) -> load.send(number, due));
        run.print();
    }

    private void send(long number, long due) {
        synchronized (sender) {
            run.begun();
            dueNanos[(int) (number % SLOTS)] = due;
            RequestTemplate send = sends[(int) (number % sends.length)];
            send.id(0);
            send.number(number);
            sender.put(send);
            sender.flush();
        }
    }

    private void sent(FrameScan answer) {
        if (answer.isResponse() && answer.code() != 0) {
            run.failed(answer);
        }
    }

    /** A group of one consumer, with one connection, which takes a tenth of the messages. */
    private final class Consumer {
        private final int share;
        private final String group;
        private final LoadSocket socket = run.open(this::frame);
        private final RequestTemplate[] pulls = new RequestTemplate[queues];
        private final long[] offsets = new long[queues];
        private final RecordView record = new RecordView();

        Consumer(int share) {
            this.share = share;
            group = "bench_tail_" + type + share;
        }

        void start() {
            String sizes = "size >= " + 10 * share + " AND size < " + 10 * (share + 1);
            String expression = type.equals("TAG") ? "t" + share : sizes;
            socket.call(FilterMessages.heartbeat(group, "127.0.0.1@" + group, topic, type, expression));
            for (int queue = 0; queue < queues; queue++) {
                pulls[queue] = new RequestTemplate(Frame.request(
                        RequestCode.PULL_MESSAGE,
                        new PullRequest(
                                group,
                                topic,
                                queue,
                                RequestTemplate.OFFSET,
                                PULL_MESSAGES,
                                SUSPEND,
                                0,
                                SUSPEND_MILLIS,
                                0,
                                null,
                                type,
                                null)));
                Frame end = socket.call(Frame.request(RequestCode.GET_MAX_OFFSET, new QueueRequest(topic, queue)));
                offsets[queue] = OffsetReply.read(end).offset();
            }
            for (int queue = 0; queue < queues; queue++) {
                pull(queue);
            }
            socket.flush();
        }

        private void pull(int queue) {
            pulls[queue].id(queue);
            pulls[queue].offset(offsets[queue]);
            socket.put(pulls[queue]);
        }

        private void frame(FrameScan answer) {
            int queue = answer.requestId() - RequestTemplate.FIRST_ID;
            if (!answer.isResponse() || queue < 0) {
                return; // the broker tells the members of a group about each other
            }
            if (answer.code() == ResponseCode.SUCCESS.number()) {
                int end = answer.bodyAt() + answer.bodyBytes();
                for (int at = answer.bodyAt(); at < end; at += record.totalBytes()) {
                    if (!record.on(answer.bytes(), at, end - at)) {
                        throw new IllegalStateException("no record in the answer to a pull");
                    }
                    delivered();
                }
            }
            offsets[queue] = answer.longValue(answer.field("nextBeginOffset"));
            pull(queue);
        }

        private void delivered() {
            int key = PropertyBytes.find(record.bytes(), record.propertiesAt(), record.propertiesBytes(), UNIQUE_KEY);
            long number = Bytes.parseLong(record.bytes(), key + NUMBER_AT, RequestTemplate.NUMBER.length());
            int digits = order[(int) (number % order.length)];
            int taken = type.equals("TAG") ? digits % FilterMessages.TAGS : digits % 100 / 10;
            if (taken != share) {
                run.failed("a message came that the filter does not take: " + number);
            }
            run.done(1, dueNanos[(int) (number % SLOTS)]);
        }
    }
}
