package org.merlinmq.testkit;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.platform.disk.FolderLock;
import org.merlinmq.platform.disk.Mapping;

/**
 * A disk in memory that can go wrong in all the ways that storage must live through.
 *
 * <ul>
 *   <li>{@link #losePower}: what was not synced may be lost, sector by sector; a new disk with what is left comes back,
 *       and this one is dead;
 *   <li>{@link #killProcess}: all that was written stays; this one is dead;
 *   <li>{@link #fault}: any operation may fail, a write in its middle;
 *   <li>{@link #capacityBytes}: a full disk;
 *   <li>{@link #flip}: a bit that was stored well and reads wrong.
 * </ul>
 *
 * <p>Threading: any thread; one lock for all. Mappings show the live bytes.
 */
public final class SimDisk implements Disk {
    /** What a disk writes as a whole. */
    public static final int SECTOR_BYTES = 512;

    /** Decides whether an operation fails; called before it is done. */
    @FunctionalInterface
    public interface Fault {
        /**
         * Throws to let an operation fail.
         *
         * @param operation its word, as in {@link #count}
         * @param path the file
         * @param count how many such operations there were, with this one
         */
        void before(String operation, Path path, long count);
    }

    /** Bytes of a file, as they are and as the platter has them. */
    private static final class Content {
        byte[] live = new byte[0];
        byte[] synced = new byte[0];
        final BitSet dirty = new BitSet();
        int mappings;
        long modifiedMillis;
    }

    /** A change of names: removes {@code from} (if any) and puts {@code content} at {@code to} (if any). */
    private record Naming(
            @Nullable Path from,
            @Nullable Path to,
            @Nullable Content content) {}

    private final TreeMap<Path, Content> names = new TreeMap<>();
    private final TreeMap<Path, Content> durableNames = new TreeMap<>();
    private final List<Naming> unsyncedNamings = new ArrayList<>();
    private final Set<Path> folders = new HashSet<>();
    private final Set<Path> locks = new HashSet<>();
    private final Map<String, Long> counts = new TreeMap<>();
    private Fault fault = (operation, path, count) -> {};
    private long capacityBytes = Long.MAX_VALUE / 4;
    private long nowMillis = new SimClock().millis();
    private long digest;
    private boolean dead;

    /** An empty disk without faults. */
    public SimDisk() {}

    /**
     * Lets operations fail from now on.
     *
     * @param decides which
     */
    public synchronized void fault(Fault decides) {
        fault = decides;
    }

    /**
     * Sets the size of the disk.
     *
     * @param bytes the size
     */
    public synchronized void capacityBytes(long bytes) {
        capacityBytes = bytes;
    }

    /**
     * Sets the time that written files get; without it, where the clocks of tests start.
     *
     * @param millis since 1970
     */
    public synchronized void nowMillis(long millis) {
        nowMillis = millis;
    }

    /**
     * How often an operation was asked for.
     *
     * @param operation create, open, write, read, force, allocate, truncate, map, rename, delete or forceFolder
     * @return the count
     */
    public synchronized long count(String operation) {
        return counts.getOrDefault(operation, 0L);
    }

    /**
     * Turns over one bit of a file, on the platter and in memory.
     *
     * @param path the file
     * @param bit from 0
     */
    public synchronized void flip(Path path, long bit) {
        Content content = existing("flip", path);
        content.live[(int) (bit / 8)] ^= (byte) (1 << (bit % 8));
        if (bit / 8 < content.synced.length) {
            content.synced[(int) (bit / 8)] ^= (byte) (1 << (bit % 8));
        }
    }

    /**
     * The live bytes of a file.
     *
     * @param path the file
     * @return a copy
     */
    public synchronized byte[] bytes(Path path) {
        return existing("bytes", path).live.clone();
    }

    /**
     * All files.
     *
     * @return their paths
     */
    public synchronized List<Path> files() {
        return List.copyOf(names.keySet());
    }

    /**
     * A second disk with the same files, all durable.
     *
     * @return the copy
     */
    public synchronized SimDisk copy() {
        SimDisk copy = empty();
        names.forEach((path, content) -> copy.put(path, content.live.clone(), content.modifiedMillis));
        return copy;
    }

    /**
     * Ends the process: what was written stays.
     *
     * @return the disk that the next process finds
     */
    public synchronized SimDisk killProcess() {
        SimDisk after = empty();
        // What was not synced is lost only with the power, which the next process may still see go.
        IdentityHashMap<Content, Content> copies = new IdentityHashMap<>();
        names.forEach((path, content) -> after.names.put(path, copied(content, copies)));
        durableNames.forEach((path, content) -> after.durableNames.put(path, copied(content, copies)));
        for (Naming naming : unsyncedNamings) {
            Content content = naming.content == null ? null : copied(naming.content, copies);
            after.unsyncedNamings.add(new Naming(naming.from, naming.to, content));
        }
        dead = true;
        return after;
    }

    private static Content copied(Content content, IdentityHashMap<Content, Content> copies) {
        return copies.computeIfAbsent(content, each -> {
            Content copy = copyOf(each.live);
            copy.synced = each.synced.clone();
            copy.dirty.or(each.dirty);
            copy.modifiedMillis = each.modifiedMillis;
            return copy;
        });
    }

    /**
     * Cuts the power: of all sectors not synced, each is old or new as the generator says; so are the last namings.
     *
     * @param random decides
     * @return the disk that is found when the power is back
     */
    public synchronized SimDisk losePower(RandomGenerator random) {
        SimDisk after = empty();
        int done = random.nextInt(unsyncedNamings.size() + 1);
        for (Naming naming : unsyncedNamings.subList(0, done)) {
            apply(naming, durableNames);
        }
        boolean all = random.nextInt(4) == 0;
        durableNames.forEach(
                (path, content) -> after.put(path, survivors(content, random, all), content.modifiedMillis));
        dead = true;
        return after;
    }

    /**
     * Cuts the power: nothing of what was not synced is left.
     *
     * @return the disk that is found when the power is back
     */
    public synchronized SimDisk losePowerAndAllUnsynced() {
        SimDisk after = empty();
        durableNames.forEach((path, content) -> after.put(path, content.synced.clone(), content.modifiedMillis));
        dead = true;
        return after;
    }

    private static byte[] survivors(Content content, RandomGenerator random, boolean nothing) {
        byte[] left = content.synced.clone();
        if (nothing || (content.dirty.isEmpty() && content.live.length == left.length)) {
            return left;
        }
        if (content.live.length != left.length && random.nextBoolean()) {
            left = Arrays.copyOf(left, content.live.length);
        }
        int share = random.nextInt(1, 101);
        for (int sector = content.dirty.nextSetBit(0); sector >= 0; sector = content.dirty.nextSetBit(sector + 1)) {
            int at = sector * SECTOR_BYTES;
            int count = Math.min(SECTOR_BYTES, Math.min(left.length, content.live.length) - at);
            if (count > 0 && random.nextInt(100) < share) {
                System.arraycopy(content.live, at, left, at, count);
            }
        }
        return left;
    }

    /** A disk of the same size, time and folders, without files. */
    private SimDisk empty() {
        SimDisk disk = new SimDisk();
        disk.folders.addAll(folders);
        disk.capacityBytes = capacityBytes;
        disk.nowMillis = nowMillis;
        disk.digest = digest;
        return disk;
    }

    private void put(Path path, byte[] bytes, long modifiedMillis) {
        Content content = copyOf(bytes);
        content.modifiedMillis = modifiedMillis;
        content.synced = bytes.clone();
        names.put(path, content);
        durableNames.put(path, content);
    }

    private static Content copyOf(byte[] bytes) {
        Content content = new Content();
        content.live = bytes.clone();
        return content;
    }

    private static void apply(Naming naming, Map<Path, Content> to) {
        if (naming.from != null) {
            to.remove(naming.from);
        }
        if (naming.to != null && naming.content != null) {
            to.put(naming.to, naming.content);
        }
    }

    private void name(@Nullable Path from, @Nullable Path to, @Nullable Content content) {
        Naming naming = new Naming(from, to, content);
        apply(naming, names);
        unsyncedNamings.add(naming);
    }

    private void begin(String operation, Path path) {
        Fault decides;
        long count;
        synchronized (this) {
            if (dead) {
                throw new DiskException(operation + " " + path + " failed: the machine is off", false, null);
            }
            note(operation.hashCode(), path.toString().hashCode());
            count = counts.merge(operation, 1L, Long::sum);
            decides = fault;
        }
        decides.before(operation, path, count);
    }

    private void note(long... facts) {
        for (long fact : facts) {
            digest = (digest ^ fact) * 0x9E3779B97F4A7C15L;
            digest ^= digest >>> 29;
        }
    }

    /**
     * What was ever asked of this disk, and of those it comes from by a crash: two histories with the same operations in the
     * same order, and the same bytes written, have the same digest.
     *
     * @return a hash
     */
    public synchronized long digest() {
        return digest;
    }

    private Content existing(String operation, Path path) {
        Content content = names.get(path);
        if (content == null) {
            throw new DiskException(operation + " " + path + " failed: there is no such file", false, null);
        }
        return content;
    }

    /**
     * What all files hold together, at one moment.
     *
     * @return bytes
     */
    public synchronized long usedBytes() {
        return names.values().stream().mapToLong(content -> content.live.length).sum();
    }

    private void grow(Content content, long bytes, Path path) {
        if (bytes <= content.live.length) {
            return;
        }
        if (usedBytes() - content.live.length + bytes > capacityBytes) {
            throw new DiskException("Growing " + path + " failed: no space left on the disk.", true, null);
        }
        if (content.mappings > 0) {
            throw new IllegalStateException(path + " is mapped and must not change its size");
        }
        content.live = Arrays.copyOf(content.live, Math.toIntExact(bytes));
    }

    @Override
    public synchronized DiskFile create(Path path) {
        begin("create", path);
        if (!folders.contains(path.getParent())) {
            throw new DiskException("Creating " + path + " failed: its folder is missing", false, null);
        }
        Content content = new Content();
        content.modifiedMillis = nowMillis;
        name(null, path, content);
        return new SimFile(path, content, true);
    }

    @Override
    public synchronized DiskFile open(Path path) {
        begin("open", path);
        return new SimFile(path, existing("open", path), true);
    }

    @Override
    public synchronized DiskFile openRead(Path path) {
        begin("open", path);
        return new SimFile(path, existing("open", path), false);
    }

    @Override
    public synchronized boolean exists(Path path) {
        return names.containsKey(path) || folders.contains(path);
    }

    @Override
    public synchronized boolean isFolder(Path path) {
        return folders.contains(path);
    }

    @Override
    public synchronized List<Path> list(Path folder) {
        begin("list", folder);
        Set<Path> found = new java.util.TreeSet<>();
        names.keySet().stream().filter(path -> folder.equals(path.getParent())).forEach(found::add);
        folders.stream().filter(path -> folder.equals(path.getParent())).forEach(found::add);
        return List.copyOf(found);
    }

    @Override
    public synchronized void createFolders(Path folder) {
        begin("createFolders", folder);
        for (Path each = folder; each != null; each = each.getParent()) {
            folders.add(each);
        }
    }

    @Override
    public synchronized void delete(Path path) {
        begin("delete", path);
        if (names.containsKey(path)) {
            name(path, null, null);
        } else {
            folders.remove(path);
        }
    }

    @Override
    public synchronized void rename(Path from, Path to) {
        begin("rename", from);
        name(from, to, existing("rename", from));
    }

    @Override
    public synchronized byte[] readAll(Path path, int maxBytes) {
        begin("read", path);
        byte[] bytes = existing("read", path).live;
        if (bytes.length > maxBytes) {
            throw new DiskException("Reading " + path + " failed: too large", false, null);
        }
        return bytes.clone();
    }

    @Override
    public synchronized void forceFolder(Path folder) {
        begin("forceFolder", folder);
        // A journal keeps the order of all namings: syncing one folder brings what came before in others, too.
        unsyncedNamings.forEach(naming -> apply(naming, durableNames));
        unsyncedNamings.clear();
    }

    @Override
    public synchronized long modifiedMillis(Path path) {
        return existing("modified", path).modifiedMillis;
    }

    @Override
    public synchronized long totalBytes(Path path) {
        return capacityBytes;
    }

    @Override
    public synchronized long usableBytes(Path path) {
        return Math.max(0, capacityBytes - usedBytes());
    }

    @Override
    public synchronized FolderLock lock(Path path) {
        begin("lock", path);
        if (!locks.add(path)) {
            throw new DiskException(path + " is in use by the process with pid 1", false, null);
        }
        return () -> {
            synchronized (this) {
                locks.remove(path);
            }
        };
    }

    private final class SimFile implements DiskFile {
        private final Path path;
        private final Content content;
        private final boolean writable;
        private boolean closed;

        SimFile(Path path, Content content, boolean writable) {
            this.path = path;
            this.content = content;
            this.writable = writable;
        }

        private void begin(String operation) {
            SimDisk.this.begin(operation, path);
            if (closed) {
                throw new DiskException(operation + " " + path + " failed: it is closed", false, null);
            }
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public long size() {
            synchronized (SimDisk.this) {
                return content.live.length;
            }
        }

        @Override
        public void write(long position, byte[] bytes, int at, int count) {
            synchronized (SimDisk.this) {
                if (!writable) {
                    throw new DiskException("write " + path + " failed: it is open for reading", false, null);
                }
                int done = count;
                note(position, count, Arrays.hashCode(Arrays.copyOfRange(bytes, at, at + count)));
                try {
                    begin("write");
                } catch (DiskException e) {
                    // A write that fails may have done a part.
                    done = dead || closed ? 0 : count / 2;
                    throw e;
                } finally {
                    if (done > 0) {
                        grow(content, position + done, path);
                        System.arraycopy(bytes, at, content.live, (int) position, done);
                        content.dirty.set(
                                (int) position / SECTOR_BYTES, (int) (position + done - 1) / SECTOR_BYTES + 1);
                        content.modifiedMillis = nowMillis;
                    }
                }
            }
        }

        @Override
        public int read(long position, byte[] bytes, int at, int count) {
            return read(position, ByteBuffer.wrap(bytes, at, count));
        }

        @Override
        public int read(long position, ByteBuffer to) {
            synchronized (SimDisk.this) {
                begin("read");
                int n = (int) Math.max(0, Math.min(to.remaining(), content.live.length - position));
                if (n > 0) {
                    to.put(content.live, (int) position, n);
                }
                return n;
            }
        }

        @Override
        public void force() {
            // Not under the lock: a disk that takes its time for a sync can be read meanwhile.
            begin("force");
            synchronized (SimDisk.this) {
                content.synced = content.live.clone();
                content.dirty.clear();
            }
        }

        @Override
        public void allocate(long bytes) {
            synchronized (SimDisk.this) {
                begin("allocate");
                grow(content, bytes, path);
            }
        }

        @Override
        public long dataEnd() {
            synchronized (SimDisk.this) {
                int end = content.live.length;
                while (end > 0 && content.live[end - 1] == 0) {
                    end--;
                }
                return end;
            }
        }

        @Override
        public void truncate(long bytes) {
            synchronized (SimDisk.this) {
                begin("truncate");
                if (content.mappings > 0) {
                    throw new IllegalStateException(path + " is mapped and must not be cut");
                }
                content.live = Arrays.copyOf(content.live, (int) Math.min(bytes, content.live.length));
            }
        }

        @Override
        public Mapping map(long position, long bytes) {
            synchronized (SimDisk.this) {
                begin("map");
                if (position + bytes > content.live.length) {
                    throw new DiskException("map " + path + " failed: beyond the end", false, null);
                }
                content.mappings++;
                MemorySegment whole = MemorySegment.ofArray(content.live).asReadOnly();
                return new SimMapping(whole.asSlice(position, bytes), content);
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final class SimMapping implements Mapping {
        private final MemorySegment bytes;
        private final Content content;
        private boolean closed;

        SimMapping(MemorySegment bytes, Content content) {
            this.bytes = bytes;
            this.content = content;
        }

        @Override
        public MemorySegment bytes() {
            return bytes;
        }

        @Override
        public void giveBack() {
            // It holds no memory of its own.
        }

        @Override
        public void close() {
            synchronized (SimDisk.this) {
                content.mappings -= closed ? 0 : 1;
                closed = true;
            }
        }
    }
}
