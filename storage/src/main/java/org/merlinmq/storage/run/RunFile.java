package org.merlinmq.storage.run;

/**
 * One immutable sorted file, as a checkpoint names it.
 *
 * @param kind what its entries are
 * @param number makes the name unique in its kind; a higher number was written later
 * @param minLogOffset lowest log offset of its entries
 * @param maxLogOffset highest log offset of its entries
 * @param entries how many
 * @param bytes size of the file
 */
public record RunFile(RunKind kind, long number, long minLogOffset, long maxLogOffset, long entries, long bytes) {

    /**
     * The file's name in the folder of runs.
     *
     * @return for example {@code queue-00000000000000000007.run}
     */
    public String name() {
        return name(kind, number);
    }

    static String name(RunKind kind, long number) {
        return "%s-%020d.run".formatted(kind.word(), number);
    }
}
