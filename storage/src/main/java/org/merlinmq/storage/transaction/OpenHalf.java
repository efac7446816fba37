package org.merlinmq.storage.transaction;

/**
 * A half message that is open.
 *
 * <p>A half message may be appended anew to outlive its segment. Its transaction keeps the name that the producer was given:
 * the place of the first record.
 *
 * @param logOffset where its record begins
 * @param queueOffset its place in the queue of half messages
 * @param firstLogOffset where its first record began; the same as {@code logOffset} if it was never moved
 * @param firstQueueOffset the first record's place in the queue
 * @param checks how often a producer was asked about it
 * @param checkMillis when it is checked next, in milliseconds since 1970
 * @param groupHash {@link org.merlinmq.protocol.bytes.Bytes#hash} of its producer group
 * @param asked which producer was asked last and has not answered: a number from 1 to 127, 0 for none
 */
public record OpenHalf(
        long logOffset,
        long queueOffset,
        long firstLogOffset,
        long firstQueueOffset,
        int checks,
        long checkMillis,
        int groupHash,
        int asked) {}
