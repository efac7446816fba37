package org.merlinmq.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.request.EndTransactionRequest;
import org.merlinmq.protocol.request.SendRequest;

/**
 * Transactions, for {@code benchmarks/side-by-side}: a half message, its answer, the commit, its answer. Clients send the
 * decision one-way; here it is answered, so that what a server does later does not count as done.
 *
 * <pre>
 *  TransactionLoad --ns NAMESERVER --topic T --size 128 --queues 4 --conns 8 --label L --pids P,P
 *      --window 64 | --rate 1000          closed loop: so many at a time and connection; open loop: so many a second
 *      --warmup 2 --secs 4 | --count N    a time, or a number of transactions
 *      --commit false                     half messages only, which stay open
 * </pre>
 *
 * <p>Threading: one thread reads and goes on; in an open loop another one begins.
 */
public final class TransactionLoad {
    private static final String GROUP = "bench_transactions";
    private static final int OPEN_LOOP_SLOTS = 1 << 16;
    private static final int HALF = 4;

    private final LoadRun run;
    private final boolean commit;
    private final long count;
    private final int slots;
    private final RequestTemplate[] halves;
    private final RequestTemplate decision;

    private TransactionLoad(LoadRun run) {
        this.run = run;
        commit = Boolean.parseBoolean(run.text("commit", "true"));
        count = run.number("count", Integer.MAX_VALUE);
        slots = run.number("rate", 0) > 0 ? OPEN_LOOP_SLOTS : run.number("window", 64);
        halves = new RequestTemplate[run.number("queues", 4)];
        String topic = run.createTopic(halves.length);
        byte[] body = Frames.body(run.number("size", 128));
        for (int queue = 0; queue < halves.length; queue++) {
            halves[queue] = half(topic, queue, body);
        }
        decision = new RequestTemplate(Frame.request(
                RequestCode.END_TRANSACTION,
                new EndTransactionRequest(
                        GROUP,
                        RequestTemplate.OFFSET,
                        RequestTemplate.OTHER_OFFSET,
                        EndTransactionRequest.COMMIT,
                        RequestTemplate.UNIQUE_KEY,
                        false,
                        RequestTemplate.UNIQUE_KEY,
                        topic)));
    }

    private static RequestTemplate half(String topic, int queue, byte[] body) {
        String properties = "TRAN_MSG\u0001true\u0002UNIQ_KEY\u0001" + RequestTemplate.UNIQUE_KEY
                + "\u0002WAIT\u0001true\u0002PGROUP\u0001" + GROUP + "\u0002";
        SendRequest header = new SendRequest(
                GROUP,
                topic,
                "TBW102",
                4,
                queue,
                HALF,
                System.currentTimeMillis(),
                0,
                properties,
                0,
                false,
                null,
                false,
                null);
        return new RequestTemplate(Frame.request(RequestCode.SEND_MESSAGE_V2, header, body));
    }

    /**
     * Runs the load.
     *
     * @param arguments as above
     * @throws InterruptedException if the main thread is interrupted
     */
    public static void main(String[] arguments) throws InterruptedException {
        LoadRun run = new LoadRun(arguments);
        TransactionLoad load = new TransactionLoad(run);
        List<Producer> producers = new ArrayList<>();
        for (int i = 0; i < run.number("conns", 8); i++) {
            producers.add(load.new Producer());
        }
        run.awaitQuiet();
        if (run.number("rate", 0) == 0) {
            producers.forEach(Producer::fill);
        }
        if (load.count < Integer.MAX_VALUE) {
            run.counted(run::allEnded);
        } else {
            run.timed((number, due) -> producers
                    .get((int) (number % producers.size()))
                    .beginNow((int) (number / producers.size() % load.slots), due));
        }
        run.print();
    }

    /** A connection with its transactions in flight, one a slot: requests 2·slot and 2·slot + 1. */
    private final class Producer {
        private final LoadSocket socket = run.open(this::frame);
        private final long[] beganNanos = new long[slots];
        private final long[] numbers = new long[slots];

        void fill() {
            for (int slot = 0; slot < slots && run.more(count); slot++) {
                begin(slot, System.nanoTime());
            }
            socket.flush();
        }

        void beginNow(int slot, long sinceNanos) {
            begin(slot, sinceNanos);
            socket.flush();
        }

        private void begin(int slot, long sinceNanos) {
            synchronized (socket) {
                long number = run.begun();
                beganNanos[slot] = sinceNanos;
                numbers[slot] = number;
                RequestTemplate half = halves[(int) (number % halves.length)];
                half.id(2 * slot);
                half.number(number);
                socket.put(half);
            }
        }

        private void frame(FrameScan answer) {
            int id = answer.requestId() - RequestTemplate.FIRST_ID;
            if (!answer.isResponse() || id < 0) {
                return; // a check of an earlier run's half message
            }
            int slot = id / 2;
            if (answer.code() != 0) {
                run.failed(answer);
            } else if (commit && id % 2 == 0) {
                decide(slot, answer);
                return;
            } else {
                run.done(1, beganNanos[slot]);
            }
            if (slots < OPEN_LOOP_SLOTS && run.more(count)) {
                begin(slot, System.nanoTime());
            }
        }

        private void decide(int slot, FrameScan answer) {
            decision.id(2 * slot + 1);
            decision.offset(answer.longValue(answer.field("queueOffset")));
            decision.otherOffset(logOffset(answer, answer.field("msgId")));
            decision.number(numbers[slot]);
            socket.put(decision);
        }

        /** The last 16 hexadecimal digits of a message id. */
        private static long logOffset(FrameScan answer, int field) {
            int end = answer.valueAt(field) + answer.valueBytes(field);
            long offset = 0;
            for (int at = end - 16; at < end; at++) {
                offset = 16 * offset + Character.digit(answer.bytes()[at], 16);
            }
            return offset;
        }
    }
}
