package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.backend.Backend;
import io.podlb.server.balance.Balancer;
import io.podlb.server.balance.Pick;
import io.podlb.server.balance.PickContext;
import io.podlb.server.balance.Policies;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each reason for which a connection ends, produced from outside and counted under its name. */
@Timeout(60)
class EndReasonTest {

    private static final List<Socket> fillers = new ArrayList<>();
    private static ServerSocket full;
    private static ServerSocket alsoFull;

    @BeforeAll
    static void fillTwoBlackholes() throws IOException {
        full = blackhole();
        alsoFull = blackhole();
    }

    /** A listener whose queue is full: the kernel drops what comes next, as it looks with a dead host. */
    private static ServerSocket blackhole() throws IOException {
        ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        boolean accepting = true;
        while (accepting) {
            Socket filler = new Socket();
            fillers.add(filler);
            try {
                filler.connect(listener.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException queueIsFull) {
                accepting = false;
            }
        }
        return listener;
    }

    private static BackendSpec backend(ServerSocket listener) {
        return BackendSpec.of(new SocketAddressSpec(listener.getInetAddress(), listener.getLocalPort()));
    }

    @AfterAll
    static void closeTheBlackholes() throws IOException {
        full.close();
        alsoFull.close();
        for (Socket filler : fillers) {
            filler.close();
        }
    }

    private static void counted(Rig rig, EndReason reason) {
        assertThat(rig.endReasons()).isEqualTo(Map.of(reason, 1L));
        String labels = "{namespace=default,service=web,port=,protocol=TCP,family=IPv4";
        assertThat(rig.counter("podlb_connections_ended_total" + labels + ",reason=" + reason.label() + "}"))
                .isEqualTo(1);
        assertThat(rig.counter("podlb_connections_failed_total" + labels + "}")).isEqualTo(reason.isFailure() ? 1 : 0);
        assertThat(rig.counter("podlb_connections_open" + labels + "}")).isZero();
        assertThat(rig.counter("podlb_connections_total" + labels + "}")).isEqualTo(1);
    }

    @Test
    void clientClosed() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start((String) null, echo)) {
            try (Socket client = rig.connect()) {
                client.shutdownOutput();
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
            counted(rig, EndReason.CLIENT_CLOSED);
        }
    }

    @Test
    void backendClosed() throws Exception {
        try (Backends backend = Backends.saying("x");
                Rig rig = Rig.start((String) null, backend)) {
            assertThat(rig.ask()).isEqualTo("x");
            counted(rig, EndReason.BACKEND_CLOSED);
        }
    }

    @Test
    void clientReset() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start((String) null, echo)) {
            Socket client = rig.connect();
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
            client.setSoLinger(true, 0);
            client.close();
            counted(rig, EndReason.CLIENT_RESET);
        }
    }

    @Test
    void backendReset() throws Exception {
        try (Backends backend = Backends.running(socket -> {
                    assertThat(socket.getInputStream().read()).isEqualTo('x');
                    socket.setSoLinger(true, 0);
                });
                Rig rig = Rig.start((String) null, backend);
                Socket client = rig.connect()) {
            client.getOutputStream().write('x');
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
            counted(rig, EndReason.BACKEND_RESET);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void connectFailedAfterEveryBackendRefused(String transport) throws Exception {
        try (Rig rig = Rig.start(transport)) {
            rig.offer(Backends.refusing(), Backends.refusing());
            assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            counted(rig, EndReason.CONNECT_FAILED);
            assertThat(rig.connections().get(0).attempts()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aClientThatGivesUpBetweenTwoTriesEndsTheDial(String transport) throws Exception {
        try (Rig rig = Rig.start(LoadBalancerConfig.builder()
                .transport(transport)
                .connectTimeout(Duration.ofSeconds(2))
                .connectBudget(Duration.ofSeconds(30)))) {
            rig.offer(backend(full), backend(alsoFull));
            Socket client = rig.connect();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> rig.connections().stream().anyMatch(view -> view.attempts() == 1));
            client.setSoLinger(true, 0);
            client.close();
            counted(rig, EndReason.CLIENT_RESET);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void connectTimeoutIfNobodyAnswers(String transport) throws Exception {
        try (Rig rig = Rig.start(LoadBalancerConfig.builder()
                .transport(transport)
                .connectTimeout(Duration.ofMillis(100))
                .connectBudget(Duration.ofMillis(300)))) {
            rig.offer(backend(full));
            assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            counted(rig, EndReason.CONNECT_TIMEOUT);
        }
    }

    @Test
    void noBackendIfThePolicyHasNone() throws Exception {
        Policies policies = Policies.standard(RandomSource.system()).plus("none", NoBackend::new);
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(LoadBalancerConfig.builder().policies(policies))) {
            rig.shaped(spec -> withPolicy(spec, "none")).offer(echo.spec());
            assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            counted(rig, EndReason.NO_BACKEND);
        }
    }

    /** Kube-semantics 9.10. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void idleTimeout(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder().transport(transport).idleTimeout(Duration.ofMillis(200)), echo);
                Socket client = rig.connect()) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
            counted(rig, EndReason.IDLE_TIMEOUT);
        }
    }

    @Test
    void aBusyConnectionIsNotIdle() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(LoadBalancerConfig.builder().idleTimeout(Duration.ofSeconds(1)), echo);
                Socket client = rig.connect()) {
            // Three times the timeout, by the age that the balancer itself sees.
            do {
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
            } while (rig.connections().get(0).millis() < 3_000);
            assertThat(rig.connections()).allMatch(view -> view.endReason() == null);
        }
    }

    /** Kube-semantics 9.10. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void halfClosedTimeout(String transport) throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        try (Backends mute = Backends.running(socket -> awaitUninterruptibly(done));
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder().transport(transport).halfClosedTimeout(Duration.ofMillis(200)),
                        mute);
                Socket client = rig.connect()) {
            client.shutdownOutput();
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
            counted(rig, EndReason.HALF_CLOSED_TIMEOUT);
            done.countDown();
        }
    }

    @Test
    void shutdownCutsWhatIsLeftAfterTheDrain() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start((String) null, echo);
                Socket client = rig.connect()) {
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
            int cut = rig.balancer()
                    .drain(Duration.ofMillis(100))
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
            assertThat(cut).isEqualTo(1);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.SHUTDOWN, 1L));
        }
    }

    @Test
    void aDrainLetsConnectionsFinishAndAcceptsNoNewOnes() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start((String) null, echo);
                Socket client = rig.connect()) {
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
            var drained = rig.balancer().drain(Duration.ofSeconds(30)).toCompletableFuture();
            await().until(() -> rig.balancer().listeners().isEmpty());
            assertThatThrownBy(rig::connect).isInstanceOf(IOException.class);
            client.getOutputStream().write('y');
            assertThat(client.getInputStream().read()).isEqualTo('y');
            client.close();
            assertThat(drained.get(10, TimeUnit.SECONDS)).isZero();
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.CLIENT_CLOSED, 1L));
        }
    }

    @Test
    void internalErrorIfABalancerThrows() throws Exception {
        Policies policies = Policies.standard(RandomSource.system()).plus("broken", Broken::new);
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(LoadBalancerConfig.builder().policies(policies))) {
            rig.shaped(spec -> withPolicy(spec, "broken")).offer(echo.spec());
            assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            counted(rig, EndReason.INTERNAL_ERROR);
        }
    }

    private static ServicePortSpec withPolicy(ServicePortSpec spec, String policy) {
        return new ServicePortSpec(spec.name(), spec.frontends(), policy, null, spec.cluster(), spec.local());
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record NoBackend(List<Backend> candidates) implements Balancer {
        @Override
        public Pick pick(PickContext context) {
            return null;
        }

        @Override
        public Balancer with(List<Backend> next) {
            return new NoBackend(next);
        }
    }

    private record Broken(List<Backend> candidates) implements Balancer {
        @Override
        public Pick pick(PickContext context) {
            throw new IllegalStateException("broken on purpose");
        }

        @Override
        public Balancer with(List<Backend> next) {
            return new Broken(next);
        }
    }
}
