package io.podlb.control.simulate;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.podlb.control.address.StableNumbers;
import io.podlb.control.cluster.Annotations;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.InetAddresses;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Adds to a cluster the Pods that its workloads describe, and gives every Pod without an address one of 127/8. A Pod
 * keeps its address as long as it is there, and gets the same one after a restart. Opens nothing. Control thread only.
 *
 * <p>Pods of workloads are spread over nothing: all are on this node. They have no IPv6 address.
 */
public final class Simulation {

    /** Most Pods that are simulated; each costs a descriptor per port. */
    static final int MAX_PODS = 1_000;

    private static final Origin ORIGIN = new Origin("simulated", 0);

    private final String node;
    private final String prefix;
    private final StableNumbers hosts = new StableNumbers(1, 65_534);

    /**
     * A simulation without Pods yet.
     *
     * @param block a /16 of 127/8 to take addresses from
     * @param node name of the node that Pods are put on where they do not say
     */
    public Simulation(Cidr block, String node) {
        if (block.prefixLength() != 16 || !block.address().isLoopbackAddress()) {
            throw new IllegalArgumentException("block: " + block + " (expected: a /16 of 127.0.0.0/8)");
        }
        this.node = node;
        byte[] octets = block.address().getAddress();
        this.prefix = (octets[0] & 0xff) + "." + (octets[1] & 0xff) + ".";
    }

    /** The cluster with its simulated Pods; the given state itself is not changed. */
    public Simulated simulate(ClusterState state) {
        List<Problem> problems = new ArrayList<>();
        List<Sourced<Pod>> described = new ArrayList<>();
        List<Sourced<Pod>> pods = new ArrayList<>();
        for (Sourced<Pod> pod : state.pods()) {
            (needsAddress(pod.object()) ? described : pods).add(pod);
        }
        Set<String> names = new HashSet<>();
        state.pods().forEach(pod -> names.add(key(pod.object())));
        for (Sourced<HasMetadata> workload : state.workloads()) {
            int wanted = Workloads.replicas(workload.object());
            int count = Math.min(wanted, Math.max(0, MAX_PODS - described.size()));
            if (count < wanted) {
                problems.add(tooMany(workload, wanted, count));
            }
            Workloads.pods(workload.object(), count).stream()
                    .filter(pod -> names.add(key(pod)))
                    .forEach(pod -> described.add(new Sourced<>(pod, ORIGIN)));
        }
        List<SimulatedPod> simulated = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        described.forEach(pod -> keys.add(key(pod.object())));
        Map<String, Integer> numbers = hosts.assign(keys);
        for (Sourced<Pod> pod : described) {
            Integer number = numbers.get(key(pod.object()));
            if (number != null) {
                String address = prefix + (number >> 8) + "." + (number & 0xff);
                pods.add(new Sourced<>(running(pod.object(), node, address), pod.origin()));
                simulated.add(simulated(pod.object(), InetAddresses.parse(address), state.services()));
            }
        }
        return new Simulated(
                new ClusterState(
                        state.services(),
                        pods,
                        state.endpointSlices(),
                        state.endpoints(),
                        state.nodes(),
                        state.workloads()),
                simulated,
                problems);
    }

    /** A note for each workload whose Pods are described and not there, as they are unless somebody simulates them. */
    public static List<Problem> described(ClusterState state) {
        List<Problem> notes = new ArrayList<>();
        for (Sourced<HasMetadata> workload : state.workloads()) {
            int replicas = Workloads.replicas(workload.object());
            boolean there = Workloads.pods(workload.object(), 1).stream()
                    .anyMatch(template -> state.pods().stream().anyMatch(pod -> isLike(pod.object(), template)));
            if (replicas > 0 && !there) {
                notes.add(new Problem(
                        Problem.Severity.NOTE,
                        workload.origin(),
                        workload.title(),
                        null,
                        (replicas == 1 ? "its Pod is" : "its " + replicas + " Pods are") + " described but not there",
                        "add --simulate-pods to have podlb play them, or give Pods with addresses"));
            }
        }
        return notes;
    }

    private static boolean isLike(Pod pod, Pod template) {
        Map<String, String> wanted = new HashMap<>(template.getMetadata().getLabels());
        wanted.remove(Workloads.TEMPLATE_HASH);
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels != null
                && pod.getMetadata()
                        .getNamespace()
                        .equals(template.getMetadata().getNamespace())
                && labels.entrySet().containsAll(wanted.entrySet());
    }

    private static Problem tooMany(Sourced<HasMetadata> workload, int wanted, int count) {
        return new Problem(
                Problem.Severity.WARNING,
                workload.origin(),
                workload.title(),
                "spec.replicas",
                wanted + " Pods are asked for, " + count + " are simulated, since " + MAX_PODS + " is the most in all",
                "ask for fewer");
    }

    /** Whether a manifest describes the Pod and does not say where it is. */
    public static boolean needsAddress(Pod pod) {
        PodStatus status = pod.getStatus();
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        if (annotations != null && annotations.containsKey(Annotations.POD_IP)) {
            return false;
        }
        return status == null
                || status.getPodIP() == null
                        && status.getPodIPs().isEmpty()
                        && !"Succeeded".equals(status.getPhase())
                        && !"Failed".equals(status.getPhase());
    }

    /**
     * The Pod once it runs. What the manifest says of node, phase and readiness stays; the rest is as of a Pod that runs
     * well.
     *
     * @param node where it runs unless it says so
     */
    public static Pod running(Pod pod, String node, String address) {
        PodStatus status = pod.getStatus();
        boolean saysNode = pod.getSpec() != null && pod.getSpec().getNodeName() != null;
        boolean saysPhase = status != null && status.getPhase() != null;
        boolean saysReady = status != null
                && status.getConditions().stream().anyMatch(condition -> "Ready".equals(condition.getType()));
        PodBuilder builder = new PodBuilder(pod)
                .editOrNewSpec()
                .withNodeName(saysNode ? pod.getSpec().getNodeName() : node)
                .endSpec()
                .editOrNewStatus()
                .withPhase(saysPhase ? status.getPhase() : "Running")
                .withPodIP(address)
                .addNewPodIP(address)
                .endStatus();
        if (!saysReady) {
            builder.editStatus()
                    .addNewCondition()
                    .withType("Ready")
                    .withStatus("True")
                    .endCondition()
                    .endStatus();
        }
        return builder.build();
    }

    /** What has to listen for the Pod to be what it says, and for Services that select it to reach it. */
    public static SimulatedPod simulated(Pod pod, InetAddress address, List<Sourced<Service>> services) {
        return new SimulatedPod(
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                address,
                ports(pod, "TCP", services),
                ports(pod, "UDP", services));
    }

    private static SortedSet<Integer> ports(Pod pod, String protocol, List<Sourced<Service>> services) {
        SortedSet<Integer> ports = new TreeSet<>();
        if (pod.getSpec() != null) {
            Stream.concat(
                            pod.getSpec().getContainers().stream(),
                            pod.getSpec().getInitContainers().stream()
                                    .filter(container -> "Always".equals(container.getRestartPolicy())))
                    .forEach(container -> addPorts(container, protocol, ports));
        }
        // A number is used as it is even if no container declares it (kube-semantics 14.8).
        for (Sourced<Service> service : services) {
            if (selects(service.object(), pod)) {
                service.object().getSpec().getPorts().forEach(port -> addTarget(port, protocol, ports));
            }
        }
        return ports;
    }

    private static void addPorts(Container container, String protocol, SortedSet<Integer> ports) {
        for (ContainerPort port : container.getPorts()) {
            if (is(protocol, port.getProtocol()) && isPort(port.getContainerPort())) {
                ports.add(port.getContainerPort());
            }
        }
    }

    private static void addTarget(ServicePort port, String protocol, SortedSet<Integer> ports) {
        Integer target = port.getTargetPort() == null
                ? port.getPort()
                : port.getTargetPort().getStrVal() == null
                        ? port.getTargetPort().getIntVal()
                        : null;
        if (is(protocol, port.getProtocol()) && isPort(target)) {
            ports.add(target);
        }
    }

    private static boolean selects(Service service, Pod pod) {
        Map<String, String> selector =
                service.getSpec() == null ? null : service.getSpec().getSelector();
        Map<String, String> labels = pod.getMetadata().getLabels();
        return selector != null
                && !selector.isEmpty()
                && labels != null
                && pod.getMetadata().getNamespace().equals(service.getMetadata().getNamespace())
                && labels.entrySet().containsAll(selector.entrySet());
    }

    private static boolean is(String wanted, @Nullable String protocol) {
        return wanted.equals(protocol == null ? "TCP" : protocol);
    }

    private static boolean isPort(@Nullable Integer port) {
        return port != null && port > 0 && port <= 65535;
    }

    private static String key(Pod pod) {
        return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    }
}
