package org.merlinmq.storage.run;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Where things stand in a run. All integers are big-endian; docs/formats/queue-run.md has the pictures.
 *
 * <pre>
 * header 64 | entries | directory (queue runs) | CRC32C of each block of 512 entries | footer 64
 * </pre>
 */
final class RunFormat {

    static final long MAGIC = 0x4D45_524C_4E52_554EL; // MERLNRUN
    static final int VERSION = 1;

    static final int HEADER_BYTES = 64;
    static final int FOOTER_BYTES = 64;
    static final int BLOCK_ENTRIES = 512;
    static final int DIRECTORY_ENTRY_BYTES = 32;

    static final int MAGIC_AT = 0;
    static final int VERSION_AT = 8;
    static final int KIND_AT = 12;
    static final int NUMBER_AT = 16;

    static final int HEADER_ENTRY_BYTES_AT = 24;
    static final int HEADER_BLOCK_ENTRIES_AT = 28;

    static final int FOOTER_ENTRIES_AT = 24;
    static final int FOOTER_DIRECTORY_COUNT_AT = 32;
    static final int FOOTER_MIN_LOG_OFFSET_AT = 40;
    static final int FOOTER_MAX_LOG_OFFSET_AT = 48;
    static final int FOOTER_TABLES_CRC_AT = 56;

    /** In header and footer: the CRC32C of the 60 bytes before it. */
    static final int CRC_AT = 60;

    static final int DIRECTORY_HANDLE_AT = 0;
    static final int DIRECTORY_COUNT_AT = 4;
    static final int DIRECTORY_FIRST_OFFSET_AT = 8;
    static final int DIRECTORY_FIRST_ENTRY_AT = 16;
    static final int DIRECTORY_LAST_LOG_OFFSET_AT = 24;

    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private RunFormat() {}

    static long blocks(long entries) {
        return (entries + BLOCK_ENTRIES - 1) / BLOCK_ENTRIES;
    }
}
