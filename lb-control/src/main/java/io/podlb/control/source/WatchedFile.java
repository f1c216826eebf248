package io.podlb.control.source;

import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One file and what is in use of it: the newest version without an error. Until there is
 * one, that is what could be read of the first version that had an object. Confined to the thread of its {@link WatchedPath}.
 */
final class WatchedFile {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    private final Path path;
    private final Clock clock;

    private @Nullable FileSignature taken;
    private @Nullable FileSignature seen;
    private FileObjects inUse = FileObjects.NONE;
    private Instant inUseSince;
    private List<Problem> problems = List.of();

    WatchedFile(Path path, Clock clock) {
        this.path = path;
        this.clock = clock;
        this.inUseSince = clock.instant();
    }

    /** What is in use of it, and what is wrong with the file as it is now. */
    FileObjects current() {
        return new FileObjects(inUse.objects(), inUse.ignored(), problems);
    }

    /**
     * Looks at the file, and reads it if it has changed and was the same at the previous look, so that a half-written
     * one is left alone.
     *
     * @return whether {@link #current()} has changed
     */
    boolean look() {
        FileSignature now = FileSignature.of(path);
        boolean settled = now.equals(seen);
        seen = now;
        return settled && !now.equals(taken) && take(now, false);
    }

    /** Reads the file as it is. */
    boolean take() {
        return take(FileSignature.of(path), true);
    }

    private boolean take(FileSignature signature, boolean atOnce) {
        FileObjects before = current();
        FileObjects read = read();
        if (!atOnce && !FileSignature.of(path).equals(signature)) {
            return false;
        }
        taken = signature;
        if (!inUse.objects().isEmpty() && (read.hasErrors() || read.isEmpty())) {
            problems = new ArrayList<>(read.problems());
            if (read.isEmpty()) {
                problems.add(problem("is empty", "remove the file if its objects are to go"));
            }
            problems.add(problem("what was read at " + inUseSince() + " stays in use", "mend the file"));
        } else {
            inUse = read;
            inUseSince = clock.instant();
            problems = read.problems();
        }
        return !current().equals(before);
    }

    private FileObjects read() {
        try {
            return ManifestParser.parse(path.toString(), ManifestText.read(path));
        } catch (RefusedException e) {
            return FileObjects.refused(path.toString(), e);
        }
    }

    private Problem problem(String message, String remedy) {
        return new Problem(Severity.WARNING, new Origin(path.toString(), 0), null, null, message, remedy);
    }

    private String inUseSince() {
        return TIME.format(inUseSince.atZone(clock.getZone()));
    }
}
