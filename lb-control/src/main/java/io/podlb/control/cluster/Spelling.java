package io.podlb.control.cluster;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds what somebody meant to write, so that a problem can name it. */
public final class Spelling {

    private static final int MAX_EDITS = 2;

    private Spelling() {}

    /**
     * The known word that differs from {@code word} by case alone or, failing that, by the fewest letters; the first
     * of several in the order given.
     *
     * @return null if none is near enough to be meant
     */
    public static @Nullable String nearest(String word, Collection<String> known) {
        String found = null;
        int fewest = Math.min(MAX_EDITS, (word.length() + 1) / 3) + 1;
        for (String candidate : known) {
            int edits = edits(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT), fewest);
            if (edits < fewest) {
                fewest = edits;
                found = candidate;
            }
        }
        return found;
    }

    /** {@code did you mean "ports"?} or the alternative where nothing is near. */
    public static String suggestion(String word, Collection<String> known, String otherwise) {
        String nearest = nearest(word, known);
        return nearest == null ? otherwise : "did you mean " + Problem.shown(nearest) + "?";
    }

    /** Levenshtein distance, not computed further than {@code enough}. */
    private static int edits(String a, String b, int enough) {
        if (Math.abs(a.length() - b.length()) >= enough) {
            return enough;
        }
        int[] above = new int[b.length() + 1];
        for (int j = 0; j < above.length; j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[b.length()];
    }
}
