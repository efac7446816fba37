package org.merlinmq.server;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.Setting;
import org.merlinmq.server.config.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose a data folder is. It is written at the first start of a broker on the folder and compared at each later one, so
 * that settings that were meant for another broker do not start on it.
 *
 * <p>Threading: immutable.
 *
 * <p>Errors: a damaged file guards nothing: it is reported and written anew. {@link DiskException} if it cannot be written
 * for another reason than a full disk.
 *
 * <p>Format: docs/formats/identity.md.
 *
 * @param cluster of the broker
 * @param brokerName its name
 * @param brokerId 0 for the master of the name
 * @param storeId of this store alone; copies of it have another
 */
record FolderIdentity(String cluster, String brokerName, long brokerId, String storeId) {
    /** The file's name in the data folder. */
    static final String FILE = "identity";

    private static final Logger LOG = LoggerFactory.getLogger(FolderIdentity.class);
    private static final int VERSION = 1;
    private static final int MAX_BYTES = 4096;
    private static final Pattern ANY_VERSION = Pattern.compile("merlinmq-identity (\\d{1,9})\n");
    private static final Pattern TEXT = Pattern.compile("merlinmq-identity " + VERSION
            + "\ncluster=([^\n]+)\nbrokerName=([^\n]+)\nbrokerId=(\\d{1,18})\nstoreId=([0-9a-f]{32})\n");
    private static final String CRC_LINE = "crc32c=";

    /**
     * Compares a folder with the broker of these settings: it must be this broker's or nobody's, or the settings adopt it.
     *
     * @param disk holds the folder
     * @param folder the data folder
     * @param config the settings; a name that they leave out is the folder's
     * @param hostName the name of a broker that has none, on a folder that has none
     * @param newStoreId makes the id of a store
     * @return whose the folder is from now on, once {@link Claim#keep} has written it
     * @throws StartRefusal if it is another broker's, or a later version wrote the file
     */
    static Claim claim(Disk disk, Path folder, Config config, Supplier<String> hostName, Supplier<UUID> newStoreId)
            throws StartRefusal {
        Path file = folder.resolve(FILE);
        FolderIdentity there = read(disk, file);
        FolderIdentity here = new FolderIdentity(
                config.value(Settings.CLUSTER),
                config.valueOr(Settings.BROKER_NAME, () -> there == null ? hostName.get() : there.brokerName),
                config.value(Settings.BROKER_ID),
                there == null ? "" : there.storeId);
        if (there != null && here.equals(there)) {
            return new Claim(there, null, false);
        }
        if (there != null && !config.value(Settings.ADOPT)) {
            throw StartRefusal.failed("the data folder " + folder + " belongs to " + there.broker() + " (" + file
                    + "), and this start is for another broker, by "
                    + String.join(" and ", there.differences(here, config))
                    + ": start it with that broker's settings, give this broker a folder of its own with storePathRootDir or"
                    + " --data, or take this one over with --adopt");
        }
        FolderIdentity taken = new FolderIdentity(here.cluster, here.brokerName, here.brokerId, hex(newStoreId.get()));
        return new Claim(taken, there, true);
    }

    /**
     * A folder that a broker may have. It is taken when nothing else keeps the broker from starting: one that was started by
     * mistake must leave no name behind.
     *
     * @param identity whose the folder is to be
     * @param former whose it was before, if it is adopted
     * @param isNew whether there is something to write
     */
    record Claim(FolderIdentity identity, @Nullable FolderIdentity former, boolean isNew) {
        /** Writes the identity, if it is not there already. */
        void keep(Disk disk, Path folder) {
            if (former != null) {
                LOG.warn(
                        "data-folder-adopted folder={} from=\"{}\" by=\"{}\"",
                        folder,
                        former.broker(),
                        identity.broker());
            }
            if (isNew) {
                identity.write(disk, folder.resolve(FILE));
            }
        }
    }

    private List<String> differences(FolderIdentity other, Config config) {
        List<Setting<?>> differing = new ArrayList<>();
        if (!cluster.equals(other.cluster)) {
            differing.add(Settings.CLUSTER);
        }
        if (!brokerName.equals(other.brokerName)) {
            differing.add(Settings.BROKER_NAME);
        }
        if (brokerId != other.brokerId) {
            differing.add(Settings.BROKER_ID);
        }
        return differing.stream().map(config::described).toList();
    }

    /** The broker, as sentences name it. */
    private String broker() {
        return (brokerId == 0 ? "the master of " : "the slave " + brokerId + " of ") + brokerName + " in the cluster "
                + cluster;
    }

    /** What the file has; null if there is none, or it is damaged. */
    static @Nullable FolderIdentity read(Disk disk, Path file) throws StartRefusal {
        if (!disk.exists(file)) {
            return null;
        }
        try {
            String text = new String(disk.readAll(file, MAX_BYTES), StandardCharsets.UTF_8);
            int end = Math.max(0, text.lastIndexOf(CRC_LINE));
            boolean whole = text.substring(end).equals(CRC_LINE + crc(text.substring(0, end)) + "\n");
            Matcher version = ANY_VERSION.matcher(text);
            if (whole && version.lookingAt() && Integer.parseInt(version.group(1)) > VERSION) {
                throw StartRefusal.failed(file + " has version " + version.group(1) + ", and this server reads version "
                        + VERSION + ": start the version that wrote it, or move the file away");
            }
            Matcher parts = TEXT.matcher(text.substring(0, end));
            if (whole && parts.matches()) {
                return new FolderIdentity(
                        parts.group(1), parts.group(2), Long.parseLong(parts.group(3)), parts.group(4));
            }
            reportDamaged(file, "its text or its checksum is wrong");
        } catch (DiskException unreadable) {
            reportDamaged(file, String.valueOf(unreadable.getMessage()));
        }
        return null;
    }

    private static void reportDamaged(Path file, String cause) {
        LOG.error(
                "identity-damaged file={} cause=\"{}\" action=\"nothing is lost; it is written anew: this start takes the"
                        + " folder for its own\"",
                file,
                cause);
    }

    private void write(Disk disk, Path file) {
        String text = "merlinmq-identity " + VERSION + "\ncluster=" + cluster + "\nbrokerName=" + brokerName
                + "\nbrokerId=" + brokerId + "\nstoreId=" + storeId + "\n";
        try {
            disk.replace(file, (text + CRC_LINE + crc(text) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (DiskException refused) {
            if (!refused.full()) {
                throw refused;
            }
            LOG.warn(
                    "identity-not-written file={} cause=\"{}\" action=\"at the next start\"",
                    file,
                    refused.getMessage());
        }
    }

    private static String crc(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%08x", crc.getValue());
    }

    private static String hex(UUID id) {
        return id.toString().replace("-", "");
    }
}
