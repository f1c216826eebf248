package io.podlb.control.translate;

import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import io.podlb.control.cluster.Sourced;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects what one translation finds, each problem once, in the order found. Confined to that translation. */
final class ProblemList {

    private final Set<Problem> problems = new LinkedHashSet<>();

    void error(Sourced<?> about, @Nullable String field, String message, String remedy) {
        add(Severity.ERROR, about, field, message, remedy);
    }

    void warning(Sourced<?> about, @Nullable String field, String message, String remedy) {
        add(Severity.WARNING, about, field, message, remedy);
    }

    void note(Sourced<?> about, @Nullable String field, String message, String remedy) {
        add(Severity.NOTE, about, field, message, remedy);
    }

    void addAll(Collection<Problem> more) {
        problems.addAll(more);
    }

    List<Problem> toList() {
        return List.copyOf(problems);
    }

    private void add(Severity severity, Sourced<?> about, @Nullable String field, String message, String remedy) {
        problems.add(new Problem(severity, about.origin(), about.title(), field, message, remedy));
    }
}
