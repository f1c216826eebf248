package io.podlb.kit;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.simulate.SimulatedPod;
import io.podlb.control.simulate.Simulation;
import io.podlb.control.source.Loaded;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a lab, and the Pods that come and go with its workloads: what the API server and the controllers of a
 * cluster would know. Lock of the lab.
 */
final class Cluster {

    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final Origin ORIGIN = new Origin("lab", 0);

    private static final String IPV6_PODS = "fd00:10:244::";

    /** 10.244.0.0/16, where the Pods of most clusters are. */
    private static final int POD_ADDRESSES = 65_534;

    private final List<Sourced<Service>> services = new ArrayList<>();
    private final List<Sourced<Node>> nodes = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<Workload> workloads = new ArrayList<>();
    private final List<LabPod> pods = new ArrayList<>();
    private final ClusterState declared;
    private final String nodeName;
    private final BiFunction<SimulatedPod, PodBehaviour, PodProcess> processes;
    private final Behaviours behaviours;
    private final Set<InetAddress> foreign = new HashSet<>();
    private int lastAddress;

    /**
     * A cluster with the declared objects and the first Pods of its workloads.
     *
     * @param declared every object of manifests and code
     * @param nodeName the node of the lab; null: the first declared one
     * @param zone that of the node, if it is not declared
     * @param behaviours what embedded Pods do
     * @param processes makes what runs in one
     */
    Cluster(
            Loaded declared,
            @Nullable String nodeName,
            @Nullable String zone,
            Behaviours behaviours,
            BiFunction<SimulatedPod, PodBehaviour, PodProcess> processes) {
        this.declared = declared.state();
        this.behaviours = behaviours;
        this.processes = processes;
        this.problems.addAll(declared.problems());
        this.services.addAll(this.declared.services());
        this.nodes.addAll(this.declared.nodes());
        this.nodeName = nodeName != null
                ? nodeName
                : nodes.isEmpty() ? "lab" : nodes.get(0).object().getMetadata().getName();
        if (nodes.stream()
                .noneMatch(node -> node.object().getMetadata().getName().equals(this.nodeName))) {
            nodes.add(node(this.nodeName, zone));
        }
        noteForeignAddresses();
        for (Sourced<Pod> pod : this.declared.pods()) {
            pods.add(Simulation.needsAddress(pod.object()) ? played(pod, null) : new LabPod(pod, null, null));
        }
        for (Sourced<HasMetadata> object : this.declared.workloads()) {
            Workload workload = new Workload(object);
            workloads.add(workload);
            for (int i = workload.replicas(); i > 0; i--) {
                addPod(workload);
            }
        }
    }

    private static Sourced<Node> node(String name, @Nullable String zone) {
        return new Sourced<>(
                new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(zone == null ? Map.of() : Map.of(ZONE, zone))
                        .endMetadata()
                        .build(),
                ORIGIN);
    }

    /** Addresses that Pods elsewhere have are given to nobody here. */
    private void noteForeignAddresses() {
        for (Sourced<Pod> pod : declared.pods()) {
            if (pod.object().getStatus() != null && pod.object().getStatus().getPodIP() != null) {
                foreign.add(InetAddresses.parse(pod.object().getStatus().getPodIP()));
            }
        }
        declared.endpointSlices()
                .forEach(slice -> slice.object()
                        .getEndpoints()
                        .forEach(endpoint ->
                                endpoint.getAddresses().forEach(address -> foreign.add(InetAddresses.parse(address)))));
    }

    private InetAddress nextAddress() {
        while (lastAddress < POD_ADDRESSES) {
            lastAddress++;
            InetAddress address = InetAddresses.parse("10.244." + (lastAddress >> 8) + "." + (lastAddress & 0xff));
            if (!foreign.contains(address)) {
                return address;
            }
        }
        throw new IllegalStateException("no address is left for one more Pod, after " + POD_ADDRESSES + " of them");
    }

    private LabPod played(Sourced<Pod> pod, @Nullable Workload owner) {
        InetAddress address = nextAddress();
        Pod running = new PodBuilder(Simulation.running(pod.object(), nodeName, address.getHostAddress()))
                .editStatus()
                .addNewPodIP(IPV6_PODS + Integer.toHexString(lastAddress))
                .endStatus()
                .build();
        SimulatedPod simulated = Simulation.simulated(running, address, services);
        return new LabPod(
                new Sourced<>(running, pod.origin()), owner, processes.apply(simulated, behaviours.of(running, owner)));
    }

    /** The next Pod of a workload. */
    LabPod addPod(Workload workload) {
        if (workload.isOrdered()) {
            workload.continueAt(0); // the lowest ordinal that is free
        }
        Sourced<Pod> next = workload.nextPod();
        while (find(
                        next.object().getMetadata().getNamespace(),
                        next.object().getMetadata().getName())
                != null) {
            next = workload.nextPod();
        }
        LabPod pod = played(next, workload);
        pods.add(pod);
        return pod;
    }

    /** Opens what the Pods listen on. */
    void open() {
        for (LabPod pod : pods) {
            PodProcess process = pod.process();
            if (process != null) {
                Pod object = pod.object().object();
                InetAddress address = InetAddresses.parse(object.getStatus().getPodIP());
                process.open(
                        Simulation.simulated(object, address, services),
                        object.getStatus().getPodIPs().stream()
                                .map(ip -> InetAddresses.parse(ip.getIp()))
                                .toList());
            }
        }
    }

    /** Every object as of now. */
    Loaded objects() {
        return new Loaded(
                new ClusterState(
                        services,
                        pods.stream()
                                .filter(pod -> !pod.isRemoved())
                                .map(LabPod::object)
                                .toList(),
                        declared.endpointSlices(),
                        declared.endpoints(),
                        nodes,
                        List.of()),
                problems);
    }

    /** Where the endpoints of embedded Pods really are. */
    Map<SocketAddressSpec, SocketAddressSpec> reachedAt() {
        Map<SocketAddressSpec, SocketAddressSpec> reachedAt = new HashMap<>();
        for (LabPod pod : pods) {
            PodProcess process = pod.process();
            if (process != null) {
                reachedAt.putAll(process.reachedAt());
            }
        }
        return reachedAt;
    }

    /** Ends the processes of Pods that are gone, and forgets these. */
    void bury() {
        for (LabPod pod : List.copyOf(pods)) {
            if (pod.isRemoved()) {
                pods.remove(pod);
                PodProcess process = pod.process();
                if (process != null) {
                    process.stop(false);
                    process.release();
                }
            }
        }
    }

    /** Ends everything. */
    void close() {
        pods.forEach(LabPod::remove);
        bury();
    }

    /** The node in a zone, one that exists if there is one. */
    String nodeIn(String zone) {
        String own = null;
        for (Sourced<Node> node : nodes) {
            if (zone.equals(zoneOf(node))) {
                String name = node.object().getMetadata().getName();
                own = own == null || name.equals(nodeName) ? name : own;
            }
        }
        if (own == null) {
            own = "node-" + zone;
            nodes.add(node(own, zone));
        }
        return own;
    }

    private static @Nullable String zoneOf(Sourced<Node> node) {
        Map<String, String> labels = node.object().getMetadata().getLabels();
        return labels == null ? null : labels.get(ZONE);
    }

    /** The zone of a node; null without one. */
    @Nullable
    String zoneOf(String name) {
        return nodes.stream()
                .filter(node -> node.object().getMetadata().getName().equals(name))
                .map(Cluster::zoneOf)
                .findFirst()
                .orElse(null);
    }

    String nodeName() {
        return nodeName;
    }

    List<Sourced<Service>> services() {
        return services;
    }

    /** Those that are there, in the order that they came. */
    List<LabPod> pods() {
        return pods;
    }

    /** The Pods that a Service selects, in the order that they came. */
    List<LabPod> pods(Service service) {
        Map<String, String> selector =
                service.getSpec() == null ? null : service.getSpec().getSelector();
        return selector == null || selector.isEmpty()
                ? List.of()
                : pods.stream()
                        .filter(pod ->
                                pod.namespace().equals(service.getMetadata().getNamespace())
                                        && has(pod.object().object(), selector))
                        .toList();
    }

    /** The workloads whose Pods a Service selects. */
    List<Workload> workloads(Service service) {
        Map<String, String> selector =
                service.getSpec() == null ? null : service.getSpec().getSelector();
        return selector == null || selector.isEmpty()
                ? List.of()
                : workloads.stream()
                        .filter(workload -> workload.namespace()
                                        .equals(service.getMetadata().getNamespace())
                                && has(workload.pod(0).object(), selector))
                        .toList();
    }

    private static boolean has(Pod pod, Map<String, String> selector) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels != null && labels.entrySet().containsAll(selector.entrySet());
    }

    @Nullable
    LabPod find(String namespace, String name) {
        return pods.stream()
                .filter(pod -> pod.namespace().equals(namespace) && pod.name().equals(name))
                .findFirst()
                .orElse(null);
    }
}
