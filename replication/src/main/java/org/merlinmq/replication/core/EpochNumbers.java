package org.merlinmq.replication.core;

/**
 * How epochs are numbered, so that no two members ever begin one of the same number, and a promotion counts for more than any
 * number of restarts.
 *
 * <pre>
 *  30        18 17      8 7      0
 * | promotions | restarts | member |      epoch 0 is that of a store that never was a member
 * </pre>
 *
 * <p>A master that starts again begins an epoch of its own promotion: had another member been promoted meanwhile, that one's
 * epoch is higher.
 */
public final class EpochNumbers {
    /** The highest number of a member. */
    public static final int MAX_MEMBER = 255;

    private static final int RESTART_SHIFT = 8;
    private static final int PROMOTION_SHIFT = 18;
    private static final int MAX_RESTART = (1 << (PROMOTION_SHIFT - RESTART_SHIFT)) - 1;
    private static final int MAX_PROMOTION = (1 << (31 - PROMOTION_SHIFT)) - 1;

    private EpochNumbers() {}

    /**
     * The epoch of a promotion.
     *
     * @param heard the highest epoch that anybody has heard of
     * @param member that is promoted
     * @return a higher one
     */
    public static int promoted(int heard, int member) {
        int promotions = (heard >>> PROMOTION_SHIFT) + 1;
        if (promotions > MAX_PROMOTION) {
            throw new IllegalStateException("a broker group has at most " + MAX_PROMOTION
                    + " promotions; begin a new one of copies of its newest member");
        }
        return promotions << PROMOTION_SHIFT | member;
    }

    /**
     * The epoch of a master that starts again.
     *
     * @param last that it led in
     * @param member that it is
     * @return a higher one, but below that of any later promotion as long as there are numbers left
     */
    public static int restarted(int last, int member) {
        int restarts = (last >>> RESTART_SHIFT & MAX_RESTART) + 1;
        if (restarts > MAX_RESTART) {
            return promoted(last, member);
        }
        return (last >>> PROMOTION_SHIFT) << PROMOTION_SHIFT | restarts << RESTART_SHIFT | member;
    }

    /**
     * Who leads in an epoch.
     *
     * @param epoch its number
     * @return the member
     */
    public static int memberOf(int epoch) {
        return epoch & MAX_MEMBER;
    }
}
