package io.podlb.control.allocate;

import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import io.podlb.control.cluster.Sourced;
import java.util.ArrayList;
import java.util.List;

/** Collects the problems of one object. Confined to one admission. */
final class Findings {

    private final Sourced<?> object;
    private final List<Problem> problems = new ArrayList<>();
    private boolean errors;

    Findings(Sourced<?> object) {
        this.object = object;
    }

    void error(String field, String message, String remedy) {
        errors = true;
        problems.add(new Problem(Severity.ERROR, object.origin(), object.title(), field, message, remedy));
    }

    void warning(String field, String message, String remedy) {
        problems.add(new Problem(Severity.WARNING, object.origin(), object.title(), field, message, remedy));
    }

    /** A problem of the object as a whole. */
    void warning(String message, String remedy) {
        problems.add(new Problem(Severity.WARNING, object.origin(), object.title(), null, message, remedy));
    }

    boolean hasErrors() {
        return errors;
    }

    List<Problem> problems() {
        return problems;
    }
}
