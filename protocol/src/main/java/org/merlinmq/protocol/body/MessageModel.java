package org.merlinmq.protocol.body;

/** Whether the members of a group share the messages. */
public enum MessageModel {
    /** Each member gets all. */
    BROADCASTING,
    /** Each message goes to one member. */
    CLUSTERING,
    /** Members choose lite topics (5.5). */
    LITE_SELECTIVE
}
