package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.server.Backends;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Retries at the connect, seen by clients: a dead endpoint costs time, never a failure. */
@Timeout(60)
class DialTest {

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void clientsNeverNoticeABackendThatRefuses(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(transport)) {
            rig.offer(Backends.refusing(), one.spec(), Backends.refusing());
            for (int i = 0; i < 30; i++) {
                assertThat(rig.ask()).isEqualTo("one");
            }
            assertThat(
                            rig.counter(
                                    "podlb_connect_retries_total{namespace=default,service=web,port=,protocol=TCP,family=IPv4}"))
                    .isPositive();
            assertThat(rig.endReasons()).hasSize(1);
        }
    }

    /** An endpoint that is a front end of the same process would connect to itself until nothing is left. */
    @Test
    void anEndpointThatIsPodlbItselfIsNeverDialled() throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start((String) null)) {
            rig.offer(BackendSpec.of(rig.addressSpec()), one.spec());
            for (int i = 0; i < 10; i++) {
                assertThat(rig.ask()).isEqualTo("one");
            }
            assertThat(rig.connections()).hasSize(10);
        }
    }

    /** A front end may name the address of a backend by mistake; the backend holds it, and the others use it on. */
    @Test
    void aClaimOfABackendsAddressTakesTheBackendFromNobody() throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start((String) null, one)) {
            ServicePortSpec web = rig.spec(one.spec());
            rig.apply(
                    web,
                    new ServicePortSpec(
                            new ServicePortName("default", "thief", "", Protocol.TCP, IpFamily.IPV4),
                            List.of(FrontendSpec.of(
                                    FrontendKind.LOAD_BALANCER, one.spec().address())),
                            "random",
                            null,
                            List.of(one.spec()),
                            List.of()));
            assertThat(rig.balancer().listeners().get(0).state()).isEqualTo(ListenerView.State.FAILED);
            for (int i = 0; i < 10; i++) {
                assertThat(rig.ask()).isEqualTo("one");
            }
        }
    }

    @Test
    void noMoreBackendsAreTriedThanAllowed() throws Exception {
        BackendSpec[] dead = new BackendSpec[5];
        for (int i = 0; i < dead.length; i++) {
            dead[i] = Backends.refusing();
        }
        try (Rig rig = Rig.start(LoadBalancerConfig.builder().connectAttempts(2))) {
            rig.offer(dead);
            assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.CONNECT_FAILED, 1L));
            assertThat(rig.connections().get(0).attempts()).isEqualTo(2);
        }
    }

    /** The record is dropped when its endpoint cannot be reached, and the next choice is kept (kube-semantics 8.7). */
    @Test
    void aStickyClientLeavesADeadEndpointAndStaysWithTheNext() throws Exception {
        Backends first = Backends.saying("first");
        try (Backends second = Backends.saying("second");
                Rig rig = Rig.start(LoadBalancerConfig.builder())) {
            rig.shaped(spec -> new ServicePortSpec(
                            spec.name(), spec.frontends(), "random", Duration.ofHours(3), spec.cluster(), spec.local()))
                    .offer(first.spec());
            BackendSpec[] both = {first.spec(), second.spec()};
            assertThat(rig.ask()).isEqualTo("first");
            rig.offer(both);
            for (int i = 0; i < 20; i++) {
                assertThat(rig.ask()).as("other endpoints came").isEqualTo("first");
            }
            first.close();
            Set<String> answers = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                answers.add(rig.ask());
            }
            assertThat(answers).containsExactly("second");
            assertThat(rig.connections().get(rig.connections().size() - 1).pickReason())
                    .asString()
                    .contains("affinity");
        }
    }

    @Test
    void theViewOfAConnectionSaysWhoGotItAndWhy() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start((String) null, echo);
                Socket client = rig.connect()) {
            client.getOutputStream().write(new byte[100]);
            client.getInputStream().readNBytes(100);
            ConnectionView view = rig.connections().get(0);
            assertThat(view.backend()).isEqualTo(echo.spec().address());
            assertThat(view.client().port()).isEqualTo(client.getLocalPort());
            assertThat(view.pickReason()).hasToString("the only candidate left");
            assertThat(view.bytesToBackend()).isEqualTo(100);
            assertThat(view.bytesToClient()).isEqualTo(100);
            assertThat(view.attempts()).isEqualTo(1);
            assertThat(view.endReason()).isNull();
        }
    }
}
