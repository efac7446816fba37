package org.merlinmq.storage.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.testkit.SimDisk;

final class SegmentsTest {
    private static final Path FOLDER = Path.of("/store");
    private static final long SEGMENT = 4096;

    /** The thread that makes segments ahead was overtaken between its look at the log's end and its making of the next. */
    @Test
    void aSegmentThatWasDeletedMeanwhileIsNotMadeAgain() {
        SimDisk disk = new SimDisk();
        disk.createFolders(FOLDER);
        Segments log = new Segments(disk, FOLDER, SEGMENT, List.of());
        log.ensure(0);
        long asked = log.end();
        log.ensure(SEGMENT);
        log.ensure(2 * SEGMENT);
        log.dropFirst(3 * SEGMENT);
        log.dropFirst(3 * SEGMENT);
        log.ensure(asked);
        assertThat(log.begin()).isEqualTo(2 * SEGMENT);
        assertThat(log.end()).isEqualTo(3 * SEGMENT);
        assertThat(disk.files()).hasSize(1);
        log.close();
    }

    @Test
    void aSegmentWhoseMakingWasCutOffOutlivesALossOfPowerOnceOthersFollowIt() {
        SimDisk first = new SimDisk();
        first.createFolders(FOLDER);
        first.create(FOLDER.resolve(Segment.name(0))).close();
        SimDisk second = first.killProcess();
        Segments log = SegmentFolder.open(second, FOLDER, SEGMENT, 0);
        log.ensure(SEGMENT);
        log.close();
        SimDisk third = second.losePowerAndAllUnsynced();
        assertThat(third.files()).hasSize(2);
        assertThat(third.bytes(third.files().getFirst())).hasSize((int) SEGMENT);
    }
}
