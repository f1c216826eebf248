package io.podlb.control.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import io.podlb.control.cluster.Sourced;
import java.util.List;

/**
 * What one file says.
 *
 * @param objects in document order, without those that have an error
 * @param ignored objects of kinds that are not read
 * @param problems of this file alone
 */
record FileObjects(List<Sourced<HasMetadata>> objects, List<Ignored> ignored, List<Problem> problems) {

    static final FileObjects NONE = new FileObjects(List.of(), List.of(), List.of());

    FileObjects {
        objects = List.copyOf(objects);
        ignored = List.copyOf(ignored);
        problems = List.copyOf(problems);
    }

    /** A file that could not be read at all. */
    static FileObjects refused(String file, RefusedException reason) {
        return new FileObjects(
                List.of(),
                List.of(),
                List.of(new Problem(
                        Severity.ERROR, new Origin(file, 0), null, null, reason.message(), reason.remedy())));
    }

    boolean hasErrors() {
        return problems.stream().anyMatch(problem -> problem.severity() == Severity.ERROR);
    }

    /** Not even a mistake is in it. */
    boolean isEmpty() {
        return objects.isEmpty() && ignored.isEmpty() && problems.isEmpty();
    }

    /**
     * One object of a kind that is not read.
     *
     * @param kind with the API group, {@code Ingress.networking.k8s.io}
     */
    record Ignored(String kind, Origin origin) {}
}
