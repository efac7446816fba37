package org.merlinmq.server.config;

import java.util.Locale;

/** Finds the known word that is closest to a mistyped one. */
final class ClosestMatch {
    private ClosestMatch() {}

    /**
     * The hint for an unknown word.
     *
     * @param word as written, without the prefix
     * @param prefix the text before each word, which is not compared
     * @param candidates the known words
     * @return a question with the closest word, or where all are listed if none is close
     */
    static String question(String word, String prefix, Iterable<String> candidates) {
        String closest = of(word, candidates);
        int most = (word.length() + 2) / 3;
        return distance(word.toLowerCase(Locale.ROOT), closest.toLowerCase(Locale.ROOT)) <= most
                ? "did you mean " + prefix + closest + "?"
                : "docs/operate/options.md lists all";
    }

    /** The candidate with the fewest changed, missing, extra or swapped letters; case does not count. */
    static String of(String word, Iterable<String> candidates) {
        String closest = "";
        int least = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            int distance = distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                closest = candidate;
            }
        }
        return closest;
    }

    /** The Damerau-Levenshtein distance in its restricted form: no part is changed twice. */
    static int distance(String a, String b) {
        int[][] rows = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            rows[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            rows[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                rows[i][j] = Math.min(Math.min(rows[i - 1][j], rows[i][j - 1]) + 1, rows[i - 1][j - 1] + change);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
                }
            }
        }
        return rows[a.length()][b.length()];
    }
}
