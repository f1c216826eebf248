package io.podlb.kit;

import io.podlb.control.admin.ControlView;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import io.podlb.server.listener.ListenerView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** What a lab does not put up with: objects that are not served, and front ends that are not open. Pure. */
final class Refusals {

    private Refusals() {}

    /** The problems that severe, a line each. */
    static String lines(Collection<Problem> problems, Severity severity) {
        return problems.stream()
                .filter(problem -> problem.severity() == severity)
                .map(Problem::toString)
                .collect(Collectors.joining("\n"));
    }

    /**
     * Nothing, if everything is served.
     *
     * @throws IllegalArgumentException if an object has an error
     * @throws IllegalStateException if a front end could not be bound
     */
    static void check(ControlView view, List<ListenerView> listeners) {
        String errors = lines(problems(view), Severity.ERROR);
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException(errors);
        }
        String failures = listeners.stream()
                .filter(listener -> listener.failure() != null)
                .map(listener -> listener.port() + ": " + listener.failure())
                .collect(Collectors.joining("\n"));
        if (!failures.isEmpty()) {
            throw new IllegalStateException(failures);
        }
    }

    /** Those of Services and all others. */
    static List<Problem> problems(ControlView view) {
        List<Problem> problems = new ArrayList<>(view.problems());
        view.services().forEach(service -> problems.addAll(service.problems()));
        return problems;
    }
}
