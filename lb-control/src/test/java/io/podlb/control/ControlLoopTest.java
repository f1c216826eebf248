package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.admin.ControlView.Stage;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.simulate.PodServers;
import io.podlb.control.source.Loaded;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.LoadBalancer;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.listener.ListenerView.State;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop with a real data plane and real simulated Pods. */
@Timeout(60)
class ControlLoopTest {

    private static final Loaded WEB = PlannerTest.read(PlannerTest.service("web"), PlannerTest.pod("web-1", "web"));

    private final Settings settings = PlannerTest.settings(ClusterIpMode.PORT);
    private final LoadBalancer server = LoadBalancer.start(LoadBalancerConfig.builder()
            .transport("nio")
            .eventLoops(1)
            .policies(settings.policies())
            .build());
    private final PodServers pods = new PodServers(settings.admission().nodePortRange());
    private final ControlLoop loop = new ControlLoop(new Planner(settings), server, pods, null);

    @AfterEach
    void close() {
        loop.close();
        pods.close();
        server.close();
    }

    @Test
    void whatWasSubmittedIsInForceWhenTheFutureCompletes() throws Exception {
        assertThat(loop.view().stage()).isEqualTo(Stage.STARTING);
        loop.submit(WEB).get();
        assertThat(loop.view().stage()).isEqualTo(Stage.READY);
        assertThat(loop.view().services()).extracting(ServicePlan::name).containsExactly("web");
        assertThat(server.listeners()).extracting(ListenerView::state).containsExactly(State.OPEN);
        assertThat(answer(server.listeners().get(0).bound())).isEqualTo("web-1\n");
        loop.submit(PlannerTest.read()).get();
        assertThat(server.listeners()).isEmpty();
        assertThat(loop.view().services()).isEmpty();
    }

    /** Kube-semantics 13.1. */
    @Test
    void theNewestOfSeveralChangesCounts() throws Exception {
        List<CompletableFuture<Void>> passes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            passes.add(loop.submit(PlannerTest.read(PlannerTest.service("web-" + i))));
        }
        for (CompletableFuture<Void> pass : passes) {
            pass.get();
        }
        assertThat(loop.view().services()).extracting(ServicePlan::name).containsExactly("web-19");
    }

    @Test
    void aChangeThatCannotBeAppliedFailsAndWhatWasServedGoesOn() throws Exception {
        loop.submit(WEB).get();
        ClusterState state = WEB.state();
        Loaded broken = new Loaded(
                new ClusterState(
                        state.services(),
                        List.of(new Sourced<>(new Pod(), new Origin("broken.yaml", 1))),
                        state.endpointSlices(),
                        state.endpoints(),
                        state.nodes(),
                        state.workloads()),
                List.of());
        assertThatThrownBy(() -> loop.submit(broken).get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(NullPointerException.class);
        assertThat(loop.view().stage()).isEqualTo(Stage.READY);
        assertThat(answer(server.listeners().get(0).bound())).isEqualTo("web-1\n");
        loop.submit(PlannerTest.read(PlannerTest.service("next"))).get();
        assertThat(loop.view().services()).extracting(ServicePlan::name).containsExactly("next");
    }

    @Test
    void afterTheDrainBeganItIsNeverReadyAgainAndTakesNoChange() throws Exception {
        CompletableFuture<Void> last = loop.submit(WEB);
        loop.drain();
        last.get();
        assertThat(loop.view().stage()).isEqualTo(Stage.DRAINING);
        loop.submit(PlannerTest.read()).get();
        assertThat(loop.view().services()).hasSize(1);
        assertThat(loop.view().stage()).isEqualTo(Stage.DRAINING);
    }

    @Test
    void itsThreadIsGoneOnceItIsClosed() throws Exception {
        loop.submit(WEB).get();
        loop.close();
        assertThat(loop.submit(PlannerTest.read())).isCompleted();
        assertThat(loop.view().services()).hasSize(1);
    }

    private static String answer(SocketAddressSpec address) throws IOException {
        try (Socket socket = new Socket(address.address(), address.port())) {
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
