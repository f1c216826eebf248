package io.podlb.control.translate;

import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.TrafficRules;

/** Reads what a Service asks for beyond Kubernetes from its annotations. */
final class TrafficAnnotations {

    private TrafficAnnotations() {}

    /** The defaults with the annotations of the Service over them; a malformed one is told and the default kept. */
    static TrafficRules read(Sourced<?> service, TrafficRules defaults, ProblemList problems) {
        TrafficRules rules = defaults;
        for (TrafficSetting setting : TrafficSetting.values()) {
            String value = AnnotationCheck.value(service, setting.annotation());
            if (value != null) {
                rules = read(setting, rules, value, service, problems);
            }
        }
        return rules;
    }

    private static TrafficRules read(
            TrafficSetting setting, TrafficRules rules, String value, Sourced<?> service, ProblemList problems) {
        try {
            return setting.read(rules, value.strip());
        } catch (IllegalArgumentException e) {
            problems.warning(
                    service,
                    AnnotationCheck.field(setting.annotation()),
                    Problem.shown(value) + " makes no sense, " + setting.value(rules) + " is used",
                    "give " + e.getMessage());
            return rules;
        }
    }
}
