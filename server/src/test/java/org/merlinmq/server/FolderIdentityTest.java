package org.merlinmq.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.server.config.Assignment;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.ConfigException;
import org.merlinmq.server.config.ConfigLoader;
import org.merlinmq.server.config.Role;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimDisk;

class FolderIdentityTest {
    private static final Path FOLDER = Path.of("/data");
    private static final Path FILE = FOLDER.resolve("identity");

    private long ids;

    private SimDisk disk = new SimDisk();

    private static Config config(String... settings) {
        List<Assignment> given = new ArrayList<>();
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            given.add(new Assignment(
                    parts[0].startsWith("data") ? "--adopt" : "broker-a.properties:3", parts[0], parts[1]));
        }
        try {
            return ConfigLoader.load(Role.ALL_IN_ONE, null, Map.of(), given);
        } catch (ConfigException refused) {
            throw new AssertionError(refused);
        }
    }

    private static final String[] MASTER = {"brokerName=broker-a"};
    private static final String[] SLAVE = {"brokerName=broker-a", "brokerRole=SLAVE", "brokerId=1"};

    private FolderIdentity start(String... settings) throws StartRefusal {
        disk.createFolders(FOLDER);
        FolderIdentity.Claim claim =
                FolderIdentity.claim(disk, FOLDER, config(settings), () -> "host-" + ids, () -> new UUID(0, ++ids));
        claim.keep(disk, FOLDER);
        return claim.identity();
    }

    @Test
    void aFolderKeepsItsOwnerAndItsStoreId() throws StartRefusal {
        FolderIdentity first = start(MASTER);
        assertThat(first)
                .isEqualTo(new FolderIdentity("DefaultCluster", "broker-a", 0, "00000000000000000000000000000001"));
        disk = disk.losePowerAndAllUnsynced();
        assertThat(start(MASTER)).isEqualTo(first);
        assertThat(new String(disk.bytes(FILE), StandardCharsets.UTF_8))
                .startsWith("merlinmq-identity 1\ncluster=DefaultCluster\nbrokerName=broker-a\nbrokerId=0\nstoreId=");
    }

    @Test
    void aSlavesFolderRefusesItsMastersFile() throws StartRefusal {
        start(SLAVE);
        assertThatThrownBy(() -> start("brokerName=broker-a", "brokerId=0"))
                .isInstanceOfSatisfying(StartRefusal.class, refusal -> {
                    assertThat(refusal.exitCode()).isEqualTo(1);
                    assertThat(refusal.sentence())
                            .isEqualTo(
                                    "the data folder /data belongs to the slave 1 of broker-a in the cluster"
                                            + " DefaultCluster (/data/identity), and this start is for another broker, by brokerId=0"
                                            + " (broker-a.properties:3): start it with that broker's settings, give this broker a folder"
                                            + " of its own with storePathRootDir or --data, or take this one over with --adopt");
                });
        assertThatThrownBy(() -> start("brokerName=broker-b", "brokerClusterName=C"))
                .hasMessageContaining(", by brokerClusterName=C (broker-a.properties:3) and brokerName=broker-b (")
                .hasMessageContaining(" and brokerId=0 (the default): start it");
    }

    @Test
    void anAdoptedFolderIsTheNewOwnersWithAStoreIdOfItsOwn() throws StartRefusal {
        FolderIdentity slave = start(SLAVE);
        FolderIdentity master = start("brokerName=broker-a", "data.adopt=true");
        assertThat(master.brokerId()).isZero();
        assertThat(master.storeId()).isNotEqualTo(slave.storeId());
        assertThat(start(MASTER)).isEqualTo(master);
        assertThatThrownBy(() -> start(SLAVE)).isInstanceOf(StartRefusal.class);
    }

    /** A container has another host name after each start. */
    @Test
    void aBrokerWithoutANameHasThatOfItsFolder() throws StartRefusal {
        FolderIdentity first = start();
        assertThat(first.brokerName()).isEqualTo("host-0");
        assertThat(start()).isEqualTo(first);
    }

    @Test
    void aBrokerThatDidNotStartLeavesNoName() throws StartRefusal {
        disk.createFolders(FOLDER);
        FolderIdentity.claim(disk, FOLDER, config(MASTER), () -> "h", () -> new UUID(0, 1));
        assertThat(start(SLAVE).brokerId()).isEqualTo(1);
    }

    @Test
    void aDamagedFileIsWrittenAnew() throws StartRefusal {
        start(MASTER);
        byte[] whole = disk.bytes(FILE);
        for (long bit = 0; bit < 8L * whole.length; bit++) {
            SimDisk damaged = disk.copy();
            damaged.flip(FILE, bit);
            assertThat(FolderIdentity.read(damaged, FILE)).as("bit %d", bit).isNull();
        }
        for (int length = 0; length < whole.length; length++) {
            SimDisk torn = disk.copy();
            try (var file = torn.open(FILE)) {
                file.truncate(length);
            }
            assertThat(FolderIdentity.read(torn, FILE)).as("%d bytes", length).isNull();
        }
        disk.flip(FILE, 8L * whole.length - 20);
        assertThat(start(SLAVE).brokerId()).isEqualTo(1);
        assertThat(start(SLAVE).brokerId()).isEqualTo(1);
    }

    @Test
    void aLaterVersionIsRefused() throws StartRefusal {
        disk.createFolders(FOLDER);
        String text = "merlinmq-identity 2\nowner=x\n";
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        String whole = text + String.format(Locale.ROOT, "crc32c=%08x%n", crc.getValue());
        disk.replace(FILE, whole.getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> start(MASTER))
                .hasMessage(
                        "/data/identity has version 2, and this server reads version 1: start the version that wrote it, or"
                                + " move the file away");
    }

    @Test
    void aLossOfPowerLeavesTheOldOrTheNewOwner() throws StartRefusal {
        start(SLAVE);
        SimDisk before = disk;
        Seeds.forEach(5, random -> losePowerAt(before, random));
    }

    private void losePowerAt(SimDisk before, RandomGenerator random) throws StartRefusal {
        for (int operations = 0; operations < 8; operations++) {
            disk = before.copy();
            int left = operations;
            int[] done = {0};
            disk.fault((operation, path, count) -> {
                if (done[0]++ >= left) {
                    throw new DiskException(operation + " of " + path + ": the power is gone", false, null);
                }
            });
            FolderIdentity taken = null;
            try {
                taken = start("brokerName=broker-a", "data.adopt=true");
            } catch (DiskException gone) {
                assertThat(gone).hasMessageContaining("the power is gone");
            }
            FolderIdentity found = requireNonNull(FolderIdentity.read(disk.losePower(random), FILE));
            assertThat(found.brokerName()).isEqualTo("broker-a");
            assertThat(found.brokerId()).isBetween(0L, taken == null ? 1L : 0L);
        }
    }

    @Test
    void aFullDiskKeepsNobodyFromStarting() throws StartRefusal {
        disk.capacityBytes(0);
        assertThat(start(MASTER).brokerName()).isEqualTo("broker-a");
        assertThat(disk.exists(FILE)).isFalse();
        disk.capacityBytes(1 << 20);
        start(MASTER);
        assertThat(disk.exists(FILE)).isTrue();
    }
}
