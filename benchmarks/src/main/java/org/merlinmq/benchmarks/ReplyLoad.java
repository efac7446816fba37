package org.merlinmq.benchmarks;

import java.util.List;
import org.merlinmq.protocol.body.HeartbeatBody;
import org.merlinmq.protocol.body.ProducerEntry;
import org.merlinmq.protocol.bytes.ByteSlice;
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
 * Requests and replies, for {@code benchmarks/side-by-side}: a producer asks, a consumer that waits at the end of the
 * queues replies at once, and latency counts until the broker pushes the reply to the producer.
 *
 * <pre>
 *  ReplyLoad --ns NAMESERVER --topic T --size 128 --queues 4 --label L --pids P,P --warmup 2 --secs 4
 *      --window 1 | --rate 1000           closed loop: so many at a time; open loop: so many a second
 * </pre>
 *
 * <p>Threading: one thread reads, and in a closed loop asks; in an open loop another one asks.
 */
public final class ReplyLoad {
    private static final String GROUP = "bench_replies";
    private static final String CLIENT = "127.0.0.1@bench_asker";
    private static final String WAITING = "CORRELATION_ID\u0001" + RequestTemplate.NUMBER
            + "\u0002REPLY_TO_CLIENT\u0001" + CLIENT + "\u0002TTL\u00013000\u0002UNIQ_KEY\u0001"
            + RequestTemplate.UNIQUE_KEY + "\u0002WAIT\u0001true\u0002";
    private static final byte[] CORRELATION_ID = Bytes.ascii("CORRELATION_ID");
    private static final int SLOTS = 1 << 16;
    private static final int SUSPEND_WITH_SUBSCRIPTION = 2 | 4;
    private static final int PULL_MESSAGES = 32;
    private static final int SUSPEND_MILLIS = 15_000;

    private final LoadRun run;
    private final int queues;
    private final String topic;
    private final boolean closed;
    private final byte[] body;
    private final long[] askedNanos = new long[SLOTS];

    private final LoadSocket asker;
    private final RequestTemplate[] questions;
    private final ByteSlice properties = new ByteSlice();

    private final LoadSocket replier;
    private final RequestTemplate[] pulls;
    private final long[] offsets;
    private final RequestTemplate reply;
    private final RecordView record = new RecordView();

    private ReplyLoad(LoadRun run) {
        this.run = run;
        closed = run.number("rate", 0) == 0;
        queues = run.number("queues", 4);
        topic = run.createTopic(queues);
        body = Frames.body(run.number("size", 128));
        asker = run.open(this::pushed);
        asker.call(Frame.request(
                RequestCode.HEART_BEAT,
                null,
                new HeartbeatBody(CLIENT, List.of(), 0, List.of(new ProducerEntry(GROUP)), false).write()));
        replier = run.open(this::found);
        questions = new RequestTemplate[queues];
        pulls = new RequestTemplate[queues];
        offsets = new long[queues];
        for (int queue = 0; queue < queues; queue++) {
            questions[queue] = new RequestTemplate(
                    Frame.request(RequestCode.SEND_MESSAGE_V2, header(topic, queue, WAITING), body));
            pulls[queue] = new RequestTemplate(Frame.request(RequestCode.PULL_MESSAGE, pull(queue)));
            Frame end = replier.call(Frame.request(RequestCode.GET_MAX_OFFSET, new QueueRequest(topic, queue)));
            offsets[queue] = OffsetReply.read(end).offset();
        }
        reply = new RequestTemplate(Frame.request(
                RequestCode.SEND_REPLY_MESSAGE_V2,
                header(run.cluster() + "_REPLY_TOPIC", 0, "MSG_TYPE\u0001reply\u0002" + WAITING),
                body));
    }

    private static SendRequest header(String topic, int queue, String properties) {
        return new SendRequest(
                GROUP,
                topic,
                "TBW102",
                4,
                queue,
                0,
                System.currentTimeMillis(),
                0,
                properties,
                0,
                false,
                null,
                false,
                null);
    }

    private PullRequest pull(int queue) {
        return new PullRequest(
                "bench_repliers",
                topic,
                queue,
                RequestTemplate.OFFSET,
                PULL_MESSAGES,
                SUSPEND_WITH_SUBSCRIPTION,
                0,
                SUSPEND_MILLIS,
                0,
                "*",
                "TAG",
                null);
    }

    /**
     * Runs the load.
     *
     * @param arguments as above
     * @throws InterruptedException if the main thread is interrupted
     */
    public static void main(String[] arguments) throws InterruptedException {
        LoadRun run = new LoadRun(arguments);
        ReplyLoad load = new ReplyLoad(run);
        run.awaitQuiet();
        load.start();
        run.timed((number, due) -> load.ask(due));
        run.print();
    }

    private void start() {
        for (int queue = 0; queue < queues; queue++) {
            pullNext(queue);
        }
        replier.flush();
        for (int i = 0; closed && i < run.number("window", 1); i++) {
            ask(System.nanoTime());
        }
    }

    private void ask(long sinceNanos) {
        synchronized (asker) {
            long number = run.begun();
            askedNanos[(int) (number % SLOTS)] = sinceNanos;
            RequestTemplate question = questions[(int) (number % queues)];
            question.id(0);
            question.number(number);
            asker.put(question);
            asker.flush();
        }
    }

    /** What the producer gets: answers to its sends, and replies, which it acknowledges. */
    private void pushed(FrameScan frame) {
        if (frame.isResponse()) {
            if (frame.code() != 0) {
                run.failed(frame);
            }
            return;
        }
        if (frame.code() != RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT.number()) {
            return;
        }
        frame.slice(frame.field("properties"), properties);
        long number = number(properties.array(), properties.at(), properties.length());
        asker.put(Frame.ok(frame.form(), frame.requestId(), null, new byte[0]).toBytes());
        run.done(1, askedNanos[(int) (number % SLOTS)]);
        if (closed && !run.stopping()) {
            ask(System.nanoTime());
        }
    }

    /** What the consumer gets: answers to its pulls, whose messages it replies to, and to its replies. */
    private void found(FrameScan frame) {
        int queue = frame.requestId() - RequestTemplate.FIRST_ID;
        if (!frame.isResponse() || queue < 0) {
            return;
        }
        if (queue == queues) {
            if (frame.code() != 0) {
                run.failed("the reply: " + frame.code() + " " + frame.remark());
            }
            return;
        }
        if (frame.code() == ResponseCode.SUCCESS.number()) {
            int end = frame.bodyAt() + frame.bodyBytes();
            for (int at = frame.bodyAt(); at < end; at += record.totalBytes()) {
                if (!record.on(frame.bytes(), at, end - at)) {
                    throw new IllegalStateException("no record in the answer to a pull");
                }
                reply(number(record.bytes(), record.propertiesAt(), record.propertiesBytes()));
            }
        }
        offsets[queue] = frame.longValue(frame.field("nextBeginOffset"));
        pullNext(queue);
    }

    private void reply(long number) {
        reply.id(queues);
        reply.number(number);
        replier.put(reply);
    }

    private void pullNext(int queue) {
        pulls[queue].id(queue);
        pulls[queue].offset(offsets[queue]);
        replier.put(pulls[queue]);
    }

    private static long number(byte[] bytes, int at, int length) {
        int value = PropertyBytes.find(bytes, at, length, CORRELATION_ID);
        return Bytes.parseLong(bytes, value, RequestTemplate.NUMBER.length());
    }
}
