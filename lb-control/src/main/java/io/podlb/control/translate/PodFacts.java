package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.podlb.control.cluster.Annotations;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a Pod of a manifest means for endpoints. A manifest says less than a cluster: without a phase the Pod runs, and
 * a Pod that runs is ready unless its condition says otherwise (kube-semantics 14.17).
 */
final class PodFacts {

    private static final String RUNNING = "Running";

    private PodFacts() {}

    static boolean matches(Pod pod, Map<String, String> selector) {
        return OrEmpty.map(pod.getMetadata().getLabels()).entrySet().containsAll(selector.entrySet());
    }

    /** Whether it has run to its end, an evicted one included (kube-semantics 14.3). */
    static boolean finished(Pod pod) {
        String phase = phase(pod);
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    static boolean terminating(Pod pod) {
        return OrEmpty.orNull(pod.getMetadata().getDeletionTimestamp()) != null;
    }

    static boolean ready(Pod pod) {
        PodStatus status = pod.getStatus();
        if (status != null) {
            for (PodCondition condition : OrEmpty.list(status.getConditions())) {
                if ("Ready".equals(condition.getType())) {
                    return "True".equals(condition.getStatus());
                }
            }
        }
        return phase(pod).equals(RUNNING);
    }

    static @Nullable String node(Pod pod) {
        return pod.getSpec() == null ? null : OrEmpty.orNull(pod.getSpec().getNodeName());
    }

    /** Its addresses as spelled, from {@code podIPs}, else {@code podIP}, else the annotation (one or more, by comma). */
    static List<String> addresses(Sourced<Pod> pod) {
        PodStatus status = pod.object().getStatus();
        List<String> addresses = new ArrayList<>();
        if (status != null) {
            for (PodIP ip : OrEmpty.list(status.getPodIPs())) {
                addresses.add(OrEmpty.text(ip.getIp()));
            }
            if (addresses.isEmpty()) {
                addresses.add(OrEmpty.text(status.getPodIP()));
            }
        }
        addresses.removeIf(String::isBlank);
        if (addresses.isEmpty()) {
            String annotation = OrEmpty.text(AnnotationCheck.value(pod, Annotations.POD_IP));
            Stream.of(annotation.split(",", -1))
                    .map(String::strip)
                    .filter(text -> !text.isEmpty())
                    .forEach(addresses::add);
        }
        return addresses;
    }

    /** Those of its addresses that are of the family; what is no address at all is told. */
    static List<String> addresses(Sourced<Pod> pod, IpFamily family, ProblemList problems) {
        List<String> ofFamily = new ArrayList<>();
        for (String text : addresses(pod)) {
            InetAddress address = Addresses.orNull(text);
            if (address == null) {
                problems.warning(
                        pod,
                        "status.podIP",
                        "\"" + text + "\" is no IP address, the Pod is no endpoint there",
                        "set status.podIP or the annotation " + Annotations.POD_IP + " to its address");
            } else if (IpFamily.of(address) == family) {
                ofFamily.add(address.getHostAddress());
            }
        }
        return ofFamily;
    }

    /** The number of a named port: containers first, then init containers that keep running (14.8); null if none. */
    static @Nullable Integer namedPort(Pod pod, String name, Protocol protocol) {
        return containers(pod)
                .flatMap(container -> OrEmpty.list(container.getPorts()).stream())
                .filter(port -> name.equals(port.getName()) && PortReading.protocol(port.getProtocol()) == protocol)
                .map(ContainerPort::getContainerPort)
                .findFirst()
                .orElse(null);
    }

    /** The names of its ports, for people. */
    static Stream<String> portNames(Pod pod) {
        return containers(pod)
                .flatMap(container -> OrEmpty.list(container.getPorts()).stream())
                .map(port -> OrEmpty.text(port.getName()))
                .filter(name -> !name.isEmpty());
    }

    private static Stream<Container> containers(Pod pod) {
        if (pod.getSpec() == null) {
            return Stream.empty();
        }
        return Stream.concat(
                OrEmpty.list(pod.getSpec().getContainers()).stream(),
                OrEmpty.list(pod.getSpec().getInitContainers()).stream()
                        .filter(container -> "Always".equals(container.getRestartPolicy())));
    }

    private static String phase(Pod pod) {
        String phase =
                pod.getStatus() == null ? null : OrEmpty.orNull(pod.getStatus().getPhase());
        return phase == null ? RUNNING : phase;
    }
}
