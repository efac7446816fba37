package org.merlinmq.protocol.code;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a request was answered. The names are the protocol's.
 *
 * <p>Format: docs/wire/README.md. Source: the numbers that released servers answer with and clients act on.
 */
public enum ResponseCode {
    /** Done. */
    SUCCESS(0),

    /** Any failure; producers retry on another broker. */
    SYSTEM_ERROR(1),

    /** Flow control; producers of 5.x retry, older ones do not. */
    SYSTEM_BUSY(2),

    /** Nobody here serves this request. */
    REQUEST_CODE_NOT_SUPPORTED(3),

    /** Not used. */
    TRANSACTION_FAILED(4),

    /** Stored, but not known to be on disk in time. */
    FLUSH_DISK_TIMEOUT(10),

    /** Stored, but no slave is in sync; or a slave was asked to do a master's work. */
    SLAVE_NOT_AVAILABLE(11),

    /** Stored, but no slave confirmed in time. */
    FLUSH_SLAVE_TIMEOUT(12),

    /** The message is too big, empty, or of an illegal name. */
    MESSAGE_ILLEGAL(13),

    /** The store takes no writes; producers retry on another broker. */
    SERVICE_NOT_AVAILABLE(14),

    /** Not used. */
    VERSION_NOT_SUPPORTED(15),

    /** The broker, topic, group or caller may not do this. */
    NO_PERMISSION(16),

    /** No such topic, and none could be created. */
    TOPIC_NOT_EXIST(17),

    /** Not used. */
    TOPIC_EXIST_ALREADY(18),

    /** No new message. */
    PULL_NOT_FOUND(19),

    /** Nothing matched the filter: pull again from the next offset at once. */
    PULL_RETRY_IMMEDIATELY(20),

    /** The offset is illegal: go on from the next offset given. */
    PULL_OFFSET_MOVED(21),

    /** Nothing is stored under this key or queue. */
    QUERY_NOT_FOUND(22),

    /** The filter expression is wrong. */
    SUBSCRIPTION_PARSE_FAILED(23),

    /** The group is not registered or not subscribed to the topic. */
    SUBSCRIPTION_NOT_EXIST(24),

    /** The broker knows only an older subscription than the request names. */
    SUBSCRIPTION_NOT_LATEST(25),

    /** No such group, and none could be created. */
    SUBSCRIPTION_GROUP_NOT_EXIST(26),

    /** The group's SQL filter came in no heartbeat. */
    FILTER_DATA_NOT_EXIST(27),

    /** The group's SQL filter is older than the request's. */
    FILTER_DATA_NOT_LATEST(28),

    /** A field is out of its range (5.x). */
    INVALID_PARAMETER(29),

    /** Not used. */
    TRANSACTION_SHOULD_COMMIT(200),

    /** Not used. */
    TRANSACTION_SHOULD_ROLLBACK(201),

    /** Not used. */
    TRANSACTION_STATE_UNKNOW(202),

    /** Not used. */
    TRANSACTION_STATE_GROUP_WRONG(203),

    /** Legacy; producers retry. */
    NO_BUYER_ID(204),

    /** Legacy; producers retry. */
    NOT_IN_CURRENT_UNIT(205),

    /** No consumer of the group is connected. */
    CONSUMER_NOT_ONLINE(206),

    /** The consumer did not answer in time. */
    CONSUME_MSG_TIMEOUT(207),

    /** The offset to acknowledge is out of range. */
    NO_MESSAGE(208),

    /** Too many pops wait. */
    POLLING_FULL(209),

    /** The pop has waited its time. */
    POLLING_TIMEOUT(210),

    /** No such broker group. */
    BROKER_NOT_EXIST(211),

    /** The queues are behind the log. */
    BROKER_DISPATCH_NOT_COMPLETE(212),

    /** The group consumes by broadcast, so the broker knows no progress. */
    BROADCAST_CONSUMPTION(213),

    /** Wait a moment and pull again (5.x). */
    FLOW_CONTROL(215),

    /** Another broker holds this logical queue. */
    NOT_LEADER_FOR_QUEUE(501),

    /** Too late, or not allowed in this state. */
    ILLEGAL_OPERATION(604),

    /** The server leaves: connect again (5.3). */
    GO_AWAY(1500),

    /** Controller: stale master epoch. */
    CONTROLLER_FENCED_MASTER_EPOCH(2000),

    /** Controller: stale epoch of the in-sync set. */
    CONTROLLER_FENCED_SYNC_STATE_SET_EPOCH(2001),

    /** Controller: not the master. */
    CONTROLLER_INVALID_MASTER(2002),

    /** Controller: unknown replicas. */
    CONTROLLER_INVALID_REPLICAS(2003),

    /** Controller: no master is known. */
    CONTROLLER_MASTER_NOT_AVAILABLE(2004),

    /** Controller: the request is wrong. */
    CONTROLLER_INVALID_REQUEST(2005),

    /** Controller: the broker is not alive. */
    CONTROLLER_BROKER_NOT_ALIVE(2006),

    /** Controller: ask the leader. */
    CONTROLLER_NOT_LEADER(2007),

    /** Controller: unknown broker. */
    CONTROLLER_BROKER_METADATA_NOT_EXIST(2008),

    /** No such user. */
    USER_NOT_EXIST(3001),

    /** No such policy. */
    POLICY_NOT_EXIST(3002);

    private static final Map<Integer, ResponseCode> ODD = new TreeMap<>();
    private static final @Nullable ResponseCode[] SMALL = new ResponseCode[1024];

    static {
        for (ResponseCode code : values()) {
            if (code.number < SMALL.length) {
                SMALL[code.number] = code;
            } else {
                ODD.put(code.number, code);
            }
        }
    }

    private final int number;

    ResponseCode(int number) {
        this.number = number;
    }

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /**
     * Finds a code.
     *
     * @param number the number on the wire
     * @return the code; null if we know none of this number
     */
    public static @Nullable ResponseCode of(int number) {
        return number >= 0 && number < SMALL.length ? SMALL[number] : ODD.get(number);
    }
}
