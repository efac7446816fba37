package org.merlinmq.broker.send;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.message.SysFlag;
import org.merlinmq.storage.Storage;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Whether the broker takes a send: first what holds for all of them, then what its topic and body say.
 *
 * <p>Threading: any thread.
 */
public final class SendChecks {
    private static final int WRITE = 2;

    private final String brokerName;
    private final Supplier<SendConfig> config;
    private final Storage storage;
    private final LongSupplier nowMillis;

    /**
     * The checks of one broker.
     *
     * @param brokerName stands in refusals
     * @param config the settings as they are now
     * @param storage where messages go
     * @param nowMillis the wall clock
     */
    public SendChecks(String brokerName, Supplier<SendConfig> config, Storage storage, LongSupplier nowMillis) {
        this.brokerName = brokerName;
        this.config = config;
        this.storage = storage;
        this.nowMillis = nowMillis;
    }

    /** Why nothing at all can be taken in now; null on a good day. */
    @Nullable Refusal broker() {
        if (!storage.writeState().writable()) {
            return new Refusal(
                    ResponseCode.SERVICE_NOT_AVAILABLE, storage.writeState().sentence());
        }
        return open();
    }

    /**
     * Why clients may send nothing now, be it stored or not.
     *
     * @return null if they may
     */
    public @Nullable Refusal open() {
        SendConfig now = config.get();
        if ((now.permission() & WRITE) == 0) {
            return new Refusal(
                    ResponseCode.NO_PERMISSION,
                    "the broker " + brokerName + " takes no messages now: brokerPermission=" + now.permission()
                            + " lacks 2");
        }
        if (now.acceptFromMillis() > 0 && nowMillis.getAsLong() < now.acceptFromMillis()) {
            return new Refusal(
                    ResponseCode.SYSTEM_ERROR,
                    "the broker takes no messages before startAcceptSendRequestTimeStamp=" + now.acceptFromMillis());
        }
        return null;
    }

    /**
     * Why a send cannot go to its topic; null if it can.
     *
     * @param topic null if its queue was found by {@link TopicResolver#findOpen}
     */
    @Nullable Refusal message(SendRequest request, @Nullable Topic topic) {
        // Such a message would be in its queue only until the queue is made anew from the log.
        if ((request.sysFlag & SysFlag.PREPARED) != 0
                && (request.batch || SysFlag.transaction(request.sysFlag) == SysFlag.ROLLBACK)) {
            return request.batch ? halfInBatch() : illegal("a message that is sent cannot be a rollback");
        }
        Refusal refusal = topic == null ? null : queue(request.queueId, topic);
        return refusal != null ? refusal : body(request.body.length());
    }

    /**
     * Why a body cannot be taken.
     *
     * @param bytes its length
     * @return null if it can
     */
    public @Nullable Refusal body(int bytes) {
        if (bytes == 0) {
            return illegal("the message has no body");
        }
        int most = config.get().maxMessageBytes();
        if (bytes > most) {
            return illegal("the body has " + bytes + " bytes; maxMessageSize allows " + most);
        }
        return null;
    }

    /**
     * Why a message cannot go to a queue.
     *
     * @param queueId its number; below 0 for any
     * @param topic its topic
     * @return null if it can
     */
    public static @Nullable Refusal queue(int queueId, Topic topic) {
        int queues = topic.queueLimit();
        if (queueId >= queues) {
            return new Refusal(
                    ResponseCode.INVALID_PARAMETER,
                    "the topic " + topic.name() + " has no queue " + queueId + ", only 0 to " + (queues - 1));
        }
        if (queueId < 0 && topic.config().writeQueueNums() == 0) {
            return new Refusal(
                    ResponseCode.INVALID_PARAMETER,
                    "the topic " + topic.name() + " has no queue to write to: its writeQueueNums is 0");
        }
        return null;
    }

    static Refusal illegal(String sentence) {
        return new Refusal(ResponseCode.MESSAGE_ILLEGAL, sentence);
    }

    static Refusal halfInBatch() {
        return illegal("a batch holds no transactional message; send those singly");
    }

    /** The first message of a queue enters its name into a journal, which a full disk does not take. */
    static Refusal noQueue(Topic topic, DiskException cause) {
        return new Refusal(
                ResponseCode.SERVICE_NOT_AVAILABLE,
                "The queue of a message to topic " + topic.name() + " cannot be made: " + cause.getMessage()
                        + (cause.full() ? ". Free space there; then send again." : ". Check the disk."));
    }
}
