package org.merlinmq.protocol.message;

/** The bits of a record's {@code sysFlag}. */
public final class SysFlag {
    /** The body is compressed. */
    public static final int COMPRESSED = 0x1;

    /** The message has more than one tag. */
    public static final int MULTI_TAGS = 0x2;

    /** Mask of the transaction state. */
    public static final int TRANSACTION = 0xC;

    /** State: half message. */
    public static final int PREPARED = 0x4;

    /** State: committed. */
    public static final int COMMIT = 0x8;

    /** State: rolled back. */
    public static final int ROLLBACK = 0xC;

    /** The born host takes 20 bytes. */
    public static final int BORN_HOST_V6 = 0x10;

    /** The store host takes 20 bytes. */
    public static final int STORE_HOST_V6 = 0x20;

    /** The client must unwrap an inner batch. */
    public static final int NEED_UNWRAP = 0x40;

    /** The body is an inner batch. */
    public static final int INNER_BATCH = 0x80;

    /** Mask of the kind of compression: 0 and 0x300 zlib, 0x100 LZ4, 0x200 Zstandard. */
    public static final int COMPRESSION = 0x700;

    private SysFlag() {}

    /**
     * The transaction state.
     *
     * @param sysFlag all bits
     * @return 0 or one of the three states
     */
    public static int transaction(int sysFlag) {
        return sysFlag & TRANSACTION;
    }
}
