package org.merlinmq.storage.disk;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code posix_fallocate} of the C library: reserves the space of a file without writing it.
 *
 * <p>Where the library or the file system has no such thing the caller writes zeros instead, which costs time once.
 */
final class Preallocation {
    private static final int O_RDWR = 2;
    private static final int ENOSPC = 28;
    private static final int EDQUOT = 122;

    private final @Nullable MethodHandle open;
    private final @Nullable MethodHandle fallocate;
    private final @Nullable MethodHandle close;

    Preallocation() {
        boolean linux64 = System.getProperty("os.name", "").startsWith("Linux") && ValueLayout.ADDRESS.byteSize() == 8;
        this.open = linux64
                ? function(
                        "open", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT))
                : null;
        this.fallocate = linux64
                ? function(
                        "posix_fallocate",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG))
                : null;
        this.close =
                linux64 ? function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)) : null;
    }

    @SuppressWarnings("restricted") // the price of calling C; --enable-native-access grants it at run time
    private static @Nullable MethodHandle function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        SymbolLookup library = linker.defaultLookup();
        Optional<MethodHandle> found = library.find(name).map(at -> linker.downcallHandle(at, descriptor));
        return found.orElse(null);
    }

    /**
     * Reserves the space of an existing file and grows it to that size.
     *
     * @return false if this system cannot, and nothing was done
     * @throws DiskException if the disk is full
     */
    boolean reserve(Path path, long bytes) {
        if (open == null || fallocate == null || close == null) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            int descriptor = (int)
                    open.invokeExact(arena.allocateFrom(path.toAbsolutePath().toString()), O_RDWR);
            if (descriptor < 0) {
                return false;
            }
            int error = (int) fallocate.invokeExact(descriptor, 0L, bytes);
            int ignored = (int) close.invokeExact(descriptor);
            assert ignored == 0;
            return judge(error, path, bytes);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            // A method handle declares Throwable; a C function has no other kind to throw.
            throw new IllegalStateException("posix_fallocate on " + path, e);
        }
    }

    private static boolean judge(int error, Path path, long bytes) {
        if (error == ENOSPC || error == EDQUOT) {
            throw new DiskException(
                    "Reserving " + bytes + " bytes for " + path
                            + " failed: no space left on the disk. Free space there.",
                    true,
                    null);
        }
        return error == 0;
    }
}
