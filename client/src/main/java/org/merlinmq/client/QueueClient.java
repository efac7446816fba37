package org.merlinmq.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.Header;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.reply.OffsetReply;
import org.merlinmq.protocol.reply.PullReply;
import org.merlinmq.protocol.request.PullRequest;
import org.merlinmq.protocol.request.QueryOffsetRequest;
import org.merlinmq.protocol.request.QueueRequest;
import org.merlinmq.protocol.request.SearchOffsetRequest;
import org.merlinmq.protocol.request.UpdateOffsetRequest;

/**
 * Requests for a single queue, for puller, consumer and administrator.
 *
 * <p>Threading: any thread; all but {@link #pull} block.
 */
final class QueueClient {
    private static final int SUSPEND = 2;
    private static final int SUBSCRIPTION = 4;
    /** How much later than its hold time a held pull may be answered before it counts as lost. */
    private static final Duration HOLD_SLACK = Duration.ofSeconds(10);

    private final Cluster cluster;

    QueueClient(Cluster cluster) {
        this.cluster = cluster;
    }

    /** The address to read a queue from: the master, or any slave while there is none. */
    String readAddress(MessageQueueId queue) {
        BrokerAddresses broker = cluster.routes().of(queue.topic()).broker(queue.brokerName());
        String address = broker == null ? null : Route.master(broker);
        if (broker != null && address == null && !broker.brokerAddrs().isEmpty()) {
            address = broker.brokerAddrs().get(broker.brokerAddrs().firstKey());
        }
        if (address == null) {
            cluster.routes().forget(queue.topic());
            throw new ClientException("broker " + queue.brokerName() + " is not there for topic " + queue.topic()
                    + ": is it up and registered?");
        }
        return address;
    }

    /**
     * Asks for messages from an offset on.
     *
     * @param filter {@code *} or tags with {@code ||} between them; checked by hash on the broker and by text here
     */
    CompletableFuture<PullResult> pull(
            String address, String group, MessageQueueId queue, long offset, TagFilter filter, int max, Duration hold) {
        boolean held = !hold.isZero();
        PullRequest header = new PullRequest(
                group,
                queue.topic(),
                queue.queueId(),
                offset,
                max,
                SUBSCRIPTION | (held ? SUSPEND : 0),
                0,
                hold.toMillis(),
                0,
                filter.expression(),
                "TAG",
                null);
        Duration patience = held ? hold.plus(HOLD_SLACK) : cluster.timeout();
        return cluster.call(address, Frame.request(RequestCode.PULL_MESSAGE, header), patience)
                .thenApply(answer -> result(answer, queue, filter, address));
    }

    private static PullResult result(Frame answer, MessageQueueId queue, TagFilter filter, String address) {
        ResponseCode code = ResponseCode.of(answer.code());
        PullResult.Status status = switch (code == null ? ResponseCode.SYSTEM_ERROR : code) {
            case SUCCESS -> PullResult.Status.FOUND;
            case PULL_NOT_FOUND -> PullResult.Status.NO_NEW_MESSAGE;
            case PULL_RETRY_IMMEDIATELY -> PullResult.Status.NO_MATCHED_MESSAGE;
            case PULL_OFFSET_MOVED -> PullResult.Status.OFFSET_ILLEGAL;
            default -> throw Cluster.refused(answer, "broker " + queue.brokerName() + " at " + address);
        };
        PullReply reply = PullReply.read(answer);
        List<ReceivedMessage> messages = status == PullResult.Status.FOUND
                ? filter.matching(records(answer.body(), queue.brokerName()))
                : List.of();
        return new PullResult(status, messages, reply.nextBeginOffset(), reply.minOffset(), reply.maxOffset());
    }

    /** All records of a body, which lie there one after another. */
    static List<ReceivedMessage> records(byte[] body, String brokerName) {
        List<ReceivedMessage> messages = new ArrayList<>();
        RecordView record = new RecordView();
        int at = 0;
        while (at < body.length) {
            if (!record.on(body, at, body.length - at)) {
                throw new ClientException("broker " + brokerName + " sent " + body.length
                        + " bytes of records, and at byte " + at + " there is none");
            }
            if (!record.bodyCrcMatches()) {
                throw new ClientException("the message at queue offset " + record.queueOffset() + " of "
                        + record.topic() + "@" + brokerName + "#" + record.queueId()
                        + " has a body that does not match its checksum");
            }
            messages.add(new ReceivedMessage(record, brokerName));
            at += record.totalBytes();
        }
        return messages;
    }

    long minOffset(MessageQueueId queue) {
        return offset(queue, RequestCode.GET_MIN_OFFSET, new QueueRequest(queue.topic(), queue.queueId()));
    }

    long maxOffset(MessageQueueId queue) {
        return offset(queue, RequestCode.GET_MAX_OFFSET, new QueueRequest(queue.topic(), queue.queueId()));
    }

    long searchOffset(MessageQueueId queue, long timeMillis) {
        return offset(
                queue,
                RequestCode.SEARCH_OFFSET_BY_TIMESTAMP,
                new SearchOffsetRequest(queue.topic(), queue.queueId(), timeMillis, null));
    }

    private long offset(MessageQueueId queue, RequestCode code, Header header) {
        return OffsetReply.read(cluster.askOk(readAddress(queue), Frame.request(code, header)))
                .offset();
    }

    /** What a group has committed for a queue; null if nothing. */
    @Nullable Long committed(String group, MessageQueueId queue) {
        String address = readAddress(queue);
        Frame answer = cluster.ask(
                address,
                Frame.request(
                        RequestCode.QUERY_CONSUMER_OFFSET,
                        new QueryOffsetRequest(group, queue.topic(), queue.queueId(), null)));
        if (answer.code() == ResponseCode.QUERY_NOT_FOUND.number()) {
            return null;
        }
        return OffsetReply.read(Cluster.ok(answer, address)).offset();
    }

    void commit(String group, MessageQueueId queue, long offset) {
        cluster.askOk(
                readAddress(queue),
                Frame.request(
                        RequestCode.UPDATE_CONSUMER_OFFSET,
                        new UpdateOffsetRequest(group, queue.topic(), queue.queueId(), offset)));
    }
}
