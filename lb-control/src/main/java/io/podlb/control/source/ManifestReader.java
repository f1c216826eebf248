package io.podlb.control.source;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Reads Kubernetes manifests once: YAML with one or several documents, JSON, and the lists that kubectl prints.
 *
 * <p>Every document that can be read is part of the result; what is wrong with the others is among its problems. Nothing
 * in a file does harm: a file has at most 32 MiB, a value 2 Mi characters, and nesting, aliases and the number of values
 * are bounded; tags that name classes, duplicate fields and control characters are refused.
 */
public final class ManifestReader {

    private ManifestReader() {}

    /**
     * Reads files and folders.
     *
     * @param paths of a folder, its {@code *.yaml}, {@code *.yml} and {@code *.json} are read in the order of their
     *     names, except hidden ones; subfolders are not entered, as with {@code kubectl -f}
     * @return never fails: a path that cannot be read is a {@link Loaded#fileErrors() file error}
     */
    public static Loaded read(List<Path> paths) {
        return new WatchedPaths(paths, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC)).load();
    }

    /** The same for a text that is in no file; problems call it by that name. */
    public static Loaded read(String name, String text) {
        Gathered gathered = new Gathered();
        gathered.add(ManifestParser.parse(name, text));
        return gathered.loaded();
    }
}
