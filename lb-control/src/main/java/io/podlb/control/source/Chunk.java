package io.podlb.control.source;

import java.util.ArrayList;
import java.util.List;

/**
 * One document of a stream. Streams are cut before they are parsed, as kubectl does it, so that a document with a
 * mistake does not take those after it along.
 *
 * @param number from 1
 * @param line on which it begins, from 1
 * @param from its first character
 * @param to behind its last character
 */
record Chunk(int number, int line, int from, int to) {

    /**
     * Cuts at lines that begin with {@code ---} or {@code ...}; in column 0 these are markers wherever they stand,
     * also inside of a scalar. A first part without content is no document.
     */
    static List<Chunk> split(String text) {
        List<Chunk> chunks = new ArrayList<>();
        int number = 0;
        int start = 0;
        int startLine = 1;
        boolean counts = false;
        int line = 1;
        for (int at = 0; at < text.length(); line++) {
            int next = nextLine(text, at);
            boolean begins = isMarker(text, at, "---");
            if (begins || isMarker(text, at, "...")) {
                if (counts) {
                    chunks.add(new Chunk(++number, startLine, start, at));
                }
                start = begins ? at : next;
                startLine = begins ? line : line + 1;
                counts = begins;
            } else {
                counts |= hasContent(text, at, next);
            }
            at = next;
        }
        if (counts) {
            chunks.add(new Chunk(++number, startLine, start, text.length()));
        }
        return chunks;
    }

    private static int nextLine(String text, int at) {
        int i = at;
        while (i < text.length() && text.charAt(i) != '\n' && text.charAt(i) != '\r') {
            i++;
        }
        boolean twoCharacters = i + 1 < text.length() && text.charAt(i) == '\r' && text.charAt(i + 1) == '\n';
        return Math.min(i + (twoCharacters ? 2 : 1), text.length());
    }

    private static boolean isMarker(String text, int at, String marker) {
        int end = at + marker.length();
        return text.startsWith(marker, at) && (end == text.length() || Character.isWhitespace(text.charAt(end)));
    }

    /** Blank lines, comments and directives are none. */
    private static boolean hasContent(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!Character.isWhitespace(c)) {
                return c != '#' && !(c == '%' && i == from);
            }
        }
        return false;
    }
}
