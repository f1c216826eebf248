package io.podlb.control.translate;

import static io.podlb.control.translate.Given.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.EndpointSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random clusters: whatever they are, what kube-semantics 4 and 5 promise for every plan must hold. */
class TranslationModelTest {

    private static final int CLUSTERS_PER_SEED = 400;
    private static final NodeFacts NODE = new NodeFacts("n0", "zone-a");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyPlanKeepsThePromises(long seed) {
        Random random = new Random(seed);
        int forwarding = 0;
        int dropping = 0;
        int narrowed = 0;
        for (int i = 0; i < CLUSTERS_PER_SEED; i++) {
            ClusterState state = cluster(random);
            Sourced<Service> service = state.services().get(0);
            ServicePlan plan = plan(state, service);
            for (FamilyPlan family : families(plan)) {
                setsArePartsOfTheEndpoints(family);
                setsNeverMix(family);
                reasonsAgreeWithSets(family);
                verdictsFollowFromSets(family, service.object());
                narrowed += family.topology() == Topology.NONE ? 0 : 1;
                forwarding += count(family, Verdict.FORWARD);
                dropping += count(family, Verdict.DROP);
            }
            assertThat(plan(shuffled(state, random), service)).as("other order").isEqualTo(plan);
        }
        // A generator that never meets a case proves nothing of it.
        assertThat(List.of(forwarding, dropping, narrowed)).allMatch(seen -> seen > 10);
    }

    private static void setsArePartsOfTheEndpoints(FamilyPlan family) {
        assertThat(family.endpoints()).containsAll(family.cluster()).containsAll(family.local());
        assertThat(family.endpoints())
                .extracting(EndpointPlan::address)
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(family.cluster()).extracting(EndpointPlan::address).isSorted();
        assertThat(family.endpoints())
                .allMatch(
                        endpoint -> endpoint.address().family() == family.name().family());
        assertThat(family.local()).allMatch(EndpointPlan::local);
        assertThat(family.endpoints()).allMatch(endpoint -> endpoint.local() == "n0".equals(endpoint.node()));
    }

    /** 4.2 to 4.5, 4.8. */
    private static void setsNeverMix(FamilyPlan family) {
        for (EndpointSet set : EndpointSet.values()) {
            List<EndpointPlan> usable = family.usable(set);
            Predicate<EndpointPlan> inScope = endpoint -> set == EndpointSet.CLUSTER || endpoint.local();
            boolean readyExists = family.endpoints().stream().anyMatch(inScope.and(EndpointPlan::ready));
            if (readyExists) {
                assertThat(usable).isNotEmpty().allMatch(EndpointPlan::ready);
            } else {
                assertThat(usable)
                        .containsExactlyElementsOf(family.endpoints().stream()
                                .filter(inScope)
                                .filter(endpoint -> endpoint.serving() && endpoint.terminating())
                                .toList());
            }
            boolean whole = set == EndpointSet.LOCAL || family.topology() == Topology.NONE;
            if (readyExists && whole) {
                assertThat(usable)
                        .containsExactlyElementsOf(family.endpoints().stream()
                                .filter(inScope.and(EndpointPlan::ready))
                                .toList());
            }
        }
    }

    private static void reasonsAgreeWithSets(FamilyPlan family) {
        for (EndpointPlan endpoint : family.endpoints()) {
            for (EndpointSet set : EndpointSet.values()) {
                assertThat(family.unusable(set, endpoint) == null)
                        .as("%s in %s", endpoint, set)
                        .isEqualTo(family.usable(set).contains(endpoint));
            }
        }
    }

    /** 5.1 to 5.6. */
    private static void verdictsFollowFromSets(FamilyPlan family, Service service) {
        boolean any = family.endpoints().stream()
                .anyMatch(endpoint -> endpoint.ready() || endpoint.serving() && endpoint.terminating());
        for (FrontendPlan frontend : family.frontends()) {
            String policy = frontend.external()
                    ? service.getSpec().getExternalTrafficPolicy()
                    : service.getSpec().getInternalTrafficPolicy();
            assertThat(frontend.endpointSet())
                    .isEqualTo("Local".equals(policy) ? EndpointSet.LOCAL : EndpointSet.CLUSTER);
            assertThat(frontend.nodeLocalSet())
                    .isEqualTo(frontend.external() ? EndpointSet.CLUSTER : frontend.endpointSet());
            verdict(family, frontend.endpointSet(), frontend.verdict(), any);
            verdict(family, frontend.nodeLocalSet(), frontend.nodeLocalVerdict(), any);
        }
    }

    private static void verdict(FamilyPlan family, EndpointSet set, Verdict verdict, boolean any) {
        assertThat(verdict == Verdict.FORWARD).isEqualTo(!family.usable(set).isEmpty());
        assertThat(verdict == Verdict.REJECT).isEqualTo(!any);
        if (verdict == Verdict.DROP) {
            assertThat(set).isEqualTo(EndpointSet.LOCAL);
        }
    }

    private static ServicePlan plan(ClusterState state, Sourced<Service> service) {
        return new ServiceTranslator(NODE, Given.OPTIONS)
                .plan(service, ClusterIndex.of(state).endpointsOf(service));
    }

    private static List<FamilyPlan> families(ServicePlan plan) {
        return plan.ports().stream().flatMap(port -> port.families().stream()).toList();
    }

    private static int count(FamilyPlan family, Verdict verdict) {
        return (int) family.frontends().stream()
                .filter(frontend -> frontend.verdict() == verdict)
                .count();
    }

    private static ClusterState cluster(Random random) {
        List<Sourced<Pod>> pods = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            pods.add(Given.pod("web-" + i, 1 + random.nextInt(6), pod -> pod(pod, random)));
        }
        List<Sourced<EndpointSlice>> slices = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            slices.add(slice("slice-" + i, random));
        }
        List<Sourced<Node>> nodes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            nodes.add(Given.sourced(
                    Given.node("n" + i, Map.of("topology.kubernetes.io/zone", "zone-" + "aab".charAt(i)))));
        }
        return new ClusterState(List.of(service(random)), pods, slices, List.of(), nodes, List.of());
    }

    private static Sourced<Service> service(Random random) {
        return Given.service(spec(spec -> spec.withType("NodePort")
                .withSelector(random.nextInt(5) == 0 ? Map.of() : Map.of("app", "web"))
                .withInternalTrafficPolicy(one(random, "Local", "Cluster"))
                .withExternalTrafficPolicy(one(random, "Local", "Cluster"))
                .withTrafficDistribution(one(random, null, "PreferSameZone", "PreferSameNode"))
                .withPublishNotReadyAddresses(random.nextInt(8) == 0)
                .withIpFamilies("IPv4", "IPv6")
                .withClusterIPs("10.96.0.10", "fd00:96::a")
                .editFirstPort()
                .withNodePort(30080)
                .endPort()));
    }

    private static PodBuilder pod(PodBuilder pod, Random random) {
        if (random.nextInt(4) > 0) {
            pod.editSpec().withNodeName(one(random, "n0", "n1", "n2")).endSpec();
        }
        if (random.nextInt(3) == 0) {
            pod.editMetadata().withDeletionTimestamp("2026-01-01T00:00:00Z").endMetadata();
        }
        String ip = "10.244.0." + (1 + random.nextInt(6));
        pod.editStatus().addNewPodIP(ip).endStatus();
        if (random.nextBoolean()) {
            pod.editStatus().addNewPodIP("fd00::" + (1 + random.nextInt(6))).endStatus();
        }
        if (random.nextBoolean()) {
            pod.editStatus()
                    .addNewCondition()
                    .withType("Ready")
                    .withStatus(one(random, "True", "False"))
                    .endCondition()
                    .endStatus();
        }
        return pod;
    }

    private static Sourced<EndpointSlice> slice(String name, Random random) {
        List<String> endpoints = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            String condition = one(random, "ready", "unready", "terminating", "gone", "published", "serving");
            String node = one(random, "", " n0", " n1");
            String hints = one(random, "", " for:zone-a", " for:zone-b", " on:n0", " on:n1 for:zone-a");
            endpoints.add((1 + random.nextInt(6)) + " " + condition + node + hints);
        }
        int port = one(random, 80, 8080);
        String weight = one(random, "1", "2", "3");
        return Given.slice(
                name, slice -> slice.editFirstPort().withPort(port).endPort(), endpoints.toArray(String[]::new));
    }

    /** The same objects in another order, down to the endpoints of each slice. */
    private static ClusterState shuffled(ClusterState state, Random random) {
        List<Sourced<EndpointSlice>> slices = new ArrayList<>();
        for (Sourced<EndpointSlice> slice : shuffled(state.endpointSlices(), random)) {
            slices.add(Given.sourced(slice.object().toBuilder()
                    .withEndpoints(shuffled(slice.object().getEndpoints(), random))
                    .build()));
        }
        return new ClusterState(
                state.services(),
                shuffled(state.pods(), random),
                slices,
                List.of(),
                shuffled(state.nodes(), random),
                List.of());
    }

    private static <T> List<T> shuffled(List<T> list, Random random) {
        List<T> copy = new ArrayList<>(list);
        Collections.shuffle(copy, random);
        return copy;
    }

    @SafeVarargs
    private static <T> T one(Random random, T... values) {
        return values[random.nextInt(values.length)];
    }
}
