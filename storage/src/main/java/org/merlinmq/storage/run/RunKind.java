package org.merlinmq.storage.run;

/**
 * What the entries of a run are. Each index has a kind of its own.
 *
 * @param code the number in files, from 1
 * @param word the first part of file names, in lower case
 * @param entryBytes the size of an entry
 */
public record RunKind(int code, String word, int entryBytes) {
    /** An entry of two numbers. */
    public static final int PAIR_BYTES = 16;

    /** An entry of a queue. */
    public static final int QUEUE_ENTRY_BYTES = 24;
}
