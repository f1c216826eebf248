package io.podlb.server.relay;

import static io.podlb.server.relay.Records.outcomes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.BlackHole;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.LogLines;
import io.podlb.server.Rig;
import io.podlb.server.UdpBackend;
import io.podlb.server.UdpClient;
import io.podlb.server.UdpRig;
import io.podlb.server.backend.Backend;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.FlowMode;
import io.podlb.server.service.FlowSpec;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortSpec;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every connection and every UDP flow leaves behind when it ends. */
@Timeout(60)
class ConnectionRecordTest {

    private final Records records = new Records();

    private LoadBalancerConfig.Builder config(String transport) {
        return LoadBalancerConfig.builder().transport(transport).observer(records);
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void eachConnectionSaysWhatItCouldGetAndWhatItTried(String transport) throws Exception {
        BackendSpec dead = Backends.refusing();
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(config(transport))) {
            rig.offer(dead, one.spec());
            for (int i = 0; i < 4; i++) {
                assertThat(rig.ask()).isEqualTo("one");
                records.connections(i + 1);
            }
            assertThat(records.connections())
                    .extracting(ConnectionView::ordinal)
                    .containsExactly(1L, 2L, 3L, 4L);
            for (ConnectionView view : records.connections()) {
                assertThat(view.policy()).isEqualTo("round-robin");
                assertThat(view.candidates()).extracting(Backend::spec).containsExactly(dead, one.spec());
                assertThat(view.endReason()).isEqualTo(EndReason.BACKEND_CLOSED);
                assertThat(view.attempts()).isEqualTo(view.tries().size());
                Attempt last = view.tries().get(view.tries().size() - 1);
                assertThat(last.backend()).isEqualTo(one.spec());
                assertThat(last.reason()).isEqualTo(view.pickReason());
                assertThat(last.backend().address()).isEqualTo(view.backend());
                assertThat(last.nanos()).isPositive();
            }
            assertThat(records.connections())
                    .extracting(view -> outcomes(view.tries()))
                    .as("in turn")
                    .containsExactlyInAnyOrder(
                            List.of("connected"),
                            List.of("connected"),
                            List.of("failed", "connected"),
                            List.of("failed", "connected"));
            assertThat(records.connections())
                    .extracting(ConnectionView::startNanos)
                    .isSorted();
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whoSeesAFailureFindsItsRecord(String transport) throws Exception {
        try (Rig rig = Rig.start(config(transport))) {
            rig.offer(Backends.refusing(), Backends.refusing());
            for (int i = 1; i <= 50; i++) {
                assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
                assertThat(records.connections()).as("without waiting").hasSize(i);
                ConnectionView view = records.connections().get(i - 1);
                assertThat(view.endReason()).isEqualTo(EndReason.CONNECT_FAILED);
                assertThat(outcomes(view.tries())).containsExactly("failed", "failed");
            }
        }
    }

    @Test
    void whoIsTurnedAwayLeavesARecordWithoutATry() throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(config(null))) {
            FrontendSpec narrow = new FrontendSpec(
                    FrontendKind.LOAD_BALANCER,
                    rig.addressSpec(),
                    EndpointSet.CLUSTER,
                    EndpointSet.CLUSTER,
                    List.of(Cidr.parse("192.0.2.0/24")));
            rig.apply(new ServicePortSpec(Rig.NAME, List.of(narrow), "maglev", null, List.of(one.spec()), List.of()));
            assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            assertThat(records.connections()).hasSize(1);
            ConnectionView view = records.connections().get(0);
            assertThat(view.endReason()).isEqualTo(EndReason.SOURCE_DENIED);
            assertThat(view.ordinal()).isEqualTo(1);
            assertThat(view.policy()).isEqualTo("maglev");
            assertThat(view.candidates()).isEmpty();
            assertThat(view.tries()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aTryThatIsNotAnsweredIsTimedOutOrCancelled(String transport) throws Exception {
        try (BlackHole hole = BlackHole.open();
                Backends one = Backends.saying("one")) {
            try (Rig rig = Rig.start(config(transport).connectTimeout(Duration.ofMillis(100)))) {
                rig.shaped(spec -> withPolicy(spec, "maglev")).offer(hole.spec());
                assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
                assertThat(records.connections().get(0).endReason()).isEqualTo(EndReason.CONNECT_TIMEOUT);
                assertThat(outcomes(records.connections().get(0).tries())).containsExactly("timed-out");
            }
            try (Rig rig = Rig.start(config(transport).connectTimeout(Duration.ofMinutes(1)))) {
                rig.offer(hole.spec());
                try (Socket client = rig.connect()) {
                    await().until(() -> rig.connections().size() == 1);
                    assertThat(rig.connections().get(0).attempts()).isEqualTo(1);
                    assertThat(rig.connections().get(0).tries())
                            .as("it is under way")
                            .isEmpty();
                    assertThat(rig.balancer()
                                    .drain(Duration.ofMillis(1))
                                    .toCompletableFuture()
                                    .get())
                            .isEqualTo(1);
                    assertThat(client.isConnected()).isTrue();
                }
            }
            assertThat(records.connections().get(1).endReason()).isEqualTo(EndReason.SHUTDOWN);
            assertThat(outcomes(records.connections().get(1).tries())).containsExactly("cancelled");
        }
    }

    private static ServicePortSpec withPolicy(ServicePortSpec spec, String policy) {
        return new ServicePortSpec(spec.name(), spec.frontends(), policy, null, spec.cluster(), spec.local());
    }

    /** The Pod at an address may be replaced while a connection is open that was made to the one before. */
    @Test
    void theRecordNamesThePodThatWasThereAtTheTry() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(config(null))) {
            rig.offer(named(echo, "web-1"));
            try (Socket client = rig.connect()) {
                client.getOutputStream().write(1);
                client.getInputStream().read();
                rig.offer(named(echo, "web-2"));
            }
            ConnectionView view = records.connections(1).get(0);
            assertThat(view.pod()).isEqualTo("web-1");
            assertThat(view.tries().get(0).backend().pod()).isEqualTo("web-1");
        }
    }

    private static BackendSpec named(Backends backend, String pod) {
        return new BackendSpec(backend.spec().address(), 1, pod, null, null);
    }

    @Test
    void theLastRecordIsThereWhenTheDrainIsOver() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(config(null), echo);
                Socket client = rig.connect()) {
            client.getOutputStream().write(1);
            client.getInputStream().read();
            rig.balancer().drain(Duration.ofMillis(1)).toCompletableFuture().get();
            assertThat(records.connections()).hasSize(1);
            assertThat(records.connections().get(0).endReason()).isEqualTo(EndReason.SHUTDOWN);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void anObserverThatThrowsDisturbsNobody(String transport) throws Exception {
        ConnectionObserver broken = view -> {
            throw new AssertionError("broken on purpose");
        };
        try (LogLines log = LogLines.of(Ended.class);
                Backends one = Backends.saying("one");
                Rig rig = Rig.start(config(transport).observer(broken), one)) {
            assertThat(rig.ask()).isEqualTo("one");
            assertThat(rig.ask()).isEqualTo("one");
            assertThat(rig.endReasons()).containsExactly(java.util.Map.entry(EndReason.BACKEND_CLOSED, 2L));
            assertThat(log.lines()).hasSize(2).allMatch(line -> line.startsWith("the observer of connections failed"));
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void eachFlowOfUdpLeavesOne(String transport) throws Exception {
        BackendSpec dead = UdpBackend.refusing();
        try (UdpBackend one = UdpBackend.saying("one")) {
            try (Rig rig = Rig.start(config(transport));
                    UdpClient client = UdpClient.of(rig.address())) {
                rig.apply(UdpRig.spec(UdpRig.frontend(rig), FlowSpec.NONE, List.of(dead), "random"));
                client.send("please");
                await().until(() -> records.flows().size() == 1);
                rig.apply(UdpRig.spec(UdpRig.frontend(rig), FlowSpec.NONE, List.of(one.spec()), "random"));
                assertThat(client.whoAnswers()).isEqualTo("one");
            }
        }
        FlowView failed = records.flows().get(0);
        assertThat(failed.end()).isEqualTo(FlowEnd.CONNECT_FAILED);
        assertThat(failed.candidates()).extracting(Backend::spec).containsExactly(dead);
        assertThat(outcomes(failed.tries())).containsExactly("failed");
        FlowView answered = records.flows().get(1);
        assertThat(answered.end()).isEqualTo(FlowEnd.FRONTEND_CLOSED);
        assertThat(answered.policy()).isEqualTo("random");
        assertThat(outcomes(answered.tries())).containsExactly("connected");
        assertThat(records.flows())
                .extracting(FlowView::ordinal)
                .isEqualTo(LongStream.of(1, 2).boxed().toList());
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whoHasTheAnswerToARequestFindsItsRecord(String transport) throws Exception {
        FlowSpec perDatagram = new FlowSpec(null, Set.of(), FlowMode.PER_DATAGRAM);
        try (UdpBackend resolver = UdpBackend.running((request, port) -> Dns.answer(request, "one"));
                Rig rig = UdpRig.offer(Rig.start(config(transport)), perDatagram, resolver);
                UdpClient client = UdpClient.of(rig.address())) {
            for (int i = 1; i <= 20; i++) {
                client.send(Dns.request(i, "www.example.org", "mine"));
                client.receive();
                assertThat(records.flows()).as("without waiting").hasSize(i);
                FlowView view = records.flows().get(i - 1);
                assertThat(view.end()).isEqualTo(FlowEnd.ANSWERED);
                assertThat(view.ordinal()).isEqualTo(i);
                assertThat(outcomes(view.tries())).containsExactly("connected");
            }
        }
    }

    @Test
    void aRequestThatIsNotAnsweredIsTimedOut() throws Exception {
        FlowSpec perDatagram = new FlowSpec(Duration.ofMillis(100), Set.of(), FlowMode.PER_DATAGRAM);
        try (UdpBackend silent = UdpBackend.running((request, port) -> null);
                Rig rig = UdpRig.offer(Rig.start(config(null)), perDatagram, silent);
                UdpClient client = UdpClient.of(rig.address())) {
            client.send(Dns.request(1, "www.example.org", "mine"));
            await().until(() -> records.flows().size() == 1);
            assertThat(records.flows().get(0).end()).isEqualTo(FlowEnd.IDLE_TIMEOUT);
            assertThat(outcomes(records.flows().get(0).tries())).containsExactly("timed-out");
        }
    }
}
