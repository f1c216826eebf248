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

    /** Takes these for all that there are. */
    void update(Collection<Problem> problems) {
        Set<Problem> now = new LinkedHashSet<>(problems);
        log(known, now);
        known = now;
    }

    /** Where problems belong to something that has its own memory of them. */
    static void log(Collection<Problem> before, Collection<Problem> now) {
        for (Problem problem : now) {
            if (!before.contains(problem)) {
                switch (problem.severity()) {
                    case ERROR -> log.error("{}", problem);
                    case WARNING -> log.warn("{}", problem);
                    case NOTE -> log.info("{}", problem);
                }
            }
        }
        for (Problem problem : before) {
            if (!now.contains(problem)) {
                log.info("no longer: {}", problem);
            }
        }
    }
}
