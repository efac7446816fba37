package org.merlinmq.protocol.message;

/** Names of the properties that the protocol gives a meaning. */
public final class PropertyName {
    /** Index keys, separated by single spaces. */
    public static final String KEYS = "KEYS";

    /** The tag. */
    public static final String TAGS = "TAGS";

    /** Whether the send is answered only after flush and replication. */
    public static final String WAIT = "WAIT";

    /** Delay level, 1 to 18. */
    public static final String DELAY = "DELAY";

    /** Topic that a retried message came from. */
    public static final String RETRY_TOPIC = "RETRY_TOPIC";

    /** Topic of a message that is stored elsewhere for a while. */
    public static final String REAL_TOPIC = "REAL_TOPIC";

    /** Queue of a message that is stored elsewhere for a while. */
    public static final String REAL_QID = "REAL_QID";

    /** Whether it is a half message. */
    public static final String TRAN_MSG = "TRAN_MSG";

    /** Producer group of a transaction. */
    public static final String PGROUP = "PGROUP";

    /** Offset id of the first delivery. */
    public static final String ORIGIN_MESSAGE_ID = "ORIGIN_MESSAGE_ID";

    /** Count of consumptions, from clients that send retries. */
    public static final String RECONSUME_TIME = "RECONSUME_TIME";

    /** Limit of consumptions, from clients that send retries. */
    public static final String MAX_RECONSUME_TIMES = "MAX_RECONSUME_TIMES";

    /** Region of the broker. */
    public static final String MSG_REGION = "MSG_REGION";

    /** Whether clients shall trace. */
    public static final String TRACE_ON = "TRACE_ON";

    /** Cluster of the broker. */
    public static final String CLUSTER = "CLUSTER";

    /** The client's own message id. */
    public static final String UNIQ_KEY = "UNIQ_KEY";

    /** Messages in an inner batch. */
    public static final String INNER_NUM = "INNER_NUM";

    /** Queue offset of an inner batch. */
    public static final String INNER_BASE = "INNER_BASE";

    /** Age before which a half message is not checked. */
    public static final String CHECK_IMMUNITY_TIME_IN_SECONDS = "CHECK_IMMUNITY_TIME_IN_SECONDS";

    /** Queue offset of the first copy of a half message. */
    public static final String TRAN_PREPARED_QUEUE_OFFSET = "TRAN_PREPARED_QUEUE_OFFSET";

    /** Copy of the unique key. */
    public static final String TRANSACTION_ID = "__transactionId__";

    /** How often a half message was checked. */
    public static final String TRANSACTION_CHECK_TIMES = "TRANSACTION_CHECK_TIMES";

    /**
     * Log offset of the first copy of a half message, which names its transaction. Ours: RocketMQ has no such property.
     */
    public static final String FIRST_HALF_LOG_OFFSET = "MERLIN_HALF_LOG_OFFSET";

    /** How long after its commit a message is to be delivered, in milliseconds. Ours: RocketMQ has no such property. */
    public static final String TRAN_DELAY_MS = "MERLIN_TRAN_DELAY_MS";

    /** Namespace of the client. */
    public static final String INSTANCE_ID = "INSTANCE_ID";

    /** Ties a reply to its request. */
    public static final String CORRELATION_ID = "CORRELATION_ID";

    /** Client id of the requester. */
    public static final String REPLY_TO_CLIENT = "REPLY_TO_CLIENT";

    /** How long a requester waits, in milliseconds. */
    public static final String TTL = "TTL";

    /** When a reply was pushed. */
    public static final String PUSH_REPLY_TIME = "PUSH_REPLY_TIME";

    /** The word "reply" marks a reply. */
    public static final String MSG_TYPE = "MSG_TYPE";

    /** Handle of a popped message. */
    public static final String POP_CK = "POP_CK";

    /** Offset of the checkpoint of a popped message. */
    public static final String POP_CK_OFFSET = "POP_CK_OFFSET";

    /** When a message was popped first. */
    public static final String FIRST_POP_TIME = "1ST_POP_TIME";

    /** Order key. */
    public static final String SHARDING_KEY = "__SHARDINGKEY";

    /** Further queues, separated by commas. */
    public static final String INNER_MULTI_DISPATCH = "INNER_MULTI_DISPATCH";

    /** Offsets in these queues. */
    public static final String INNER_MULTI_QUEUE_OFFSET = "INNER_MULTI_QUEUE_OFFSET";

    /** When to deliver, in milliseconds since 1970. */
    public static final String TIMER_DELIVER_MS = "TIMER_DELIVER_MS";

    /** Delay in seconds. */
    public static final String TIMER_DELAY_SEC = "TIMER_DELAY_SEC";

    /** Delay in milliseconds. */
    public static final String TIMER_DELAY_MS = "TIMER_DELAY_MS";

    /** When the broker delivers, rounded to its precision. */
    public static final String TIMER_OUT_MS = "TIMER_OUT_MS";

    /** When a timer took the message. */
    public static final String TIMER_ENQUEUE_MS = "TIMER_ENQUEUE_MS";

    /** When a timer gave the message out. */
    public static final String TIMER_DEQUEUE_MS = "TIMER_DEQUEUE_MS";

    /** How often a timer moved the message on. */
    public static final String TIMER_ROLL_TIMES = "TIMER_ROLL_TIMES";

    /** Topic and unique key of a delayed message to be taken back. */
    public static final String TIMER_DEL_UNIQKEY = "TIMER_DEL_UNIQKEY";

    /** The true producer behind a proxy. */
    public static final String BORN_HOST = "__BORNHOST";

    /** The true time of birth behind a proxy. */
    public static final String BORN_TIMESTAMP = "BORN_TIMESTAMP";

    /** Checksum of the record. */
    public static final String CRC32 = "__CRC32#";

    /** Topic of a dead letter. */
    public static final String DLQ_ORIGIN_TOPIC = "DLQ_ORIGIN_TOPIC";

    /** Id of a dead letter. */
    public static final String DLQ_ORIGIN_MESSAGE_ID = "DLQ_ORIGIN_MESSAGE_ID";

    /** Names that start so are never stored. */
    public static final String TRANSIENT_PREFIX = "__RMQ.TRANSIENT.";

    private PropertyName() {}
}
