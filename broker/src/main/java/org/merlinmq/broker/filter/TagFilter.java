package org.merlinmq.broker.filter;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tags of a subscription expression such as {@code "A || B"}, and the test of a message's tag hash.
 *
 * <p>The test is by hash alone: two tags of one hash both match, and the client compares the text again. A message
 * without a tag has hash 0 and matches only a filter that takes all.
 *
 * <p>Threading: immutable.
 * <p>Source: the subscription rules of the protocol's requests 11 and 34.
 */
public final class TagFilter implements Filter {
    /** Takes every message. */
    public static final TagFilter ALL = new TagFilter(Set.of(), new long[0], true);

    private static final String EVERYTHING = "*";
    private static final String OR = "||";

    private final Set<String> tags;
    private final long[] hashes;
    private final boolean all;

    private TagFilter(Set<String> tags, long[] hashes, boolean all) {
        this.tags = tags;
        this.hashes = hashes;
        this.all = all;
    }

    /**
     * Reads an expression: nothing, blank or {@code *} takes all; else tags separated by {@code ||}, blanks around
     * them and empty ones left out.
     *
     * @param expression the expression as the client sent it, or null if it sent none
     * @return the filter, or null if the expression holds no tag at all, as in {@code "||"}
     */
    public static @Nullable TagFilter parse(@Nullable String expression) {
        if (expression == null || expression.isEmpty() || expression.equals(EVERYTHING)) {
            return ALL;
        }
        Set<String> tags = new LinkedHashSet<>();
        int at = 0;
        while (at <= expression.length()) {
            int end = expression.indexOf(OR, at);
            if (end < 0) {
                end = expression.length();
            }
            String tag = expression.substring(at, end).trim();
            if (!tag.isEmpty()) {
                tags.add(tag);
            }
            at = end + OR.length();
        }
        if (tags.isEmpty()) {
            return null;
        }
        return tags.size() == 1 && tags.contains(EVERYTHING) ? ALL : ofTags(tags);
    }

    /**
     * A filter for exactly these tags.
     *
     * @param tags the tags; none means all messages, as in the subscription of a heartbeat
     * @return the filter
     */
    public static TagFilter ofTags(Collection<String> tags) {
        if (tags.isEmpty()) {
            return ALL;
        }
        long[] hashes =
                tags.stream().mapToLong(String::hashCode).sorted().distinct().toArray();
        return new TagFilter(new LinkedHashSet<>(tags), hashes, false);
    }

    /**
     * A filter for these hashes, where only they are known.
     *
     * @param codes tag hashes
     * @return the filter; takes all if there is no hash
     */
    public static TagFilter ofHashes(Collection<Integer> codes) {
        if (codes.isEmpty()) {
            return ALL;
        }
        return new TagFilter(
                Set.of(),
                codes.stream().mapToLong(Integer::longValue).sorted().distinct().toArray(),
                false);
    }

    @Override
    public boolean mayMatch(long tagsCode) {
        if (all) {
            return true;
        }
        for (long hash : hashes) {
            if (hash >= tagsCode) {
                return hash == tagsCode;
            }
        }
        return false;
    }

    @Override
    public long @Nullable [] tagsCodes() {
        return all ? null : hashes;
    }

    @Override
    public boolean takesAll() {
        return all;
    }

    /** The tags, in the order of the expression; empty if all match or only hashes are known. */
    public Set<String> tags() {
        return Set.copyOf(tags);
    }

    @Override
    public String toString() {
        return all ? EVERYTHING : tags.isEmpty() ? Arrays.toString(hashes) : String.join(" " + OR + " ", tags);
    }
}
