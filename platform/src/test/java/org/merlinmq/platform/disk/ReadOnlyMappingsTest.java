package org.merlinmq.platform.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.merlinmq.platform.disk.ReadOnlyMappings.Range;

final class ReadOnlyMappingsTest {
    @Test
    void onlyLibrariesAndCachesThatNobodyWritesToArePicked() {
        assertThat(ReadOnlyMappings.readOnly(List.of(
                        "7f0000000000-7f0000002000 r-xp 00000000 fe:00 1   /usr/lib/jvm/lib/server/libjvm.so",
                        "Rss:                   8 kB",
                        "Anonymous:             0 kB",
                        "VmFlags: rd ex mr mw me",
                        "7f0000002000-7f0000003000 r--p 00001000 fe:00 1   /usr/lib/jvm/lib/server/libjvm.so",
                        "Anonymous:             4 kB", // relocated, and then made read-only
                        "7f0000003000-7f0000004000 rw-p 00002000 fe:00 1   /usr/lib/jvm/lib/server/libjvm.so",
                        "Anonymous:             0 kB",
                        "7f0000004000-7f0000005000 r--p 00000000 fe:00 2   /srv/a-b/merlin.aot",
                        "Anonymous:             0 kB",
                        "7f0000005000-7f0000006000 r--s 00000000 fe:00 3   /srv/a-b/data/keys/00000000000000000000",
                        "Anonymous:             0 kB",
                        "7f0000006000-7f0000007000 r--p 00000000 00:00 0",
                        "Anonymous:             0 kB",
                        "7f0000007000-7f0000008000 r-xp 00000000 00:00 0   [vdso]",
                        "Anonymous:             0 kB")))
                .containsExactly(
                        new Range(0x7f0000000000L, 0x7f0000002000L), new Range(0x7f0000004000L, 0x7f0000005000L));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void javaRunsOnWhenItsPagesAreGivenBackAndHoldsFewerOfThem() throws IOException {
        long before = heldKilobytes();
        ReadOnlyMappings.giveBack();
        long after = heldKilobytes();
        assertThat(before).isGreaterThan(4096);
        assertThat(after).isLessThan(before);
        for (int i = 0; i < 3; i++) { // also while its pages go, and come again
            ReadOnlyMappings.giveBack();
            System.gc();
        }
        assertThat(heldKilobytes()).isPositive();
    }

    /** What this process has in memory of the files that it maps. */
    private static long heldKilobytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("RssFile:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("no RssFile");
    }
}
