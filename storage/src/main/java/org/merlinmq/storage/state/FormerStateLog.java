package org.merlinmq.storage.state;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskFile;

/**
 * A journal with a snapshot as version 0.1.0 kept it beside the log: read once, to bring what it holds into the log.
 *
 * <p>Threading: one thread.
 *
 * <p>Errors: damage is reported; whole records before and behind it are used.
 *
 * <p>Format: docs/formats/former-state.md.
 */
public final class FormerStateLog {
    /** Takes records. */
    @FunctionalInterface
    public interface Applier {
        /**
         * One record.
         *
         * @param type as it was appended
         * @param record its bytes, the receiver's own
         */
        void apply(int type, byte[] record);
    }

    private static final String JOURNAL = ".journal";
    private static final String SNAPSHOT = ".snapshot";

    private final Disk disk;
    private final Path folder;
    private final String name;
    private final Consumer<Damage> damages;
    private boolean anyDamaged;

    /**
     * Looks for no files yet.
     *
     * @param disk holds the files
     * @param folder of the files
     * @param name begins the names of the files
     * @param damages told of each damage
     */
    public FormerStateLog(Disk disk, Path folder, String name, Consumer<Damage> damages) {
        this.disk = disk;
        this.folder = folder;
        this.name = name;
        this.damages = damage -> {
            anyDamaged = true;
            damages.accept(damage);
        };
    }

    /** Whether damage was met by {@link #replay}. */
    public boolean anyDamaged() {
        return anyDamaged;
    }

    /** Whether there is anything of it, whole or not; false once it was deleted. */
    public boolean exists() {
        return !generations(JOURNAL).isEmpty() || !generations(SNAPSHOT).isEmpty();
    }

    private List<Long> generations(String ending) {
        List<Long> found = new ArrayList<>();
        for (Path path : disk.exists(folder) ? disk.list(folder) : List.<Path>of()) {
            long number = SnapshotFiles.number(path, name, ending);
            if (number >= 0) {
                found.add(number);
            }
        }
        return found;
    }

    private Path path(long generation, String ending) {
        return folder.resolve(SnapshotFiles.fileName(name, generation, ending));
    }

    /**
     * Hands over all records, in the order in which they were written: those of the last snapshot, then the journals'.
     *
     * @param applier takes them
     */
    public void replay(Applier applier) {
        List<Long> snapshots = generations(SNAPSHOT);
        long newest = snapshots.isEmpty() ? 0 : snapshots.getLast();
        if (!snapshots.isEmpty()) {
            replay(path(newest, SNAPSHOT), FormerStateFormat.SNAPSHOT, newest, applier);
        }
        for (long generation : generations(JOURNAL)) {
            if (generation >= newest) {
                replay(path(generation, JOURNAL), FormerStateFormat.JOURNAL, generation, applier);
            }
        }
    }

    private void replay(Path path, int kind, long generation, Applier applier) {
        try (DiskFile file = disk.openRead(path);
                FormerStateFile read = new FormerStateFile(file, kind, generation, damages)) {
            read.replay(applier);
        }
    }

    /** Deletes all files, once what they held is durable elsewhere. */
    public void delete() {
        for (String ending : List.of(JOURNAL, SNAPSHOT, SNAPSHOT + ".tmp")) {
            generations(ending).forEach(generation -> disk.delete(path(generation, ending)));
        }
        disk.forceFolder(folder);
    }
}
