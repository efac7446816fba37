package org.merlinmq.platform.disk;

import java.nio.file.Path;
import java.util.List;

/**
 * A file system, cut down to what storage needs of one.
 *
 * <p>Durability: written bytes are durable after {@link DiskFile#force}; a created, renamed or deleted name is durable
 * after {@link #forceFolder}. {@link #replace} does both.
 *
 * <p>Threading: any thread.
 *
 * <p>Errors: every failure is a {@link DiskException} that names the path.
 */
public interface Disk {
    /**
     * Creates an empty file for reading and writing; a file that is there already is emptied.
     *
     * @param path the file; its folder must exist
     * @return the open file
     */
    DiskFile create(Path path);

    /**
     * Opens an existing file for reading and writing.
     *
     * @param path the file
     * @return the open file
     */
    DiskFile open(Path path);

    /**
     * Opens an existing file for reading only; writing to it fails.
     *
     * @param path the file
     * @return the open file
     */
    DiskFile openRead(Path path);

    /**
     * Tells whether a file or folder of this name exists.
     *
     * @param path the name
     * @return whether it is there
     */
    boolean exists(Path path);

    /**
     * Tells whether a name that exists is a folder's.
     *
     * @param path the name
     * @return whether a folder is there
     */
    boolean isFolder(Path path);

    /**
     * Lists what a folder holds, files and folders, sorted by name.
     *
     * @param folder the folder
     * @return whole paths; empty if there is no such folder
     */
    List<Path> list(Path folder);

    /**
     * Creates a folder and those above it where they are missing.
     *
     * @param folder the folder
     */
    void createFolders(Path folder);

    /**
     * Deletes a file, or an empty folder; nothing happens if it is not there. Open mappings of it stay readable until
     * they are closed, and the space returns only then.
     *
     * @param path the file
     */
    void delete(Path path);

    /**
     * Renames a file inside its folder, replacing what has the new name, in one step. Durable after {@link #forceFolder}.
     *
     * @param from the present name
     * @param to the new name
     */
    void rename(Path from, Path to);

    /**
     * Replaces a small file as a whole, durably: after a crash either the old or the new content is there, never a mix.
     *
     * @param path the file
     * @param bytes its new content
     */
    default void replace(Path path, byte[] bytes) {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        try (DiskFile file = create(fresh)) {
            file.write(0, bytes, 0, bytes.length);
            file.force();
        }
        rename(fresh, path);
        Path folder = path.getParent();
        forceFolder(folder == null ? Path.of(".") : folder);
    }

    /**
     * Reads a small file as a whole.
     *
     * @param path the file, which must exist
     * @param maxBytes a larger file is refused with a {@link DiskException}
     * @return its content
     */
    byte[] readAll(Path path, int maxBytes);

    /**
     * Makes the names in a folder durable.
     *
     * @param folder the folder
     */
    void forceFolder(Path folder);

    /**
     * When a file was last written.
     *
     * @param path the file
     * @return milliseconds since 1970
     */
    long modifiedMillis(Path path);

    /**
     * The size of the file system that holds a path, without what it reserves for others: as df counts, what is used is this
     * less {@link #usableBytes}.
     *
     * @param path an existing path
     * @return bytes
     */
    long totalBytes(Path path);

    /**
     * The space that this process may still fill on the file system that holds a path.
     *
     * @param path an existing path
     * @return bytes
     */
    long usableBytes(Path path);

    /**
     * Takes the lock of a store folder for this process. The process id is written into the file, for the error message
     * of the next one that comes.
     *
     * @param path the lock file; created if missing
     * @return closing it gives the lock back
     * @throws DiskException if another process, or this one, holds it; the message names the holder
     */
    FolderLock lock(Path path);
}
