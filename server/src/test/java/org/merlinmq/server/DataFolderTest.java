package org.merlinmq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.server.config.Role;

class DataFolderTest {
    @TempDir
    Path temp;

    @Test
    void lockedFolderIsRefusedUntilItIsReleased() throws Exception {
        DataFolder first = DataFolder.open(temp, Role.ALL_IN_ONE);
        assertThatThrownBy(() -> DataFolder.open(temp, Role.BROKER))
                .isInstanceOf(StartRefusal.class)
                .hasMessageContaining(temp.toString())
                .hasMessageContaining("in use")
                .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
        first.close();
        DataFolder.open(temp, Role.BROKER).close();
    }

    @Test
    void refusedOpenLeavesTheOwnersFilesAlone() throws Exception {
        DataFolder first = DataFolder.open(temp, Role.ALL_IN_ONE);
        assertThatThrownBy(() -> DataFolder.open(temp, Role.ALL_IN_ONE)).isInstanceOf(StartRefusal.class);
        assertThat(temp.resolve("merlin.pid")).exists();
        first.close();
        assertThat(temp.resolve("merlin.pid")).doesNotExist();
    }

    @Test
    void nameserverAndBrokerMayShareAFolder() throws Exception {
        try (DataFolder nameserver = DataFolder.open(temp, Role.NAMESERVER);
                DataFolder broker = DataFolder.open(temp, Role.BROKER)) {
            nameserver.announce(Map.of("nameserver", "127.0.0.1:9876"));
            broker.announce(Map.of("broker", "127.0.0.1:10911"));
            assertThat(Files.readAllLines(temp.resolve("nameserver.addresses")))
                    .containsExactly("nameserver=127.0.0.1:9876");
            assertThat(Files.readAllLines(temp.resolve("broker.addresses"))).containsExactly("broker=127.0.0.1:10911");
        }
    }

    @Test
    void pathThatIsAFileIsSaid() throws Exception {
        Path file = Files.writeString(temp.resolve("file"), "");
        assertThatThrownBy(() -> DataFolder.open(file, Role.BROKER))
                .isInstanceOf(StartRefusal.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("is a file")
                .hasMessageContaining("--data");
    }
}
