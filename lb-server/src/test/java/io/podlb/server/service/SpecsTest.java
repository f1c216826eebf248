package io.podlb.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the records of the vocabulary refuse and keep. */
class SpecsTest {

    private static final ServicePortName NAME =
            new ServicePortName("default", "web", "http", Protocol.TCP, IpFamily.IPV4);

    private static BackendSpec backend(String address) {
        return BackendSpec.of(new SocketAddressSpec(InetAddresses.parse(address), 80));
    }

    private static ServicePortSpec port(ServicePortName name, List<BackendSpec> cluster, List<BackendSpec> local) {
        return new ServicePortSpec(name, List.of(), "random", null, cluster, local);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1001, Integer.MAX_VALUE})
    void weightsOutOfRangeAreRefused(int weight) {
        SocketAddressSpec address = backend("10.0.0.1").address();
        assertThatThrownBy(() -> new BackendSpec(address, weight, null, null, null))
                .hasMessage("weight: " + weight + " (expected: 1 to 1000)");
    }

    @Test
    void weightsAtTheEdgesAreTaken() {
        assertThat(backend("10.0.0.1").weight()).isEqualTo(1);
        assertThat(new BackendSpec(backend("10.0.0.1").address(), 1000, null, null, null).weight())
                .isEqualTo(1000);
    }

    @Test
    void anAddressMayBeInBothSetsButOnlyOnceInEach() {
        BackendSpec one = backend("10.0.0.1");
        BackendSpec mapped = backend("::ffff:10.0.0.1");
        ServicePortSpec both = port(NAME, List.of(one), List.of(one));
        assertThat(both.backends(EndpointSet.CLUSTER)).isEqualTo(both.backends(EndpointSet.LOCAL));
        assertThatThrownBy(() -> port(NAME, List.of(one, mapped), List.of()))
                .hasMessage("cluster: 10.0.0.1:80 twice (expected: once)");
        assertThatThrownBy(() -> port(NAME, List.of(), List.of(one, one)))
                .hasMessage("local: 10.0.0.1:80 twice (expected: once)");
    }

    @Test
    void listsAreCopies() {
        List<BackendSpec> given = new ArrayList<>(List.of(backend("10.0.0.1")));
        ServicePortSpec spec = port(NAME, given, given);
        given.clear();
        assertThat(spec.cluster()).hasSize(1);
        assertThat(spec.local()).hasSize(1);
    }

    @Test
    void affinityTimeoutsMustBePositive() {
        for (Duration timeout : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
            assertThatThrownBy(() -> new ServicePortSpec(NAME, List.of(), "random", timeout, List.of(), List.of()))
                    .hasMessage("affinityTimeout: " + timeout + " (expected: positive)");
        }
    }

    @Test
    void namesOrderByEachOfTheirPartsAndShowWhatIsUnusual() {
        List<ServicePortName> ordered = List.of(
                new ServicePortName("a", "z", "z", Protocol.SCTP, IpFamily.IPV6),
                new ServicePortName("b", "a", "z", Protocol.SCTP, IpFamily.IPV6),
                new ServicePortName("b", "b", "", Protocol.TCP, IpFamily.IPV4),
                new ServicePortName("b", "b", "http", Protocol.TCP, IpFamily.IPV4),
                new ServicePortName("b", "b", "http", Protocol.TCP, IpFamily.IPV6),
                new ServicePortName("b", "b", "http", Protocol.UDP, IpFamily.IPV4));
        for (int i = 0; i < ordered.size(); i++) {
            for (int j = 0; j < ordered.size(); j++) {
                assertThat(Integer.signum(ordered.get(i).compareTo(ordered.get(j))))
                        .isEqualTo(Integer.compare(i, j));
            }
        }
        assertThat(ordered)
                .extracting(ServicePortName::toString)
                .containsExactly(
                        "a/z:z/SCTP/IPv6", "b/a:z/SCTP/IPv6", "b/b", "b/b:http", "b/b:http/IPv6", "b/b:http/UDP");
    }

    @Test
    void aTableHoldsEachServicePortOnce() {
        ServicePortSpec spec = port(NAME, List.of(), List.of());
        assertThat(ServiceTable.of(3, List.of(spec)).ports()).containsOnlyKeys(NAME);
        assertThatThrownBy(() -> ServiceTable.of(3, List.of(spec, spec)))
                .hasMessage("specs: default/web:http twice (expected: once)");
    }

    @Test
    void everyEndReasonHasAWordOfItsOwn() {
        assertThat(Arrays.stream(EndReason.values()).map(EndReason::label))
                .doesNotHaveDuplicates()
                .allMatch(label -> label.matches("[a-z]+(-[a-z]+)*"))
                .contains("client-closed", "half-closed-timeout");
        assertThat(Arrays.stream(EndReason.values()).filter(reason -> !reason.isFailure()))
                .containsExactly(
                        EndReason.CLIENT_CLOSED,
                        EndReason.BACKEND_CLOSED,
                        EndReason.DRAINED,
                        EndReason.AGED,
                        EndReason.REBALANCED);
    }
}
