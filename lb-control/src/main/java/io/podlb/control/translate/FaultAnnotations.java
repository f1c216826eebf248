package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.podlb.control.cluster.Annotations;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.FaultRule;
import io.podlb.server.service.FaultScope;
import io.podlb.server.service.FaultSet;
import io.podlb.server.service.Protocol;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the faults that a Service and its Pods ask for. One translation of one Service. */
final class FaultAnnotations {

    private final FaultPermission permission;
    private final Map<String, Sourced<Pod>> pods;
    private final ProblemList problems;
    private final FaultSet ofService;

    /**
     * Reads those of the Service.
     *
     * @param pods of its namespace, by name
     */
    FaultAnnotations(
            Sourced<Service> service,
            Map<String, Sourced<Pod>> pods,
            FaultPermission permission,
            ProblemList problems) {
        this.permission = permission;
        this.pods = pods;
        this.problems = problems;
        this.ofService = ofService(service);
    }

    /** What is done to one of its ports: what the Service asks for, then what the Pods behind the port do. */
    FaultSet of(String port, Protocol protocol, Collection<EndpointPlan> endpoints) {
        Stream<FaultRule> ofPods = endpoints.stream()
                .map(EndpointPlan::pod)
                .filter(Objects::nonNull)
                .distinct()
                .map(pods::get)
                .filter(Objects::nonNull)
                .flatMap(pod -> ofPod(pod).rules().stream());
        return new FaultSet(Stream.concat(ofService.rules().stream(), ofPods)
                .filter(rule -> rule.fault().fits(protocol))
                .filter(rule ->
                        rule.scope().port() == null || port.equals(rule.scope().port()))
                .toList());
    }

    private FaultSet ofService(Sourced<Service> service) {
        FaultSet set = read(service, List.of("service"));
        List<Protocol> protocols = OrEmpty.list(service.object().getSpec().getPorts()).stream()
                .map(port -> PortReading.protocol(port.getProtocol()))
                .toList();
        for (FaultRule rule : set.rules()) {
            if (protocols.stream()
                    .noneMatch(protocol -> protocol != null && rule.fault().fits(protocol))) {
                problems.warning(
                        service,
                        AnnotationCheck.field(Annotations.FAULT),
                        Problem.shown(rule.toString()) + " does nothing, since no port has a protocol that "
                                + rule.fault().label() + " is for",
                        "choose another fault; loss, duplicate and reorder are for UDP, latency is for both, all others"
                                + " are for TCP");
            }
        }
        return set;
    }

    private FaultSet ofPod(Sourced<Pod> pod) {
        String name = pod.object().getMetadata().getName();
        return new FaultSet(read(pod, List.of("service", "pod", "endpoint")).rules().stream()
                .map(rule -> rule.withScope(rule.scope().ofPod(name)))
                .toList());
    }

    /**
     * The rules of an object, none if they are malformed, which is told, or may not be done, which is told, too.
     *
     * @param senseless conditions that the object itself is
     */
    private FaultSet read(Sourced<?> object, List<String> senseless) {
        String value = AnnotationCheck.value(object, Annotations.FAULT);
        if (value == null) {
            return FaultSet.NONE;
        }
        String field = AnnotationCheck.field(Annotations.FAULT);
        if (permission == FaultPermission.IMPOSSIBLE) {
            problems.warning(
                    object, field, "is ignored: lb node does no faults", "remove it; lb run --allow-faults does them");
            return FaultSet.NONE;
        }
        FaultSet set;
        try {
            set = FaultSet.parse(value);
        } catch (IllegalArgumentException e) {
            problems.warning(object, field, "makes no sense, no fault is done", String.valueOf(e.getMessage()));
            return FaultSet.NONE;
        }
        for (FaultRule rule : set.rules()) {
            String condition = condition(rule.scope(), senseless);
            if (condition != null) {
                problems.warning(
                        object,
                        field,
                        Problem.shown(rule.toString()) + " names what it stands on, no fault is done",
                        "leave out " + condition + "=");
                return FaultSet.NONE;
            }
        }
        if (permission == FaultPermission.NOT_GIVEN) {
            problems.warning(object, field, "is ignored", "start with --allow-faults if it is meant");
            return FaultSet.NONE;
        }
        return set;
    }

    private static @Nullable String condition(FaultScope scope, List<String> senseless) {
        if (scope.service() != null && senseless.contains("service")) {
            return "service";
        }
        if (scope.pod() != null && senseless.contains("pod")) {
            return "pod";
        }
        return scope.endpoint() != null && senseless.contains("endpoint") ? "endpoint" : null;
    }
}
