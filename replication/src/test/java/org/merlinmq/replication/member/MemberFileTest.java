package org.merlinmq.replication.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.replication.core.MemberCore.Kept;
import org.merlinmq.testkit.SimDisk;

/** What a member keeps besides its log, whatever happens to its disk. */
final class MemberFileTest {
    private static final Path FOLDER = Path.of("/store");
    private static final UUID BOOT = new UUID(1, 2);
    private static final Kept SOUND = new Kept(1 << 18, false, false, 42);
    private static final Kept DOUBTFUL = new Kept(2 << 18, true, true, 42);

    private SimDisk disk = new SimDisk();

    MemberFileTest() {
        disk.createFolders(FOLDER);
    }

    private MemberFile file(int member, UUID boot) {
        return new MemberFile(disk, FOLDER, member, boot);
    }

    @Test
    void whatWasWrittenIsRead() {
        for (Kept kept : new Kept[] {SOUND, DOUBTFUL, Kept.NOTHING}) {
            file(3, BOOT).write(kept, false);
            assertThat(file(3, BOOT).read(true).kept()).isEqualTo(kept);
        }
    }

    @Test
    void aMemberThatNeverWasOneKeepsNothing() {
        assertThat(file(3, BOOT).read(false)).isEqualTo(new MemberFile.Found(Kept.NOTHING, false));
    }

    @Test
    void powerWasLostIfTheBootIsAnotherAndTheMemberWasNotStopped() {
        UUID next = new UUID(3, 4);
        file(3, BOOT).write(SOUND, false);
        assertThat(file(3, BOOT).read(true).powerLost()).isFalse();
        assertThat(file(3, next).read(true).powerLost()).isTrue();
        file(3, BOOT).write(SOUND, true);
        assertThat(file(3, next).read(true).powerLost()).isFalse();
    }

    @Test
    void aSystemWithoutBootsHasLostPowerEachTimeThatAMemberWasNotStopped() {
        UUID unknown = new UUID(0, 0);
        file(3, unknown).write(SOUND, false);
        assertThat(file(3, unknown).read(true).powerLost()).isTrue();
    }

    @Test
    void anotherMembersFolderBeginsAsANewcomerOfTheSameGroup() {
        file(3, BOOT).write(SOUND, true);
        assertThat(file(4, BOOT).read(true).kept()).isEqualTo(new Kept(SOUND.epoch(), true, true, 42));
    }

    @Test
    void aLossOfPowerWhileItIsWrittenLeavesTheOldOneOrTheNewOne() {
        for (int seed = 0; seed < 200; seed++) {
            disk = new SimDisk();
            disk.createFolders(FOLDER);
            file(3, BOOT).write(SOUND, false);
            long operations = seed % 8;
            long[] count = new long[1];
            disk.fault((operation, path, times) -> {
                if (count[0]++ == operations) {
                    throw new DiskException("off", false, null);
                }
            });
            boolean written = true;
            try {
                file(3, BOOT).write(DOUBTFUL, false);
            } catch (DiskException off) {
                written = false;
            }
            disk = disk.losePower(new Random(seed));
            Kept found = file(3, BOOT).read(true).kept();
            assertThat(found).isIn(SOUND, DOUBTFUL);
            if (written) {
                assertThat(found).as("seed %s", seed).isEqualTo(DOUBTFUL);
            }
        }
    }

    @Test
    void noBitOfItMayBeWrong() {
        file(3, BOOT).write(SOUND, false);
        Path path = FOLDER.resolve(MemberFile.FILE);
        int bits = disk.bytes(path).length * 8;
        for (int bit = 0; bit < bits; bit++) {
            disk.flip(path, bit);
            assertThatThrownBy(() -> file(3, BOOT).read(true))
                    .as("bit %s", bit)
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining(path.toString());
            disk.flip(path, bit);
        }
        assertThat(file(3, BOOT).read(true).kept()).isEqualTo(SOUND);
    }

    @Test
    void aStoreOfAGroupIsNotStartedWithoutIt() {
        assertThatThrownBy(() -> file(3, BOOT).read(true))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("it is missing")
                .hasMessageContaining("start with an empty one");
    }

    @Test
    void oneOfALaterVersionIsRefusedWithBothVersionsAndLeftAsItIs() {
        ByteBuffer later = ByteBuffer.allocate(60).put("MERLINMB".getBytes(StandardCharsets.US_ASCII));
        later.putInt(2).position(56);
        CRC32C crc = new CRC32C();
        crc.update(later.array(), 0, 56);
        later.putInt((int) crc.getValue());
        Path path = FOLDER.resolve(MemberFile.FILE);
        disk.replace(path, later.array());
        assertThatThrownBy(() -> file(3, BOOT).read(true))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("has version 2, and this server reads version 1: start the version of MerlinMQ");
        assertThat(disk.bytes(path)).isEqualTo(later.array());
    }
}
