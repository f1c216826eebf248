package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.ForNode;
import io.fabric8.kubernetes.api.model.discovery.v1.ForZone;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Sourced;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Objects for the tables: Service {@code default/web} with the unnamed port 80, endpoints written as words. */
final class Given {

    static final NodeFacts NODE = new NodeFacts("n0", "zone-a");
    static final TranslateOptions OPTIONS =
            new TranslateOptions("random", new TreeSet<>(List.of("random", "round-robin")), false, null);

    private Given() {}

    static Sourced<Service> service(UnaryOperator<ServiceBuilder> change) {
        ServiceBuilder base = new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("web")
                .endMetadata()
                .withNewSpec()
                .withType("ClusterIP")
                .withClusterIP("10.96.0.10")
                .withClusterIPs("10.96.0.10")
                .withIpFamilies("IPv4")
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec();
        return sourced(change.apply(base).build());
    }

    static Sourced<Service> service() {
        return service(same -> same);
    }

    /** A change of the spec alone. */
    static UnaryOperator<ServiceBuilder> spec(UnaryOperator<ServiceSpecBuilder> change) {
        return service -> service.withSpec(
                change.apply(new ServiceSpecBuilder(service.buildSpec())).build());
    }

    static <T extends HasMetadata> Sourced<T> sourced(T object) {
        return new Sourced<>(object, new Origin("web.yaml", 1));
    }

    /** A hand-made slice of Service web with the unnamed port 8080. */
    static Sourced<EndpointSlice> slice(String name, String... endpoints) {
        return slice(name, same -> same, endpoints);
    }

    static Sourced<EndpointSlice> slice(String name, UnaryOperator<EndpointSliceBuilder> change, String... endpoints) {
        EndpointSliceBuilder base = new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .addToLabels("kubernetes.io/service-name", "web")
                .endMetadata()
                .withAddressType("IPv4")
                .withEndpoints(Arrays.stream(endpoints).map(Given::endpoint).toList())
                .addNewPort()
                .withName("")
                .withProtocol("TCP")
                .withPort(8080)
                .endPort();
        return sourced(change.apply(base).build());
    }

    /**
     * An endpoint in words: the last number of its address in 10.244.0.0, then in any order {@code ready}, {@code
     * unready}, {@code terminating} (and serving), {@code gone} (terminating, no longer serving), {@code published}
     * (ready, terminating, not serving) or {@code serving} (neither ready nor terminating), a node {@code n…}, a zone
     * {@code zone-…}, hints {@code for:zone-a,zone-b} and {@code on:n0} (empty lists without names), a Pod {@code pod:…}. No condition word: no
     * conditions.
     */
    static Endpoint endpoint(String words) {
        EndpointBuilder endpoint = new EndpointBuilder();
        List<String> rest = new ArrayList<>(List.of(words.split(" ")));
        String address = rest.remove(0);
        endpoint.withAddresses(address.matches("\\d+") ? "10.244.0." + address : address);
        for (String word : rest) {
            if (word.startsWith("zone-")) {
                endpoint.withZone(word);
            } else if (word.startsWith("for:")) {
                endpoint.editOrNewHints()
                        .addAllToForZones(Arrays.stream(word.substring(4).split(","))
                                .filter(zone -> !zone.isEmpty())
                                .map(ForZone::new)
                                .toList())
                        .endHints();
            } else if (word.startsWith("on:")) {
                endpoint.editOrNewHints()
                        .addAllToForNodes(Stream.of(word.substring(3))
                                .filter(node -> !node.isEmpty())
                                .map(ForNode::new)
                                .toList())
                        .endHints();
            } else if (word.startsWith("pod:")) {
                endpoint.withNewTargetRef()
                        .withKind("Pod")
                        .withNamespace("default")
                        .withName(word.substring(4))
                        .endTargetRef();
            } else if (word.matches("n\\d+")) {
                endpoint.withNodeName(word);
            } else {
                conditions(endpoint, word);
            }
        }
        return endpoint.build();
    }

    private static void conditions(EndpointBuilder endpoint, String word) {
        boolean ready = word.equals("ready") || word.equals("published");
        boolean serving = word.equals("ready") || word.equals("terminating") || word.equals("serving");
        boolean terminating = word.equals("terminating") || word.equals("gone") || word.equals("published");
        if (!ready && !serving && !terminating && !word.equals("unready")) {
            throw new IllegalArgumentException("word: " + word);
        }
        endpoint.withNewConditions()
                .withReady(ready)
                .withServing(serving)
                .withTerminating(terminating)
                .endConditions();
    }

    /** A Pod with the label app=web and an address in 10.244.0.0. */
    static Sourced<Pod> pod(String name, int address, UnaryOperator<PodBuilder> change) {
        PodBuilder base = new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .addToLabels("app", "web")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .withPodIP("10.244.0." + address)
                .endStatus();
        return sourced(change.apply(base).build());
    }

    static Sourced<Pod> pod(String name, int address) {
        return pod(name, address, same -> same);
    }

    static Node node(String name, Map<String, String> labels, String... internalIps) {
        NodeBuilder node = new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withNewStatus()
                .endStatus();
        for (String ip : internalIps) {
            node.editStatus().addNewAddress(ip, "InternalIP").endStatus();
        }
        return node.build();
    }

    static ServiceEndpoints behind(List<Sourced<EndpointSlice>> slices) {
        return new ServiceEndpoints(slices, Map.of(), List.of());
    }

    static Map<String, Sourced<Pod>> byName(List<Sourced<Pod>> pods) {
        Map<String, Sourced<Pod>> byName = new HashMap<>();
        pods.forEach(pod -> byName.put(pod.object().getMetadata().getName(), pod));
        return byName;
    }

    static ServicePlan plan(Sourced<Service> service, List<Sourced<EndpointSlice>> slices) {
        return new ServiceTranslator(NODE, OPTIONS).plan(service, behind(slices));
    }

    /** The only family of the only port. */
    static FamilyPlan only(ServicePlan plan) {
        if (plan.ports().size() != 1 || plan.ports().get(0).families().size() != 1) {
            throw new AssertionError("not one port in one family: " + plan);
        }
        return plan.ports().get(0).families().get(0);
    }

    /** {@code 10.244.0.1:8080 10.244.0.2:8080}. */
    static String addresses(List<EndpointPlan> endpoints) {
        return endpoints.stream().map(endpoint -> endpoint.address().toString()).collect(Collectors.joining(" "));
    }

    /** Slices as {@code IPv4 [80] 1 ready serving, 2 | IPv6 []}: family, port numbers, endpoints in the words of above. */
    static String shown(ServiceEndpoints made) {
        return made.slices().stream()
                .map(Sourced::object)
                .map(slice -> (slice.getAddressType() + " "
                                + slice.getPorts().stream()
                                        .map(port -> port.getPort())
                                        .toList() + " "
                                + slice.getEndpoints().stream()
                                        .map(Given::shown)
                                        .collect(Collectors.joining(", ")))
                        .strip())
                .collect(Collectors.joining(" | "));
    }

    private static String shown(Endpoint endpoint) {
        StringBuilder text = new StringBuilder(endpoint.getAddresses().get(0).replaceFirst("^10\\.244\\.0\\.", ""));
        if (endpoint.getConditions() != null) {
            text.append(Boolean.TRUE.equals(endpoint.getConditions().getReady()) ? " ready" : "")
                    .append(Boolean.TRUE.equals(endpoint.getConditions().getServing()) ? " serving" : "")
                    .append(Boolean.TRUE.equals(endpoint.getConditions().getTerminating()) ? " terminating" : "");
        }
        text.append(endpoint.getNodeName() == null ? "" : " " + endpoint.getNodeName())
                .append(endpoint.getZone() == null ? "" : " " + endpoint.getZone());
        if (endpoint.getHints() != null) {
            for (ForZone zone : endpoint.getHints().getForZones()) {
                text.append(" for:").append(zone.getName());
            }
            for (ForNode node : endpoint.getHints().getForNodes()) {
                text.append(" on:").append(node.getName());
            }
        }
        return text.toString();
    }

    static InetAddress ip(String text) {
        InetAddress address = Addresses.orNull(text);
        if (address == null) {
            throw new IllegalArgumentException(text);
        }
        return address;
    }
}
