package io.podlb.control.source;

import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import java.util.List;

/**
 * What the manifests say, and what is wrong with them.
 *
 * @param state every object that could be read
 * @param problems in the order of the files
 */
public record Loaded(ClusterState state, List<Problem> problems) {

    public Loaded {
        problems = List.copyOf(problems);
    }

    /**
     * Errors of a file or folder as a whole: it does not exist, cannot be read, or holds no object. The words on the
     * command line are wrong if there is one at the start.
     */
    public List<Problem> fileErrors() {
        return problems.stream()
                .filter(problem -> problem.severity() == Severity.ERROR
                        && problem.origin() != null
                        && problem.origin().document() == 0)
                .toList();
    }
}
