package io.podlb.control;

import io.podlb.control.cluster.Problem;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs each problem once when it appears and once when it is gone. Control thread only. */
final class ProblemLog {

    private static final Logger log = LoggerFactory.getLogger(ProblemLog.class);

    private Set<Problem> known = Set.of();

    void update(Collection<Problem> problems) {
        Set<Problem> now = new LinkedHashSet<>(problems);
        for (Problem problem : now) {
            if (!known.contains(problem)) {
                switch (problem.severity()) {
                    case ERROR -> log.error("{}", problem);
                    case WARNING -> log.warn("{}", problem);
                    case NOTE -> log.info("{}", problem);
                }
            }
        }
        for (Problem problem : known) {
            if (!now.contains(problem)) {
                log.info("no longer: {}", problem);
            }
        }
        known = now;
    }
}
