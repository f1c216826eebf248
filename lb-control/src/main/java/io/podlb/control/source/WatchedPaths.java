package io.podlb.control.source;

import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everything that the user named, in that order. Confined to one thread. */
final class WatchedPaths {

    private final List<WatchedPath> paths;
    private @Nullable Loaded latest;

    WatchedPaths(List<Path> paths, Clock clock) {
        Map<Path, WatchedPath> distinct = new LinkedHashMap<>();
        for (Path path : paths) {
            distinct.putIfAbsent(path.toAbsolutePath().normalize(), new WatchedPath(path, clock));
        }
        this.paths = List.copyOf(distinct.values());
    }

    /** Reads everything as it is. */
    Loaded load() {
        paths.forEach(path -> path.look(true));
        latest = gather();
        return latest;
    }

    /** Looks once for changes; null if the result is the same as before. */
    @Nullable
    Loaded look() {
        boolean changed = false;
        for (WatchedPath path : paths) {
            changed |= path.look(false);
        }
        Loaded now = changed ? gather() : latest;
        if (now == null || now.equals(latest)) {
            return null;
        }
        latest = now;
        return now;
    }

    private Loaded gather() {
        Gathered gathered = new Gathered();
        Set<Path> taken = new HashSet<>();
        for (WatchedPath path : paths) {
            for (Path file : path.files()) {
                if (taken.add(identity(file))) {
                    gathered.add(path.current(file));
                }
            }
            Problem trouble = path.trouble();
            if (trouble != null) {
                gathered.add(trouble);
            }
        }
        if (gathered.isEmpty() && !gathered.hasErrors()) {
            String named = paths.isEmpty() ? "" : paths.get(0).path().toString();
            gathered.add(new Problem(
                    Severity.ERROR,
                    new Origin(named, 0),
                    null,
                    null,
                    "holds nothing that can be served",
                    "add a Service"));
        }
        return gathered.loaded();
    }

    /** Two names of one file are one file. */
    private static Path identity(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            return file.toAbsolutePath().normalize();
        }
    }
}
