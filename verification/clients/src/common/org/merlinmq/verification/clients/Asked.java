package org.merlinmq.verification.clients;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.client.hook.FilterMessageContext;
import org.apache.rocketmq.client.hook.FilterMessageHook;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;

/**
 * What one consumer asks its broker for, and how long it waits for it. A message is due once it is stored and a pull has
 * asked for its offset: what the consumer does before it pulls is its own, all that follows is not.
 *
 * <p>Threading: any thread.
 *
 * <p>Units: milliseconds of this machine's clock; the broker has to be on the same machine.
 */
final class Asked implements RPCHook, FilterMessageHook {
    private static final int PULL = 11;
    private static final int LITE_PULL = 361;
    private static final int QUERY_OFFSET = 14;
    private static final int LONG_POLL_MILLIS = 10_000;
    private static final int MAX_TRACED = 300;
    private static final int WORTH_A_TRACE = 100;

    private final long since = System.currentTimeMillis();
    private final Map<String, Map<Long, Long>> pulls = new HashMap<>();
    private final Map<RemotingCommand, Long> calls = new HashMap<>();
    private final Set<Integer> queues = new HashSet<>();
    private final List<String> trace = new ArrayList<>();
    private int repeatedPulls;
    private long firstAfter = -1;
    private long longestWait;
    private String beforeLongestWait = "";
    private long longestCall;

    @Override
    public synchronized void doBeforeRequest(String address, RemotingCommand request) {
        long now = System.currentTimeMillis();
        request.makeCustomHeaderToNet();
        Map<String, String> fields = request.getExtFields() == null ? Map.of() : request.getExtFields();
        String queue = fields.get("topic") + "/" + fields.get("queueId");
        if (isPull(request)) {
            Long before = pulls.computeIfAbsent(queue, q -> new HashMap<>())
                    .putIfAbsent(Long.parseLong(fields.get("queueOffset")), now);
            if (before != null && now - before < LONG_POLL_MILLIS) {
                repeatedPulls++;
            }
        } else {
            calls.put(request, now);
            if (request.getCode() == QUERY_OFFSET) {
                pulls.remove(queue); // the consumer begins with the queue anew
            }
        }
        trace(now, "request", request.getCode(), fields);
    }

    private static boolean isPull(RemotingCommand request) {
        return request.getCode() == PULL || request.getCode() == LITE_PULL;
    }

    @Override
    public synchronized void doAfterResponse(String address, RemotingCommand request, RemotingCommand response) {
        long now = System.currentTimeMillis();
        Long at = calls.remove(request);
        if (at != null) {
            longestCall = Math.max(longestCall, now - at);
        }
        trace(now, "answer to", request.getCode(), response == null ? "none" : response.getCode());
    }

    private void trace(long now, String what, int code, Object more) {
        if (trace.size() == MAX_TRACED) {
            trace.remove(0);
        }
        trace.add((now - since) + " ms: " + what + " " + code + ": " + more);
    }

    @Override
    public String hookName() {
        return "asked";
    }

    /** The answer to a pull has come, with messages. */
    @Override
    public synchronized void filterMessage(FilterMessageContext answer) {
        long now = System.currentTimeMillis();
        for (MessageExt message : answer.getMsgList()) {
            Map<Long, Long> asked = pulls.get(message.getTopic() + "/" + message.getQueueId());
            Long at = asked == null ? null : asked.remove(message.getQueueOffset());
            if (at != null) { // else the pull asked for one before it
                firstAfter = firstAfter < 0 ? now - since : firstAfter;
                queues.add(message.getQueueId());
                trace(now, "message", message.getQueueId(), message.getQueueOffset());
                waited(now - Math.max(at, message.getStoreTimestamp()));
            }
        }
    }

    private void waited(long millis) {
        if (millis > longestWait) {
            longestWait = millis;
            beforeLongestWait = millis > WORTH_A_TRACE ? String.join("\n", trace) : "";
        }
    }

    /** The queues that an awaited message came from since the last call of {@link #forgetQueues}. */
    synchronized int queues() {
        return queues.size();
    }

    synchronized void forgetQueues() {
        queues.clear();
    }

    /** The longest wait for a message that was due, since the last call. */
    synchronized long takeLongestWait() {
        long taken = longestWait;
        longestWait = 0;
        return taken;
    }

    /** How many pulls had to be repeated, which those do that are refused: all others get messages or wait for them long. */
    synchronized int repeatedPulls() {
        return repeatedPulls;
    }

    /** The longest wait for the answer to another request than a pull, ever. */
    synchronized long longestCall() {
        return longestCall;
    }

    /** When the first message came, counted from when this was made; -1 if none has. */
    synchronized long firstAfter() {
        return firstAfter;
    }

    /** What went to and fro before the wait that was taken last, the last of it if it is much. */
    synchronized String trace() {
        return beforeLongestWait;
    }
}
