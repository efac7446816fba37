package org.merlinmq.storage.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.testkit.SimDisk;

/** When zeros are written ahead of records that are synced. */
class ZeroAheadTest {
    private static final long LITTLE = 16 << 10;
    private static final long MUCH = 300 << 10;

    private static final Path FOLDER = Path.of("/store/commitlog");

    private final SimDisk disk = new SimDisk();
    private final Segments segments = new Segments(disk, FOLDER, 4 << 20, List.of());
    private final ZeroAhead zeroAhead = new ZeroAhead(segments, new WriteGate());

    @Test
    void littleThatIsSyncedOftenGetsZerosOncePerMegabyte() {
        disk.createFolders(FOLDER);
        segments.ensure(0);
        assertThat(zeroAhead.isDue(LITTLE, LITTLE)).isTrue();
        zeroAhead.begin(LITTLE);
        zeroAhead.write();
        assertThat(zeroAhead.isDue(2 * LITTLE, LITTLE)).isFalse();
        assertThat(zeroAhead.isDue(LITTLE + (512 << 10), LITTLE)).isTrue();
    }

    @Test
    void muchThatIsSyncedAtOnceGetsNoneUntilSyncsHaveLittleAgain() {
        for (int syncs = 0; syncs < 8; syncs++) {
            zeroAhead.isDue(0, MUCH);
        }
        assertThat(zeroAhead.isDue(0, MUCH)).isFalse();
        assertThat(zeroAhead.isDue(0, LITTLE)).isFalse();
        for (int syncs = 0; syncs < 16; syncs++) {
            zeroAhead.isDue(0, LITTLE);
        }
        assertThat(zeroAhead.isDue(0, LITTLE)).isTrue();
    }
}
