package io.podlb.control.source;

import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.Iterator;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One file or folder that the user named. A file that was named and vanishes is one that cannot be read: editors
 * replace files by renaming. One that vanishes from a folder takes its objects along, once two looks missed it. A folder
 * that vanishes, or may not be listed any more, leaves everything as it is. Confined to one thread.
 */
final class WatchedPath {

    private final Path path;
    private final Clock clock;
    private final TreeMap<Path, WatchedFile> files = new TreeMap<>();

    private boolean folder;
    private Set<Path> listed = Set.of();
    private @Nullable Problem trouble;
    private @Nullable Problem troubleSeen;

    WatchedPath(Path path, Clock clock) {
        this.path = path;
        this.clock = clock;
    }

    Path path() {
        return path;
    }

    /** The files it stands for, by name. */
    Collection<Path> files() {
        return files.keySet();
    }

    FileObjects current(Path file) {
        WatchedFile watched = files.get(file);
        return watched == null ? FileObjects.NONE : watched.current();
    }

    /** What is wrong with the path as a whole; null if nothing is. */
    @Nullable
    Problem trouble() {
        if (trouble != null
                || files.values().stream().anyMatch(file -> !file.current().isEmpty())) {
            return trouble;
        }
        boolean nothingToRead = folder && files.isEmpty();
        return problem(
                nothingToRead ? "has no *.yaml, *.yml or *.json" : "holds no Kubernetes object",
                nothingToRead
                        ? "name a folder with manifests; its subfolders are not read"
                        : "write one, or name another");
    }

    /**
     * Looks for changes.
     *
     * @param atOnce takes everything as it is, settled or not
     * @return whether anything has changed
     */
    boolean look(boolean atOnce) {
        folder = Files.isDirectory(path) || folder && !Files.isRegularFile(path);
        if (folder) {
            return lookAtFolder(atOnce);
        }
        boolean changed = files.keySet().retainAll(Set.of(path));
        return lookAt(path, atOnce) || changed;
    }

    private boolean lookAt(Path file, boolean atOnce) {
        WatchedFile watched = files.computeIfAbsent(file, added -> new WatchedFile(added, clock));
        return atOnce ? watched.take() : watched.look();
    }

    private boolean lookAtFolder(boolean atOnce) {
        Set<Path> now;
        try {
            now = Set.copyOf(ManifestFolder.list(path));
        } catch (IOException e) {
            RefusedException reason = ManifestText.refused(path, e);
            return settle(problem(reason.message(), reason.remedy()), atOnce);
        }
        boolean changed = settle(null, atOnce);
        for (Path file : now) {
            changed |= lookAt(file, atOnce);
        }
        for (Iterator<Path> known = files.keySet().iterator(); known.hasNext(); ) {
            Path file = known.next();
            if (!now.contains(file) && !listed.contains(file)) {
                known.remove();
                changed = true;
            }
        }
        listed = now;
        return changed;
    }

    private boolean settle(@Nullable Problem found, boolean atOnce) {
        boolean settled = atOnce || Objects.equals(found, troubleSeen);
        troubleSeen = found;
        if (!settled || Objects.equals(found, trouble)) {
            return false;
        }
        trouble = found;
        return true;
    }

    private Problem problem(String message, String remedy) {
        return new Problem(Severity.ERROR, new Origin(path.toString(), 0), null, null, message, remedy);
    }
}
