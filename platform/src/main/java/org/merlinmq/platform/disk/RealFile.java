package org.merlinmq.platform.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A file behind a {@link FileChannel}.
 *
 * <p>The JDK closes a channel when a thread inside it is interrupted. A log must survive that, so each operation that
 * finds the channel closed although nobody closed this file opens it again and repeats; all of them may be repeated,
 * since they name their position. The interrupt is put back for the caller.
 */
final class RealFile implements DiskFile {
    /** For each thread the JDK keeps a direct buffer as large as the largest part of an array that it has read into. */
    private static final int ARRAY_PART_BYTES = 128 * 1024;

    private final Path path;
    private final boolean writable;
    private volatile FileChannel channel;
    private volatile boolean closed;

    RealFile(Path path, boolean writable, boolean fresh) throws IOException {
        this.path = path;
        this.writable = writable;
        this.channel = fresh
                ? FileChannel.open(
                        path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)
                : reopen(path, writable);
    }

    private static FileChannel reopen(Path path, boolean writable) throws IOException {
        return writable
                ? FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)
                : FileChannel.open(path, StandardOpenOption.READ);
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long size() {
        return run("Asking the size of", FileChannel::size);
    }

    @Override
    public void write(long position, byte[] bytes, int at, int count) {
        run("Writing to", open -> {
            ByteBuffer source = ByteBuffer.wrap(bytes, at, count);
            long to = position;
            while (source.hasRemaining()) {
                to += open.write(source, to);
            }
            return to;
        });
    }

    @Override
    public int read(long position, byte[] bytes, int at, int count) {
        return read(position, ByteBuffer.wrap(bytes, at, count));
    }

    @Override
    public int read(long position, ByteBuffer to) {
        int first = to.position();
        int end = to.limit();
        int part = to.isDirect() ? Integer.MAX_VALUE : ARRAY_PART_BYTES;
        return (int) run("Reading from", open -> {
            int more = 0;
            while (to.position() < end && more >= 0) {
                to.limit(to.position() + Math.min(end - to.position(), part));
                more = open.read(to, position + to.position() - first);
            }
            to.limit(end);
            return (long) to.position() - first;
        });
    }

    @Override
    public void force() {
        run("Syncing", open -> {
            open.force(false);
            return 0;
        });
    }

    @Override
    public void allocate(long bytes) {
        long present = size();
        // Reserving fills the holes of a sparse file, too: the segments of another broker may be sparse.
        if (!FileCalls.reserve(path, bytes)) {
            byte[] zeros = new byte[1 << 20];
            for (long to = present; to < bytes; to += zeros.length) {
                write(to, zeros, 0, (int) Math.min(zeros.length, bytes - to));
            }
        }
    }

    @Override
    public long dataEnd() {
        return FileCalls.dataEnd(path, size());
    }

    @Override
    public void truncate(long bytes) {
        run("Cutting", open -> {
            open.truncate(bytes);
            return 0;
        });
    }

    @Override
    public Mapping map(long position, long bytes) {
        Arena arena = newArena();
        MemorySegment[] mapped = new MemorySegment[1];
        run("Mapping", open -> {
            // A mapping longer than the file would be a SIGBUS in wait for its first reader.
            if (position + bytes > open.size()) {
                throw new IOException("asked for " + bytes + " bytes at " + position + " of " + open.size());
            }
            mapped[0] = open.map(FileChannel.MapMode.READ_ONLY, position, bytes, arena);
            return 0;
        });
        return new ArenaMapping(arena, mapped[0]);
    }

    @SuppressWarnings("MustBeClosedChecker") // the mapping owns it and closes it
    private static Arena newArena() {
        return Arena.ofShared();
    }

    @Override
    public void close() {
        closed = true;
        try {
            channel.close();
        } catch (IOException e) {
            throw DiskException.of("Closing", path, false, e);
        }
    }

    private long run(String tried, Operation operation) {
        boolean interrupted = false;
        try {
            while (true) {
                FileChannel open = channel;
                try {
                    return operation.on(open);
                } catch (ClosedChannelException e) {
                    if (closed) {
                        throw DiskException.of(tried, path, false, e);
                    }
                    interrupted |= Thread.interrupted();
                    replaceClosed();
                }
            }
        } catch (IOException e) {
            throw DiskException.of(tried, path, RealDisk.isFull(e), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void replaceClosed() throws IOException {
        if (!channel.isOpen() && !closed) {
            channel = reopen(path, writable);
        }
    }

    /** What is done with the open channel; repeated on a new one if an interrupt closed it. */
    private interface Operation {
        long on(FileChannel open) throws IOException;
    }

    private record ArenaMapping(Arena arena, MemorySegment bytes, AtomicBoolean closed) implements Mapping {
        ArenaMapping(Arena arena, MemorySegment bytes) {
            this(arena, bytes, new AtomicBoolean());
        }

        @Override
        public void giveBack() {
            FileCalls.giveBack(bytes);
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                arena.close();
            }
        }
    }
}
