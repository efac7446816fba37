package org.merlinmq.replication.member;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.replication.core.MemberCore.Kept;

/**
 * What a member keeps besides its log: to which epoch it has promised, whether it may have lost what it acknowledged, and under
 * which boot of the machine that was so. Without it a member could break its promises; so a store of a group that has lost
 * the file, or has it damaged, is not started.
 *
 * <pre>
 *  0 "MERLINMB"   8
 *  8 version      4   1
 * 12 member       4   its number
 * 16 epoch        4
 * 20 flags        4   1 doubtful, 2 newcomer, 4 closed in order
 * 24 group        8
 * 32 boot        16
 * 48 crc32c       4   of all before
 * </pre>
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Format: big-endian; docs/formats/member.md. The file is replaced as a whole.
 */
public final class MemberFile {
    /** The file's name in the folder of the store. */
    public static final String FILE = "member";

    /** Where Linux names the boot that goes on. */
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private static final UUID UNKNOWN_BOOT = new UUID(0, 0);
    private static final byte[] MAGIC = "MERLINMB".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int BYTES = 52;
    private static final int HEAD_BYTES = 12;
    private static final int CRC_BYTES = 4;
    private static final int DOUBTFUL = 1;
    private static final int NEWCOMER = 2;
    private static final int CLOSED = 4;

    private final Disk disk;
    private final Path file;
    private final int member;
    private final UUID boot;

    /**
     * The file of a member.
     *
     * @param disk holds it
     * @param folder of the store
     * @param member its number
     * @param boot the boot of the machine that goes on, {@link #currentBoot}
     */
    public MemberFile(Disk disk, Path folder, int member, UUID boot) {
        this.disk = disk;
        this.file = folder.resolve(FILE);
        this.member = member;
        this.boot = boot;
    }

    /**
     * What is found at a start.
     *
     * @param kept what the member has kept
     * @param powerLost whether the machine may have lost power since the member last ran
     */
    public record Found(Kept kept, boolean powerLost) {}

    /**
     * The boot of the machine that goes on.
     *
     * @return its name; one that is never the same as another's if the system has none, as if power were lost at each kill
     */
    public static UUID currentBoot() {
        try {
            return UUID.fromString(Files.readString(BOOT_ID).strip());
        } catch (java.io.IOException | IllegalArgumentException unknown) {
            return UNKNOWN_BOOT;
        }
    }

    /**
     * Reads the file.
     *
     * @param isOfGroup whether the store has epochs of a group, so that there was a file
     * @return what it has; nothing if the member never was one
     * @throws DiskException if the file is damaged or lost, with the cure
     */
    public Found read(boolean isOfGroup) {
        if (!disk.exists(file)) {
            if (isOfGroup) {
                throw lost("it is missing");
            }
            return new Found(Kept.NOTHING, false);
        }
        byte[] bytes = disk.readAll(file, 1 << 12);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int crcAt = bytes.length - CRC_BYTES;
        if (crcAt < HEAD_BYTES || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw lost("it is no such file");
        }
        if (in.getInt(crcAt) != crc(bytes, crcAt)) {
            throw lost("its checksum does not match its content");
        }
        if (in.getInt(8) != VERSION) {
            throw new DiskException(
                    file + " has version " + in.getInt(8) + ", and this server reads version " + VERSION
                            + ": start the version of MerlinMQ that wrote it",
                    false,
                    null);
        }
        if (bytes.length != BYTES) {
            throw lost("it has " + bytes.length + " bytes, and not " + BYTES);
        }
        int flags = in.getInt(20);
        UUID before = new UUID(in.getLong(32), in.getLong(40));
        // Another member's folder has its log, but not its promises.
        boolean others = in.getInt(12) != member;
        Kept kept = new Kept(
                in.getInt(16), others || (flags & DOUBTFUL) != 0, others || (flags & NEWCOMER) != 0, in.getLong(24));
        boolean sameBoot = before.equals(boot) && !boot.equals(UNKNOWN_BOOT);
        return new Found(kept, !sameBoot && (flags & CLOSED) == 0);
    }

    private DiskException lost(String why) {
        return new DiskException(
                file + " cannot be used, since " + why + ": what this member has promised to its group is not known any"
                        + " more. Move the data folder away and start with an empty one: the member begins with a copy of its"
                        + " master's log. If no other member is left, put the file of a backup back",
                false,
                null);
    }

    /**
     * Writes the file; durable when this returns.
     *
     * @param kept what the member keeps
     * @param closed whether all of its log is on the disk, and nothing is written any more
     */
    public void write(Kept kept, boolean closed) {
        int flags = (kept.doubtful() ? DOUBTFUL : 0) | (kept.newcomer() ? NEWCOMER : 0) | (closed ? CLOSED : 0);
        ByteBuffer out = ByteBuffer.allocate(BYTES).put(MAGIC).putInt(VERSION).putInt(member);
        out.putInt(kept.epoch()).putInt(flags).putLong(kept.group());
        out.putLong(boot.getMostSignificantBits()).putLong(boot.getLeastSignificantBits());
        out.putInt(crc(out.array(), out.position()));
        disk.replace(file, out.array());
    }

    private static int crc(byte[] bytes, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, count);
        return (int) crc.getValue();
    }
}
