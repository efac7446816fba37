package org.merlinmq.broker.group;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * Values by name, found either by a string or by the name's UTF-8 bytes as they stand in a request, which makes no
 * garbage and takes no lock.
 *
 * <p>Threading: any thread. A look-up by bytes reads one published array of chains; changes replace links of it under
 * the table's monitor.
 *
 * @param <V> what is kept by name
 */
public final class NameTable<V> {
    private static final int SMALLEST = 16;

    private static final class Link<V> {
        final int hash;
        final byte[] name;
        final V value;
        final @Nullable Link<V> next;

        Link(int hash, byte[] name, V value, @Nullable Link<V> next) {
            this.hash = hash;
            this.name = name;
            this.value = value;
            this.next = next;
        }
    }

    /** A chain array with the fence that publishes it: the array is never written after it stands here. */
    private static final class Chains<V> {
        final java.util.concurrent.atomic.AtomicReferenceArray<@Nullable Link<V>> heads;

        Chains(int size) {
            heads = new java.util.concurrent.atomic.AtomicReferenceArray<>(size);
        }
    }

    private final ConcurrentMap<String, V> byText = new ConcurrentHashMap<>();
    private volatile Chains<V> chains = new Chains<>(SMALLEST);

    /** An empty table. */
    public NameTable() {}

    /**
     * The value of a name given as bytes.
     *
     * @param bytes where the name stands
     * @param at its first byte
     * @param length its length
     * @return the value, or null if there is none
     */
    public @Nullable V find(byte[] bytes, int at, int length) {
        int hash = Bytes.hash(bytes, at, length);
        Chains<V> now = chains;
        Link<V> link = now.heads.get(hash & (now.heads.length() - 1));
        while (link != null) {
            if (link.hash == hash && link.name.length == length && Bytes.equals(link.name, 0, bytes, at, length)) {
                return link.value;
            }
            link = link.next;
        }
        return null;
    }

    /**
     * The value of a name.
     *
     * @param name the name
     * @return the value, or null if there is none
     */
    public @Nullable V find(String name) {
        return byText.get(name);
    }

    /**
     * The value of a name, made if there is none.
     *
     * @param name the name
     * @param make makes the value, under the table's monitor
     * @return the value that is in the table now
     */
    public V findOrAdd(String name, Function<String, V> make) {
        V known = byText.get(name);
        if (known != null) {
            return known;
        }
        synchronized (this) {
            known = byText.get(name);
            if (known == null) {
                known = make.apply(name);
                put(name, known);
            }
            return known;
        }
    }

    /**
     * Sets the value of a name.
     *
     * @param name the name
     * @param value its value from now on
     */
    public synchronized void put(String name, V value) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        byText.put(name, value);
        Chains<V> now = chains;
        if (byText.size() > now.heads.length()) {
            now = grown(now);
        }
        link(now, Bytes.hash(bytes, 0, bytes.length), bytes, value);
        chains = now;
    }

    /**
     * Takes a name out.
     *
     * @param name the name
     * @return what its value was, or null if it had none
     */
    public synchronized @Nullable V remove(String name) {
        V removed = byText.remove(name);
        if (removed != null) {
            unlink(name.getBytes(StandardCharsets.UTF_8));
        }
        return removed;
    }

    /** All values, in no order: a live view that may be read while the table changes. */
    public Collection<V> values() {
        return java.util.Collections.unmodifiableCollection(byText.values());
    }

    /** How many names there are. */
    public int size() {
        return byText.size();
    }

    /** One store replaces what the name had before, so that no reader finds it absent meanwhile. */
    private static <V> void link(Chains<V> into, int hash, byte[] name, V value) {
        int at = hash & (into.heads.length() - 1);
        into.heads.set(at, new Link<>(hash, name, value, without(into.heads.get(at), hash, name)));
    }

    private Chains<V> grown(Chains<V> old) {
        Chains<V> bigger = new Chains<>(old.heads.length() * 2);
        for (int i = 0; i < old.heads.length(); i++) {
            for (Link<V> link = old.heads.get(i); link != null; link = link.next) {
                link(bigger, link.hash, link.name, link.value);
            }
        }
        return bigger;
    }

    /** Links are immutable: those before the removed one are made anew. */
    private void unlink(byte[] name) {
        int hash = Bytes.hash(name, 0, name.length);
        Chains<V> now = chains;
        int at = hash & (now.heads.length() - 1);
        now.heads.set(at, without(now.heads.get(at), hash, name));
    }

    private static <V> @Nullable Link<V> without(@Nullable Link<V> head, int hash, byte[] name) {
        if (head == null) {
            return null;
        }
        if (head.hash == hash && java.util.Arrays.equals(head.name, name)) {
            return head.next;
        }
        return new Link<>(head.hash, head.name, head.value, without(head.next, hash, name));
    }
}
