package io.podlb.control.translate;

import java.util.Collection;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Guesses which known name somebody meant. */
final class NearestName {

    /** More edits than this and the guess would be a joke. */
    private static final int MAX_EDITS = 3;

    private NearestName() {}

    /** The known name with the fewest edits, the first in alphabetical order of several; null if none is near. */
    static @Nullable String of(String word, Collection<String> known) {
        return known.stream()
                .filter(name -> edits(word, name) <= MAX_EDITS)
                .min(Comparator.comparingInt((String name) -> edits(word, name)).thenComparing(name -> name))
                .orElse(null);
    }

    /** Levenshtein's distance. */
    private static int edits(String from, String to) {
        int[] above = new int[to.length() + 1];
        for (int column = 0; column < above.length; column++) {
            above[column] = column;
        }
        for (int row = 1; row <= from.length(); row++) {
            int[] line = new int[above.length];
            line[0] = row;
            for (int column = 1; column < line.length; column++) {
                int replace = above[column - 1] + (from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1);
                line[column] = Math.min(replace, Math.min(above[column], line[column - 1]) + 1);
            }
            above = line;
        }
        return above[to.length()];
    }
}
