package org.merlinmq.platform.disk;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The calls of the C library that the JDK does not offer: {@code posix_fallocate}, which reserves the space of a file
 * without writing it, {@code lseek} to data and holes, which passes over what was never written, and {@code madvise}, which
 * gives the pages of a mapping back.
 *
 * <p>Where the system has no such thing, each method says so and the caller does it the slow way.
 */
final class FileCalls {
    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final int ENXIO = 6;
    private static final int ENOSPC = 28;
    private static final int EDQUOT = 122;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int MADV_DONTNEED = 4;

    // Each is linked when it is first needed, which takes 10 ms and more: a start needs some of them only.

    private static final class Opening {
        static final @Nullable MethodHandle OPEN =
                call("open", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        static final @Nullable MethodHandle CLOSE =
                call("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    }

    private static final class Reserving {
        static final @Nullable MethodHandle FALLOCATE = call(
                "posix_fallocate",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    }

    private static final class Seeking {
        static final StructLayout ERROR = Linker.Option.captureStateLayout();
        static final VarHandle ERRNO = ERROR.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        static final @Nullable MethodHandle SEEK = call(
                "lseek",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT),
                Linker.Option.captureCallState("errno"));
    }

    private static final class Advice {
        static final @Nullable MethodHandle MADVISE = call(
                "madvise",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    }

    private FileCalls() {}

    private static boolean isLinux64() {
        return System.getProperty("os.name", "").startsWith("Linux") && ValueLayout.ADDRESS.byteSize() == 8;
    }

    @SuppressWarnings("restricted") // the price of calling C; --enable-native-access grants it at run time
    private static @Nullable MethodHandle call(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        if (!isLinux64()) {
            return null;
        }
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find(name)
                .map(at -> linker.downcallHandle(at, descriptor, options))
                .orElse(null);
    }

    /**
     * Reserves the space of an existing file and grows it to that size.
     *
     * @return false if this system cannot, and nothing was done
     * @throws DiskException if the disk is full
     */
    static boolean reserve(Path path, long bytes) {
        MethodHandle reserving = Reserving.FALLOCATE;
        if (reserving == null) {
            return false;
        }
        int error = (int) with(path, O_RDWR, -1, (file, arena) -> (int) reserving.invokeExact(file, 0L, bytes));
        if (error == ENOSPC || error == EDQUOT) {
            throw new DiskException(
                    "Reserving " + bytes + " bytes for " + path
                            + " failed: no space left on the disk. Free space there.",
                    true,
                    null);
        }
        return error == 0;
    }

    /**
     * Finds the end of the last part of a file that may hold something else than zeros.
     *
     * @return the position; the file's size if this system cannot tell
     */
    static long dataEnd(Path path, long size) {
        MethodHandle seeking = Seeking.SEEK;
        if (seeking == null) {
            return size;
        }
        return with(path, O_RDONLY, size, (file, arena) -> {
            MemorySegment error = arena.allocate(Seeking.ERROR);
            long end = 0;
            while (end < size) {
                long data = (long) seeking.invokeExact(error, file, end, SEEK_DATA);
                if (data < 0) {
                    return (int) Seeking.ERRNO.get(error, 0L) == ENXIO ? end : size;
                }
                long hole = (long) seeking.invokeExact(error, file, data, SEEK_HOLE);
                if (hole <= data) {
                    return size;
                }
                end = hole;
            }
            return Math.min(end, size);
        });
    }

    /** Gives the pages of a mapping back; nothing happens if this system cannot. */
    static void giveBack(MemorySegment mapped) {
        MethodHandle advising = Advice.MADVISE;
        if (advising == null || mapped.byteSize() == 0) {
            return;
        }
        try {
            // A failure changes nothing, and there is nothing to do about it.
            int failed = (int) advising.invokeExact(mapped, mapped.byteSize(), MADV_DONTNEED);
            assert failed == 0 || failed == -1;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("calling madvise", e);
        }
    }

    private static long with(Path path, int mode, long otherwise, Call call) {
        MethodHandle opening = Opening.OPEN;
        MethodHandle closing = Opening.CLOSE;
        if (opening == null || closing == null) {
            return otherwise;
        }
        try (Arena arena = Arena.ofConfined()) {
            int file = (int)
                    opening.invokeExact(arena.allocateFrom(path.toAbsolutePath().toString()), mode);
            if (file < 0) {
                return otherwise;
            }
            long result = call.on(file, arena);
            int closed = (int) closing.invokeExact(file);
            assert closed == 0;
            return result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            // A method handle declares Throwable; a C function has none to throw.
            throw new IllegalStateException("calling the C library for " + path, e);
        }
    }

    /** A call on an open file. */
    private interface Call {
        long on(int file, Arena arena) throws Throwable;
    }
}
