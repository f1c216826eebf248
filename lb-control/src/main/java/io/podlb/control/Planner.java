package io.podlb.control;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.podlb.control.address.AddressMap;
import io.podlb.control.allocate.Admission;
import io.podlb.control.allocate.Admitted;
import io.podlb.control.allocate.Held;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.simulate.SimulatedPod;
import io.podlb.control.simulate.Simulation;
import io.podlb.control.source.Loaded;
import io.podlb.control.translate.Check;
import io.podlb.control.translate.CheckKey;
import io.podlb.control.translate.ClusterIndex;
import io.podlb.control.translate.EndpointChecks;
import io.podlb.control.translate.NodeFacts;
import io.podlb.control.translate.ServicePlan;
import io.podlb.control.translate.ServiceTranslator;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what manifests mean for this node: adds simulated Pods, does what an API server does to Services, translates
 * them, and places their front ends. Opens nothing.
 *
 * <p>Remembers what it gave to whom, addresses, ports and Pods, so that an edit moves nothing but what it is about. One
 * thread at a time.
 */
final class Planner {

    private static final Logger log = LoggerFactory.getLogger(Planner.class);

    private final Settings settings;
    private final AddressMap addresses;
    private final @Nullable Simulation simulation;
    private Held held = Held.NOTHING; // thread of plan()

    Planner(Settings settings) {
        this(settings, settings.addressMap());
    }

    /** One that places front ends by another map than that of the settings. */
    Planner(Settings settings, AddressMap addresses) {
        this.settings = settings;
        this.addresses = addresses;
        this.simulation = settings.simulatePods() ? new Simulation(addresses.podBlock(), settings.nodeName()) : null;
    }

    String nodeName() {
        return settings.nodeName();
    }

    /** Whether another pass may have another result although no manifest has changed. */
    boolean followsInterfaces() {
        return addresses.followsInterfaces();
    }

    /** What they mean if nothing is checked. */
    Planned plan(Loaded loaded) {
        return plan(loaded, key -> true);
    }

    /**
     * What they mean.
     *
     * @param up whether the active checks of an endpoint succeed
     */
    Planned plan(Loaded loaded, Predicate<CheckKey> up) {
        List<Problem> problems = new ArrayList<>(loaded.problems());
        ClusterState state = loaded.state();
        List<SimulatedPod> pods = List.of();
        if (simulation == null) {
            problems.addAll(Simulation.described(state));
        } else {
            var simulated = simulation.simulate(state);
            state = simulated.state();
            pods = simulated.pods();
            problems.addAll(simulated.problems());
        }
        Admitted admitted = Admission.admit(state, settings.admission(), held);
        held = admitted.held();
        problems.addAll(admitted.problems());
        ClusterIndex index = ClusterIndex.of(state);
        problems.addAll(index.problems());
        List<Node> nodes = state.nodes().stream().map(Sourced::object).toList();
        NodeFacts node = NodeFacts.of(settings.nodeName(), nodes);
        addUnknownNode(state.nodes(), problems);
        Map<String, ServicePlan> plans = new LinkedHashMap<>();
        state.services().forEach(service -> plans.put(service.title(), refused(service.object())));
        ServiceTranslator translator = new ServiceTranslator(node, settings.translation(), up);
        for (Sourced<Service> service : admitted.services()) {
            try {
                plans.put(service.title(), translator.plan(service, index.endpointsOf(service)));
            } catch (RuntimeException e) {
                // Whatever is odd about this one, the others are served.
                log.error("{} could not be translated and is not served", service.title(), e);
                problems.add(new Problem(
                        Problem.Severity.ERROR,
                        service.origin(),
                        service.title(),
                        null,
                        "podlb failed on it: " + e,
                        "report it; the log has the details"));
            }
        }
        Map<String, Origin> origins = new HashMap<>();
        state.services().forEach(service -> origins.put(service.title(), service.origin()));
        SharedAddresses.tell(plans.values(), origins, problems);
        List<ServicePlan> services = withProblems(plans, problems);
        return new Planned(
                node,
                services,
                addresses.place(services, node.addresses()),
                pods,
                checks(services, state.pods(), pods),
                problems);
    }

    private static Map<CheckKey, List<Check>> checks(
            List<ServicePlan> services, List<Sourced<Pod>> pods, List<SimulatedPod> played) {
        Map<String, Pod> byName = new HashMap<>();
        for (Sourced<Pod> pod : pods) {
            byName.put(
                    pod.object().getMetadata().getNamespace() + "/"
                            + pod.object().getMetadata().getName(),
                    pod.object());
        }
        Map<InetAddress, SimulatedPod> byAddress = new HashMap<>();
        played.forEach(pod -> byAddress.put(pod.address(), pod));
        return EndpointChecks.of(services, (namespace, name) -> byName.get(namespace + "/" + name), target -> {
            SimulatedPod pod = byAddress.get(target.address());
            return pod != null && !pod.ports().contains(target.port());
        });
    }

    /** A Service that was not admitted is shown with what is wrong with it, and serves nothing. */
    private static ServicePlan refused(Service service) {
        ServiceSpec spec = service.getSpec();
        String type = spec == null || spec.getType() == null ? "ClusterIP" : spec.getType();
        return new ServicePlan(
                service.getMetadata().getNamespace(),
                service.getMetadata().getName(),
                type,
                List.of(),
                List.of(),
                List.of());
    }

    /** Moves each problem that names a Service to that Service. */
    private static List<ServicePlan> withProblems(Map<String, ServicePlan> plans, List<Problem> problems) {
        Map<String, List<Problem>> byService = new HashMap<>();
        for (Problem problem : problems) {
            if (problem.object() != null && plans.containsKey(problem.object())) {
                byService
                        .computeIfAbsent(problem.object(), title -> new ArrayList<>())
                        .add(problem);
            }
        }
        problems.removeIf(problem -> problem.object() != null && plans.containsKey(problem.object()));
        List<ServicePlan> services = new ArrayList<>();
        plans.forEach((title, plan) -> {
            List<Problem> all = new ArrayList<>(byService.getOrDefault(title, List.of()));
            all.addAll(plan.problems());
            services.add(plan.withProblems(all));
        });
        services.sort(Comparator.comparing(ServicePlan::namespace).thenComparing(ServicePlan::name));
        return services;
    }

    /** With Nodes in the manifests somebody means this node to be one of them. */
    private void addUnknownNode(List<Sourced<Node>> nodes, List<Problem> problems) {
        List<String> names = nodes.stream()
                .map(node -> node.object().getMetadata().getName())
                .toList();
        if (!names.isEmpty() && !names.contains(settings.nodeName())) {
            problems.add(new Problem(
                    Problem.Severity.WARNING,
                    null,
                    null,
                    null,
                    "no Node is called " + Problem.shown(settings.nodeName()) + ", as this node is, so it has no zone",
                    "start with --node-name " + names.get(0) + ", or add the Node"));
        }
    }
}
