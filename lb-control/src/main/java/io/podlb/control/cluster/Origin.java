package io.podlb.control.cluster;

/**
 * Where an object was read.
 *
 * @param file path as the user named it, or a word such as {@code simulated}
 * @param document number of the YAML or JSON document in the file, from 1; 0 for the whole file
 */
public record Origin(String file, int document) {

    /** {@code web.yaml, document 2}. */
    @Override
    public String toString() {
        return document == 0 ? file : file + ", document " + document;
    }
}
