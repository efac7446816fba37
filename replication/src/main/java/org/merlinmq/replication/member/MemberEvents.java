package org.merlinmq.replication.member;

/**
 * Hears what a member becomes, and what is confirmed.
 *
 * <p>Threading: called by the thread {@code replica}, one call at a time; all but {@link #stoodDown} must not block.
 */
public interface MemberEvents {
    /**
     * The member leads: the store takes sends from now on.
     *
     * @param epoch that it leads in
     * @param group whose log it has
     */
    void leads(int epoch, long group);

    /**
     * The member does not lead any more. When this returns no append is under way and none is taken: the end of the log does not
     * move. Whoever waits for copies hears that they are not known to be there.
     *
     * @param reason a sentence
     */
    void stoodDown(String reason);

    /**
     * The member follows another one, or none.
     *
     * @param leader its number; -1 if none is known
     */
    void follows(int leader);

    /**
     * Enough members have the log up to an offset.
     *
     * @param logOffset all below is confirmed; grows while the member leads
     */
    void confirmed(long logOffset);

    /**
     * Consumers may have more of the log, whether this member leads or follows. Only where copies are waited for.
     *
     * @param logOffset all below is confirmed, and in the log; after the store was opened again it may begin lower
     */
    void readable(long logOffset);

    /**
     * The number of followers in sync has changed.
     *
     * @param copies how many there are besides the leader
     */
    void inSync(int copies);

    /**
     * Something that an operator has to see; the same sentence comes once until another one does.
     *
     * @param sentence what happened, and what cures it
     */
    void reported(String sentence);
}
