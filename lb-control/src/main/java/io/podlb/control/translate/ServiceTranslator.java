package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.SessionAffinityConfig;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.Annotations;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.cluster.Spelling;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.TrafficRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * From a Service and its slices to what this node serves of it (kube-semantics 1 to 6, 21). The cost is the size of the
 * Service. The result depends on nothing but the arguments, and not on the order of slices.
 *
 * <p>Immutable, for any thread.
 */
public final class ServiceTranslator {

    private static final int DEFAULT_AFFINITY_SECONDS = 10_800;
    private static final int MAX_AFFINITY_SECONDS = 86_400;

    private final NodeFacts node;
    private final TranslateOptions options;
    private final Predicate<CheckKey> up;

    /** One that believes what slices and Pods say. */
    public ServiceTranslator(NodeFacts node, TranslateOptions options) {
        this(node, options, key -> true);
    }

    /**
     * One that believes active checks, too.
     *
     * @param up whether the checks of an endpoint succeed; asked for Services that ask for checks
     */
    public ServiceTranslator(NodeFacts node, TranslateOptions options, Predicate<CheckKey> up) {
        this.node = node;
        this.options = options;
        this.up = up;
    }

    /** What the Service does on this node; a plan without ports and a note that says why if it is not served. */
    public ServicePlan plan(Sourced<Service> service, ServiceEndpoints endpoints) {
        ProblemList problems = new ProblemList();
        AnnotationCheck.unknown(service, problems);
        boolean served = new ServedCheck(options).served(service, problems);
        List<PortPlan> ports = served ? new Translation(service, endpoints, problems).ports() : List.of();
        Service object = service.object();
        return new ServicePlan(
                object.getMetadata().getNamespace(),
                object.getMetadata().getName(),
                ServiceFacts.type(object.getSpec()),
                ServiceFacts.clusterIps(object.getSpec()),
                ports,
                served ? ServiceFacts.healthCheckNodePort(object.getSpec()) : null,
                problems.toList());
    }

    /** What a Service says for all of its ports. */
    private record Choices(String policy, @Nullable Duration affinity, FlowPlan flows, TrafficRules traffic) {}

    /** One call of {@link #plan} for a Service that is served. */
    private final class Translation {

        private final Sourced<Service> service;
        private final ServiceSpec spec;
        private final ServiceFacts facts;
        private final ProblemList problems;
        private final JoinedEndpoints endpoints;
        private final Frontends frontends;
        private final Advice advice;
        private final CheckAdvice checkAdvice;
        private final FaultAnnotations faults;

        Translation(Sourced<Service> service, ServiceEndpoints endpoints, ProblemList problems) {
            this.service = service;
            this.spec = service.object().getSpec();
            this.facts = ServiceFacts.of(spec);
            this.problems = problems;
            this.frontends = new Frontends(service, facts, node, problems);
            problems.addAll(endpoints.problems());
            this.endpoints = JoinedEndpoints.of(read(endpoints));
            this.faults = new FaultAnnotations(service, endpoints.pods(), options.faults(), problems);
            this.advice = new Advice(service, facts, node, problems);
            this.checkAdvice = new CheckAdvice(service, endpoints.pods(), options.isNode(), problems);
        }

        List<PortPlan> ports() {
            Choices choices = new Choices(
                    policy(),
                    affinity(),
                    AnnotationCheck.flows(service, problems),
                    TrafficAnnotations.read(service, options.defaultTraffic(), problems));
            advice.onService();
            advice.onTraffic(choices.traffic, options.trustsProxies());
            List<PortPlan> plans = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            List<ServicePort> ports = OrEmpty.list(spec.getPorts());
            for (int i = 0; i < ports.size(); i++) {
                ServicePort port = ports.get(i);
                Protocol protocol = usable(port, "spec.ports[" + i + "]", seen);
                if (protocol != null) {
                    advice.onPort(i, port, protocol, endpoints);
                    List<FamilyPlan> families = new ArrayList<>();
                    for (IpFamily family : facts.familyIps().keySet()) {
                        families.add(family(port, protocol, family, choices));
                    }
                    plans.add(new PortPlan(
                            OrEmpty.text(port.getName()),
                            protocol,
                            port.getPort(),
                            PortReading.target(port),
                            Frontends.nodePort(port),
                            families));
                }
            }
            checkAdvice.on(choices.traffic().activeCheck(), plans);
            return plans;
        }

        private FamilyPlan family(ServicePort port, Protocol protocol, IpFamily family, Choices choices) {
            String portName = OrEmpty.text(port.getName());
            ServicePortName name = new ServicePortName(
                    service.object().getMetadata().getNamespace(),
                    service.object().getMetadata().getName(),
                    portName,
                    protocol,
                    family);
            EndpointChoice choice = EndpointChoice.of(
                    endpoints.of(portName, protocol, family),
                    node,
                    choices.traffic.zoneSpill(),
                    address -> !choices.traffic.activeCheck().isOn()
                            || protocol != Protocol.TCP
                            || up.test(new CheckKey(name, address)));
            FamilyPlan plan = new FamilyPlan(
                    name,
                    choices.policy,
                    choices.affinity,
                    protocol == Protocol.UDP ? choices.flows : null,
                    choices.traffic,
                    choice.topology(),
                    choice.spill(),
                    choice.endpoints(),
                    choice.cluster(),
                    choice.local(),
                    frontends.of(port, family, choice),
                    faults.of(portName, protocol, choice.endpoints()));
            advice.onFamily(plan);
            return plan;
        }

        /** Its protocol; null if the port cannot be served, which the API server would never have let in. */
        private @Nullable Protocol usable(ServicePort port, String field, Set<String> seen) {
            Protocol protocol = PortReading.protocol(port.getProtocol());
            if (protocol == null) {
                problems.error(
                        service,
                        field + ".protocol",
                        "\"" + port.getProtocol() + "\" is no protocol, the port is not served",
                        "use TCP, UDP or SCTP");
                return null;
            }
            if (port.getPort() == null || !PortReading.isPort(port.getPort())) {
                problems.error(
                        service,
                        field + ".port",
                        port.getPort() + " is no port, the port is not served",
                        "use a number from 1 to 65535");
                return null;
            }
            if (!seen.add(OrEmpty.text(port.getName()) + "/" + protocol)) {
                problems.error(
                        service,
                        field + ".name",
                        "\"" + OrEmpty.text(port.getName()) + "\" is taken by a port above, the port is not served",
                        "give each port a name of its own");
                return null;
            }
            return protocol;
        }

        /** Slices of this Service that are not hidden (kube-semantics 1.1, 1.3, 1.7), in the order of their names. */
        private List<ReadSlice> read(ServiceEndpoints given) {
            SliceReader reader = new SliceReader(given.pods(), node, options.allowLoopbackEndpoints(), problems);
            List<Sourced<EndpointSlice>> slices = new ArrayList<>(given.slices());
            slices.sort(Comparator.comparing(
                    slice -> OrEmpty.text(slice.object().getMetadata().getName())));
            List<ReadSlice> read = new ArrayList<>();
            for (Sourced<EndpointSlice> slice : slices) {
                if (belongs(slice)) {
                    ReadSlice one = reader.read(slice);
                    if (one != null) {
                        read.add(one);
                    }
                }
            }
            return read;
        }

        private boolean belongs(Sourced<EndpointSlice> slice) {
            var labels = OrEmpty.map(slice.object().getMetadata().getLabels());
            var metadata = service.object().getMetadata();
            if (!metadata.getName().equals(labels.get(WellKnown.SERVICE_NAME))
                    || !metadata.getNamespace()
                            .equals(slice.object().getMetadata().getNamespace())) {
                return false;
            }
            String hiddenBy = options.hiddenBy(labels);
            if (hiddenBy != null) {
                problems.note(
                        slice,
                        "metadata.labels[" + hiddenBy + "]",
                        "hides the slice from this proxy",
                        "give it the labels of its Service");
            }
            return hiddenBy == null;
        }

        private String policy() {
            String named = AnnotationCheck.value(service, Annotations.POLICY);
            if (named == null) {
                return options.defaultPolicy();
            }
            if (options.policies().contains(named)) {
                return named;
            }
            String nearest = Spelling.nearest(named, options.policies());
            problems.warning(
                    service,
                    AnnotationCheck.field(Annotations.POLICY),
                    "\"" + named + "\" is no policy, " + options.defaultPolicy() + " is used",
                    (nearest == null ? "" : "did you mean " + nearest + "? ") + "choose one of "
                            + String.join(", ", options.policies()));
            return options.defaultPolicy();
        }

        /** Kube-semantics 2.15, 8.8, 18.2. */
        private @Nullable Duration affinity() {
            if (!"ClientIP".equals(spec.getSessionAffinity())) {
                return null;
            }
            SessionAffinityConfig config = spec.getSessionAffinityConfig();
            Integer seconds = config == null || config.getClientIP() == null
                    ? null
                    : config.getClientIP().getTimeoutSeconds();
            if (seconds == null) {
                return Duration.ofSeconds(DEFAULT_AFFINITY_SECONDS);
            }
            if (seconds < 1 || seconds > MAX_AFFINITY_SECONDS) {
                problems.warning(
                        service,
                        "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                        seconds + " is out of range, " + DEFAULT_AFFINITY_SECONDS + " is used",
                        "use 1 to " + MAX_AFFINITY_SECONDS);
                return Duration.ofSeconds(DEFAULT_AFFINITY_SECONDS);
            }
            return Duration.ofSeconds(seconds);
        }
    }
}
