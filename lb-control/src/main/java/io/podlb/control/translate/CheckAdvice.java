package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.ActiveCheck;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** Says which active checks are not what somebody may take them for. One translation of one Service. */
final class CheckAdvice {

    private final Sourced<Service> service;
    private final Map<String, Sourced<Pod>> pods;
    private final boolean node;
    private final ProblemList problems;

    /**
     * Asked nothing yet.
     *
     * @param pods of its namespace, by name
     * @param node whether a kubelet makes the probes, and podlb no checks
     */
    CheckAdvice(Sourced<Service> service, Map<String, Sourced<Pod>> pods, boolean node, ProblemList problems) {
        this.service = service;
        this.pods = pods;
        this.node = node;
        this.problems = problems;
    }

    /** Says it of the Pods behind these ports. */
    void on(ActiveCheck check, List<PortPlan> ports) {
        if (!check.isOn()) {
            return;
        }
        String field = AnnotationCheck.field(TrafficSetting.ACTIVE_CHECK.annotation());
        if (node) {
            problems.warning(
                    service,
                    field,
                    "has no effect: under lb node the kubelets say which Pods are ready",
                    "give the Pods readiness probes");
        } else if (check.kind() == ActiveCheck.Kind.PROBE) {
            List<Sourced<Pod>> behind = behind(ports);
            tell(
                    behind,
                    field,
                    "runs a command in its readiness probe, which cannot be done from here; that container is as ready as"
                            + " its manifest says",
                    "use httpGet or tcpSocket, or the check tcp or http:/PATH",
                    probe -> probe.getExec() != null);
            tell(
                    behind,
                    field,
                    "asks over HTTPS or gRPC in its readiness probe, which is checked by a connect alone",
                    "use httpGet over HTTP if the answer matters",
                    probe -> probe.getGrpc() != null
                            || probe.getHttpGet() != null
                                    && "HTTPS".equals(probe.getHttpGet().getScheme()));
        }
    }

    private List<Sourced<Pod>> behind(List<PortPlan> ports) {
        return ports.stream()
                .flatMap(port -> port.families().stream())
                .flatMap(family -> family.endpoints().stream())
                .map(EndpointPlan::pod)
                .filter(Objects::nonNull)
                .distinct()
                .map(pods::get)
                .filter(Objects::nonNull)
                .toList();
    }

    /** One note for all Pods, in the name of the first. */
    private void tell(List<Sourced<Pod>> behind, String field, String what, String todo, Predicate<Probe> odd) {
        List<Sourced<Pod>> found =
                behind.stream().filter(pod -> hasProbe(pod.object(), odd)).toList();
        if (!found.isEmpty()) {
            String others = found.size() == 1 ? "" : " and " + (found.size() - 1) + " more";
            problems.note(
                    service,
                    field,
                    "Pod " + found.get(0).object().getMetadata().getName() + others + ": " + what,
                    todo);
        }
    }

    private static boolean hasProbe(Pod pod, Predicate<Probe> odd) {
        if (pod.getSpec() == null) {
            return false;
        }
        for (Container container : OrEmpty.list(pod.getSpec().getContainers())) {
            if (container.getReadinessProbe() != null && odd.test(container.getReadinessProbe())) {
                return true;
            }
        }
        return false;
    }
}
