package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A backend that the machine cannot send to as fast as its client sends. On loopback the kernel never says that a send
 * buffer of UDP is full; here it is, since the address of the backend is on the link and nobody answers for it, so that
 * datagrams wait in the kernel until it gives up looking.
 */
@NeedsNamespaces
@Timeout(120)
class UdpBackpressureTest {

    private static final String CLUSTER_IP = "10.96.0.53";

    @TempDir
    Path folder;

    @Test
    void whatTheKernelDoesNotTakeIsDroppedAndCounted() throws Exception {
        try (Lab lab = new Lab(folder)) {
            lab.in("node", "sysctl", "-qw", "net.ipv4.neigh.pods.unres_qlen_bytes=100000000");
            Manifests manifests = new Manifests(Files.createDirectory(folder.resolve("manifests")))
                    .write("dns.yaml", """
                    apiVersion: v1
                    kind: Service
                    metadata: {name: dns}
                    spec: {clusterIP: %s, ports: [{port: 53, protocol: UDP}]}
                    ---
                    apiVersion: discovery.k8s.io/v1
                    kind: EndpointSlice
                    metadata: {name: dns-1, labels: {kubernetes.io/service-name: dns}}
                    addressType: IPv4
                    ports: [{port: 53, protocol: UDP}]
                    endpoints: [{addresses: [10.244.0.99]}]
                    """.formatted(CLUSTER_IP));
            try (LbProcess lb = LbProcess.start(
                            lab.prefix("node"),
                            LbProcess.java(),
                            "127.0.0.1:10249",
                            "run",
                            "-f",
                            manifests.path(),
                            "--node-name",
                            "n0",
                            "--cluster-ip-mode",
                            "bind")
                    .awaitReady()) {
                String send =
                        "exec 3>/dev/udp/" + CLUSTER_IP + "/53; for i in $(seq 3000); do printf %01400d $i >&3; done";
                await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                    lab.in("node", "bash", "-c", send);
                    assertThat(lb.get("/metrics").out())
                            .containsPattern(
                                    "podlb_udp_datagrams_dropped_total\\{[^}]*reason=\"send-buffer-full\"[^}]*} [1-9]");
                });
                assertThat(lb.get("/readyz").out()).contains("ready");
            }
        }
    }
}
