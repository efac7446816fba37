package org.merlinmq.storage.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;

/**
 * The runs of one kind: those in use, oldest first, and those replaced whose files still wait for a checkpoint.
 *
 * <p>Readers take the array and enter runs one by one; one that was closed meanwhile sends them back for the array.
 *
 * <p>Threading: {@link #runs} and {@link #damaged} on any thread; changes on the store's tail thread.
 */
public final class RunStore {

    /** So many small runs become one, and so many large ones that are not full together. */
    public static final int FAN_IN = 16;

    /** So many runs of middle size stay side by side: a look at each costs less than writing all of them anew. */
    static final int MIDDLE_RUNS = 64;

    /** No run is merged into one of more entries. */
    private static final long MAX_MERGED_ENTRIES = 16L << 20;

    /** The largest small run, and the largest of middle size, are these parts of the largest of all. */
    private static final int SMALL_PART = 256;

    private static final int MIDDLE_PART = 16;

    private final Disk disk;
    private final Path folder;
    private final RunKind kind;
    private final Consumer<Damage> damages;
    private final long maxMergedEntries;
    private final List<Path> retired = new ArrayList<>();
    private final Set<RunFile> damaged = ConcurrentHashMap.newKeySet();
    private volatile Run[] runs = new Run[0];
    private long nextNumber = 1;

    /**
     * No runs yet.
     *
     * @param disk holds the files
     * @param folder of the files; made if missing
     * @param kind of the runs
     * @param damages called once with each damaged run
     */
    public RunStore(Disk disk, Path folder, RunKind kind, Consumer<Damage> damages) {
        this(disk, folder, kind, damages, MAX_MERGED_ENTRIES);
    }

    /** For tests: with smaller runs. */
    RunStore(Disk disk, Path folder, RunKind kind, Consumer<Damage> damages, long maxMergedEntries) {
        this.maxMergedEntries = maxMergedEntries;
        this.disk = disk;
        this.folder = folder;
        this.kind = kind;
        this.damages = damages;
        disk.createFolders(folder);
    }

    /** The runs in use: oldest first; not to be changed. */
    public Run[] runs() {
        return runs;
    }

    /**
     * Takes up a checkpoint's runs and deletes what else lies here of this kind. Damaged ones are reported and stay
     * in their place, without entries.
     *
     * @param files the checkpoint's, oldest first
     */
    public void recover(List<RunFile> files) {
        List<Run> opened = new ArrayList<>();
        for (RunFile file : files) {
            nextNumber = Math.max(nextNumber, file.number() + 1);
            try {
                opened.add(Run.open(disk, folder, file));
            } catch (DamagedRunException e) {
                report(file, e);
                opened.add(Run.placeOf(folder, file));
            } catch (DiskException unreadable) {
                // A server that runs does without it, too, and what is derived can be made anew.
                Damage damage = new Damage(folder.resolve(file.name()), 0, String.valueOf(unreadable.getMessage()));
                report(file, new DamagedRunException(damage));
                opened.add(Run.placeOf(folder, file));
            }
        }
        runs = opened.toArray(Run[]::new);
        Set<String> named = files.stream().map(RunFile::name).collect(Collectors.toSet());
        for (Path path : disk.list(folder)) {
            String name = String.valueOf(path.getFileName());
            if (name.startsWith(kind.word() + "-") && !named.contains(name)) {
                disk.delete(path);
            }
        }
    }

    /** Checks every byte of all runs. Damaged ones are reported and stay in their place, without entries. */
    public void checkAll() {
        Run[] now = runs.clone();
        for (int i = 0; i < now.length; i++) {
            Run run = now[i];
            try {
                run.checkBlocks();
            } catch (DamagedRunException e) {
                damage(run.file(), e);
                now[i] = Run.placeOf(folder, run.file());
                run.retire();
            }
        }
        runs = now;
    }

    /** Starts a new run. */
    public RunWriter newRun() {
        return new RunWriter(disk, folder, kind, nextNumber++);
    }

    /**
     * Takes a finished run into use, as the newest.
     *
     * @param finished the run
     */
    public void append(RunFile finished) {
        Run run = open(finished);
        Run[] now = runs;
        Run[] more = Arrays.copyOf(now, now.length + 1);
        more[now.length] = run;
        runs = more;
    }

    Run open(RunFile finished) {
        return Run.open(disk, folder, finished);
    }

    /**
     * Puts new runs, or none, in the place of several.
     *
     * @param olds neighbours in {@link #runs()}
     * @param finished their successors, in order
     */
    public void replace(List<Run> olds, List<RunFile> finished) {
        List<Run> now = new ArrayList<>(Arrays.asList(runs));
        int at = now.indexOf(olds.getFirst());
        assert at >= 0 && now.subList(at, at + olds.size()).equals(olds);
        List<Run> news = finished.stream().map(this::open).toList();
        now.subList(at, at + olds.size()).clear();
        now.addAll(at, news);
        runs = now.toArray(Run[]::new);
        olds.forEach(this::retire);
    }

    void retire(Run run) {
        damaged.remove(run.file());
        retired.add(run.path());
        run.retire();
    }

    /** Lets go of a finished run that was not taken into use. */
    void discard(RunFile file) {
        retired.add(folder.resolve(file.name()));
    }

    /**
     * Runs worth merging. The newest are small: sixteen of them become one of middle size. Before these lie those of middle
     * size, which a checkpoint under load writes at once; they stay until there are {@link #MIDDLE_RUNS}. Before these lie
     * large ones, which become full ones, and full ones, which are merged no more. An entry is written four times at most, as
     * a rule.
     *
     * @return neighbours, oldest first; empty if there is nothing to do
     */
    public List<Run> mergeable() {
        long full = maxMergedEntries / 2;
        int small = begin(runs.length, maxMergedEntries / SMALL_PART);
        int middle = begin(small, maxMergedEntries / MIDDLE_PART);
        int large = begin(middle, full);
        if (runs.length - small >= FAN_IN) {
            return oldest(small, runs.length);
        }
        if (small - middle >= MIDDLE_RUNS) {
            // With the large ones if a full one comes of it: what lies before a full one is merged no more.
            return entries(large, small) > full ? oldest(large, small) : oldest(middle, small);
        }
        boolean enough = middle - large >= FAN_IN || (middle - large > 1 && entries(large, middle) > full);
        return enough ? oldest(large, middle) : List.of();
    }

    /** Where the runs begin that end before another one, have so many entries at most and are not damaged. */
    private int begin(int end, long maxEntries) {
        int begin = end;
        while (begin > 0 && runs[begin - 1].entries() <= maxEntries && !damaged.contains(runs[begin - 1].file())) {
            begin--;
        }
        return begin;
    }

    private long entries(int from, int to) {
        return Arrays.stream(runs, from, to).mapToLong(Run::entries).sum();
    }

    /** As many of some runs as one can hold, two at least. */
    private List<Run> oldest(int from, int end) {
        int to = end;
        while (to - from > 2 && entries(from, to) > maxMergedEntries) {
            to--;
        }
        return List.of(Arrays.copyOfRange(runs, from, to));
    }

    /**
     * Replaces runs by one that holds what is left of them.
     *
     * @param olds neighbours in {@link #runs()}
     * @param merge writes the new run; nothing if nothing is left
     * @return whether they were replaced: false if one turned out to be damaged
     */
    public boolean merge(List<Run> olds, Consumer<RunWriter> merge) {
        try (RunWriter out = newRun()) {
            merge.accept(out);
            replace(olds, out.isEmpty() ? List.of() : List.of(out.finish()));
            return true;
        } catch (DamagedRunException e) {
            damage(e);
            return false;
        }
    }

    /**
     * Drops the runs whose records are all gone.
     *
     * @param minLogOffset the log's first offset
     */
    public void dropBelow(long minLogOffset) {
        for (Run run : runs) {
            if (run.file().maxLogOffset() < minLogOffset) {
                replace(List.of(run), List.of());
            }
        }
    }

    /**
     * Reports a damaged run and keeps it out of merges. One that was replaced meanwhile is as good as mended.
     *
     * @param file the run
     * @param e what is wrong with it
     */
    public void damage(RunFile file, DamagedRunException e) {
        if (live().contains(file)) {
            report(file, e);
            // Asked again: whoever replaces a run takes it out of the runs first, then out of the damaged ones.
            if (!live().contains(file)) {
                damaged.remove(file);
            }
        }
    }

    /**
     * Reports the run that an exception tells of, and keeps it out of merges.
     *
     * @param e what is wrong
     */
    public void damage(DamagedRunException e) {
        for (Run run : runs) {
            if (run.path().equals(e.damage().file())) {
                damage(run.file(), e);
            }
        }
    }

    private void report(RunFile file, DamagedRunException e) {
        if (damaged.add(file)) {
            Damage found = e.damage();
            String what = found.what() + "; nothing is lost: it is made anew from the log";
            damages.accept(new Damage(found.file(), found.position(), what));
        }
    }

    /** Damaged runs that were not rebuilt yet. */
    public List<RunFile> damaged() {
        return live().stream().filter(damaged::contains).toList();
    }

    /** Whether all runs are as they were written, as far as is known; false while one waits to be rebuilt. */
    public boolean isSound() {
        return damaged.isEmpty();
    }

    /**
     * Finds the run of a file.
     *
     * @param file the file
     * @return its run
     */
    public Run run(RunFile file) {
        for (Run run : runs) {
            if (run.file().equals(file)) {
                return run;
            }
        }
        throw new IllegalArgumentException(file + " is not in use");
    }

    /** What a checkpoint has to name: the files in use, oldest first. */
    public List<RunFile> live() {
        return Arrays.stream(runs).map(Run::file).toList();
    }

    /** Deletes the files of replaced runs. */
    public void deleteRetired() {
        retired.forEach(disk::delete);
        retired.clear();
    }

    /** Unmaps all. Readers that are inside end undisturbed. */
    public void close() {
        Run[] now = runs;
        runs = new Run[0];
        for (Run run : now) {
            run.retire();
        }
    }
}
