package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.address.NodePortAddresses;
import io.podlb.control.allocate.AdmissionOptions;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.source.Loaded;
import io.podlb.control.source.ManifestReader;
import io.podlb.control.translate.ServicePlan;
import io.podlb.control.translate.TranslateOptions;
import io.podlb.server.balance.Policies;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.service.FlowMode;
import io.podlb.server.service.FlowSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.ServiceTable;
import io.podlb.server.service.SocketAddressSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** From manifests to the table of the data plane, pass by pass. */
class PlannerTest {

    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s, labels: {app: %s}}
            ---
            """;
    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: %s}
            spec:
              selector: {app: %s}
              ports: [{port: %d}]
            ---
            """;

    private final Planner planner = new Planner(settings(ClusterIpMode.PORT));

    static Settings settings(ClusterIpMode mode) {
        RandomSource random = RandomSource.seeded(1);
        Policies policies = Policies.standard(random);
        return new Settings(
                "n0",
                AdmissionOptions.DEFAULT,
                mode,
                NodePortAddresses.all(),
                policies,
                random,
                new TranslateOptions("random", policies.names(), true, null),
                true);
    }

    static String service(String name) {
        return SERVICE.formatted(name, name, 80);
    }

    static String pod(String name, String app) {
        return POD.formatted(name, app);
    }

    static Loaded read(String... manifests) {
        return ManifestReader.read("web.yaml", String.join("", manifests));
    }

    private ServiceTable next(ServiceTable before, Loaded loaded) {
        return Tables.next(before, planner.plan(loaded), Map.of());
    }

    @Test
    void aServiceThatMakesTheTranslatorThrowStopsNoOther() {
        Loaded loaded = read(service("odd"), service("web"), pod("web-1", "web"));
        Endpoint broken = new Endpoint() {
            @Override
            public EndpointHints getHints() {
                throw new IllegalStateException("broken");
            }
        };
        broken.setAddresses(List.of("10.244.0.1"));
        EndpointSlice slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("odd-1")
                .addToLabels("kubernetes.io/service-name", "odd")
                .endMetadata()
                .withAddressType("IPv4")
                .addNewPort()
                .withPort(8080)
                .endPort()
                .build();
        slice.setEndpoints(List.of(broken));
        ClusterState state = loaded.state();
        Planned planned = planner.plan(new Loaded(
                new ClusterState(
                        state.services(),
                        state.pods(),
                        List.of(new Sourced<>(slice, new Origin("odd.yaml", 3))),
                        state.endpoints(),
                        state.nodes(),
                        state.workloads()),
                List.of()));
        assertThat(planned.services()).extracting(ServicePlan::name).containsExactly("odd", "web");
        ServicePlan odd = planned.services().get(0);
        assertThat(odd.ports()).isEmpty();
        assertThat(odd.problems())
                .extracting(Problem::toString)
                .containsExactly("web.yaml, document 1: Service default/odd: podlb failed on it:"
                        + " java.lang.IllegalStateException: broken; report it; the log has the details");
        assertThat(Tables.next(ServiceTable.EMPTY, planned, Map.of()).ports())
                .hasSize(1)
                .allSatisfy((name, spec) -> assertThat(spec.cluster()).hasSize(1));
    }

    @Test
    void theVersionCountsUpOnAChangeAlone() {
        ServiceTable one = next(ServiceTable.EMPTY, read(service("web"), pod("web-1", "web")));
        assertThat(one.version()).isEqualTo(1);
        assertThat(next(one, read(pod("web-1", "web"), service("web")))).isSameAs(one);
        ServiceTable two = next(one, read(service("web"), pod("web-1", "web"), pod("web-2", "web")));
        assertThat(two.version()).isEqualTo(2);
        assertThat(next(two, read()).ports()).isEmpty();
    }

    @Test
    void whatIsEqualIsTheVerySpecOfTheTableBefore() {
        Loaded before = read(service("a"), service("b"), pod("a-1", "a"), pod("b-1", "b"));
        ServiceTable one = next(ServiceTable.EMPTY, before);
        ServiceTable two =
                next(one, read(service("a"), service("b"), pod("a-1", "a"), pod("b-1", "b"), pod("b-2", "b")));
        assertThat(named(two, "a")).isSameAs(named(one, "a"));
        assertThat(named(two, "b")).isNotEqualTo(named(one, "b"));
        assertThat(named(two, "b").cluster()).hasSize(2);
    }

    @Test
    void anEditOfOneServiceMovesNoOther() {
        ServiceTable one = next(ServiceTable.EMPTY, read(service("a"), service("c")));
        ServiceTable two = next(one, read(service("b"), service("c"), service("d")));
        assertThat(named(two, "c")).isSameAs(named(one, "c"));
    }

    @Test
    void endpointsAreDialledWhereTheyReallyListen() {
        String nodePort = service("web").replace("spec:", "spec:\n  type: NodePort\n  externalTrafficPolicy: Local");
        Planned planned = planner.plan(read(nodePort, pod("web-1", "web"), pod("web-2", "web")));
        SocketAddressSpec wanted = new SocketAddressSpec(planned.pods().get(0).address(), 80);
        SocketAddressSpec actual = new SocketAddressSpec(InetAddresses.parse("127.0.0.1"), 4711);
        ServicePortSpec spec = named(Tables.next(ServiceTable.EMPTY, planned, Map.of(wanted, actual)), "web");
        assertThat(spec.cluster())
                .extracting(backend -> backend.address())
                .hasSize(2)
                .contains(actual);
        assertThat(spec.local()).containsExactlyInAnyOrderElementsOf(spec.cluster());
    }

    /** Kube-semantics 9.4. */
    @Test
    void flowsOfEndpointsThatListenElsewhereAreKeptInTheSameWay() {
        String dns = service("dns")
                .replace("port: 80", "port: 80, protocol: UDP")
                .replace("name: dns", "name: dns, annotations: {podlb.io/udp-flows: per-datagram}");
        Planned planned = planner.plan(read(dns, pod("dns-1", "dns")));
        SocketAddressSpec wanted = new SocketAddressSpec(planned.pods().get(0).address(), 80);
        SocketAddressSpec actual = new SocketAddressSpec(InetAddresses.parse("127.0.0.1"), 4711);
        ServicePortSpec spec = named(Tables.next(ServiceTable.EMPTY, planned, Map.of(wanted, actual)), "dns");
        assertThat(spec.flows()).isEqualTo(new FlowSpec(null, Set.of(actual), FlowMode.PER_DATAGRAM));
    }

    @Test
    void aServiceThatIsNotAdmittedIsShownWithItsProblemAndTheOthersAreServed() {
        Planned planned = planner.plan(read(SERVICE.formatted("bad", "bad", 80_000), service("web")));
        assertThat(planned.services()).extracting(ServicePlan::name).containsExactly("bad", "web");
        assertThat(planned.services().get(0).problems()).isNotEmpty();
        assertThat(planned.services().get(0).ports()).isEmpty();
        assertThat(planned.services().get(1).ports()).hasSize(1);
        assertThat(planned.problems()).isEmpty();
    }

    @Test
    void aProblemThatNamesNoServiceStaysOutside() {
        Planned planned = planner.plan(read(service("web"), """
                apiVersion: v1
                kind: Node
                metadata: {name: n9}
                """));
        assertThat(planned.problems())
                .extracting(Problem::toString)
                .containsExactly("no Node is called \"n0\", as this node is, so it has no zone;"
                        + " start with --node-name n9, or add the Node");
    }

    private static ServicePortSpec named(ServiceTable table, String service) {
        List<ServicePortSpec> found = new ArrayList<>();
        table.ports().forEach((ServicePortName name, ServicePortSpec spec) -> {
            if (name.service().equals(service)) {
                found.add(spec);
            }
        });
        assertThat(found).hasSize(1);
        return found.get(0);
    }
}
