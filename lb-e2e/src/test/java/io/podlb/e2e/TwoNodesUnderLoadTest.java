package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.e2e.LoadClient.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Two nodes whose clients never pause, while endpoints come and go and daemons end and return. */
@NeedsNamespaces
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoNodesUnderLoadTest {

    private static final int CHANGES = 600;
    private static final long MILLIS_BETWEEN_CHANGES = 10;
    private static final int CLIENTS = 8;

    private final List<Churn> services =
            IntStream.range(0, 4).mapToObj(i -> new Churn(i, i == 3)).toList();

    private TwoNodes lab;
    private ApiProcess api;

    @BeforeAll
    void buildTheLab(@TempDir Path folder) {
        lab = new TwoNodes("load", folder);
        lab.build(services.stream().flatMap(Churn::pods).toList());
        api = lab.api();
        services.forEach(service -> service.putAll(api));
        start(1);
        start(2);
        lab.awaitReady();
    }

    private LbProcess start(int node) {
        return lab.start(node, "--service-cidr", "10.96.0.0/16");
    }

    @AfterAll
    void removeTheLab() {
        lab.close();
    }

    /**
     * Every Pod lives, so no connection has a reason to fail; and none may reach a Pod of another Service, or one that
     * was never ready. The last Service has external policy Local: from outside each node leads to its own Pods
     * (kube-semantics 13.4).
     */
    @Test
    void endpointsThatChangeAHundredTimesASecondCostNoConnection() throws Exception {
        List<String> outside = services.stream()
                .flatMap(service -> Stream.of(service.nodePort(1), service.nodePort(2)))
                .toList();
        List<String> inside = services.stream().map(Churn::clusterIp).toList();
        List<Outcome> outcomes = new ArrayList<>();
        try (LoadClient clients = LoadClient.start(lab.namespaces().prefix("client"), CLIENTS, outside);
                LoadClient pod = LoadClient.start(lab.namespaces().prefix("s0a1"), CLIENTS, inside)) {
            clients.awaitMore(400); // all Pods are ready, and each gets some of these
            pod.awaitMore(400);
            churn();
            clients.awaitMore(100);
            pod.awaitMore(100);
            outcomes.addAll(clients.stop());
            outcomes.addAll(pod.stop());
        }
        assertThat(outcomes).filteredOn(Outcome::failed).isEmpty();
        for (int node = 1; node <= 2; node++) {
            assertThat(lab.daemon(node).get("/metrics").out().lines())
                    .filteredOn(line -> line.startsWith("podlb_connections_failed_total{"))
                    .as("as each node counts them")
                    .isNotEmpty()
                    .allMatch(line -> line.matches(".*} 0(\\.0)?"));
        }
        for (Churn service : services) {
            for (int node = 1; node <= 2; node++) {
                assertThat(LoadClient.answers(outcomes, service.nodePort(node)))
                        .isEqualTo(service.mayAnswerOutsiders(node));
            }
            assertThat(LoadClient.answers(outcomes, service.clusterIp())).isEqualTo(service.mayAnswer());
            lab.settles("s0b1", service.clusterIp(), service.usable());
            lab.settles("s0a1", service.clusterIp(), service.usable());
        }
    }

    private void churn() throws Exception {
        Random random = new Random(7);
        CompletableFuture<Void> done = new CompletableFuture<>();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        int[] left = {CHANGES};
        var unused = timer.scheduleAtFixedRate(
                () -> {
                    try {
                        services.get(random.nextInt(services.size())).change(random, api);
                        if (--left[0] == 0) {
                            done.complete(null);
                        }
                    } catch (RuntimeException | Error e) {
                        done.completeExceptionally(e);
                    }
                },
                0,
                MILLIS_BETWEEN_CHANGES,
                TimeUnit.MILLISECONDS);
        try {
            done.get(120, TimeUnit.SECONDS);
        } finally {
            timer.shutdownNow();
            timer.awaitTermination(10, TimeUnit.SECONDS);
        }
    }

    /** What it serves does not depend on what it served before, and the other node takes no notice. */
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "KILL"})
    void aRestartedDaemonServesTheSameAndTheOtherNodeIsNotDisturbed(String signal) {
        Churn service = services.get(0);
        try (LoadClient others = LoadClient.start(
                lab.namespaces().prefix("client"),
                CLIENTS,
                List.of(service.nodePort(2), services.get(3).nodePort(2)))) {
            lab.settles("client", service.nodePort(1), service.usable());
            others.awaitMore(100);
            JsonNode before = lab.daemon(1).getJson("/api/v1/services").get("services");
            Shell.must("kill", "-" + signal, Long.toString(lab.daemon(1).pid()));
            assertThat(lab.daemon(1).awaitExit()).isEqualTo(signal.equals("TERM") ? 0 : 128 + 9);
            lab.refused("client", service.nodePort(1));
            others.awaitMore(100);

            LbProcess again = start(1).awaitReady();
            assertThat(again.getJson("/api/v1/services").get("services")).isEqualTo(before);
            lab.settles("client", service.nodePort(1), service.usable());
            lab.settles("s0a1", service.clusterIp(), service.usable());
            others.awaitMore(100);
            assertThat(others.stop()).filteredOn(Outcome::failed).isEmpty();
        }
    }
}
