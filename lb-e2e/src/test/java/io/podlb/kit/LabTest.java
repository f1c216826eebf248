package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LabTest {

    private static final String SHOP = "classpath:kit/shop.yaml";

    private static KitService web(int pods) {
        return KitService.named("web").port(80).targetPort(8080).pods(pods).policy("round-robin");
    }

    private static Set<String> answers(ServiceHandle service, int connections) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < connections; i++) {
            names.add(Clients.whoAnswers(service.address()));
        }
        return names;
    }

    private static List<String> names(ServiceHandle service) {
        return service.pods().stream().map(PodHandle::name).toList();
    }

    @Test
    void aManifestIsServedAsItStandsByTheLabItself() {
        try (Lab lab = Lab.builder().manifests(SHOP).seed(1).start()) {
            ServiceHandle web = lab.service("web");
            assertThat(web.pods()).hasSize(3);
            assertThat(names(web)).contains(Clients.whoAnswers(web.address(80)), Clients.whoAnswers(web.nodePort()));
            assertThat(names(web)).contains(Clients.whoAnswers(web.address("metrics")));
            assertThat(Clients.ask(lab.service("shop/dns").address(), "who?")).matches("dns-[01]\nwho\\?");
        }
    }

    @Test
    void labsWithTheSameClusterIpAndNodePortRunSideBySide() {
        List<Lab> labs = new ArrayList<>();
        try {
            Set<InetSocketAddress> addresses = new HashSet<>();
            for (int i = 0; i < 5; i++) {
                Lab lab = (i % 2 == 0 ? Lab.builder() : Lab.builder().portsOnly())
                        .manifests(SHOP)
                        .start();
                labs.add(lab);
                addresses.add(lab.service("web").address());
                addresses.add(lab.service("web").nodePort());
            }
            assertThat(addresses).hasSize(10);
            for (Lab lab : labs) {
                assertThat(names(lab.service("web")))
                        .contains(Clients.whoAnswers(lab.service("web").address()));
            }
        } finally {
            labs.forEach(Lab::close);
        }
    }

    @Test
    void whereThereIsNoOtherLoopbackAddressPortsAreUsed() {
        try (Lab lab = Lab.builder().manifests(SHOP).portsOnly().start()) {
            ServiceHandle web = lab.service("web");
            assertThat(Stream.of(web.address(), web.nodePort(), web.pod(0).address())
                            .map(InetSocketAddress::getHostString))
                    .containsOnly("127.0.0.1");
            assertThat(names(web)).contains(Clients.whoAnswers(web.address()));
            assertThat(Clients.ask(lab.service("dns").address(), "x")).startsWith("dns-");
        }
    }

    @Test
    void aServiceWrittenInCodeHasItsPods() {
        try (Lab lab = Lab.builder().service(web(4)).start()) {
            ServiceHandle web = lab.service("web");
            assertThat(answers(web, 8)).containsExactlyInAnyOrderElementsOf(names(web));
        }
    }

    @Test
    void scalingIsInForceWhenItReturns() {
        try (Lab lab = Lab.builder().service(web(1)).start()) {
            ServiceHandle web = lab.service("web");
            String first = web.pod(0).name();
            web.scale(3);
            assertThat(names(web)).hasSize(3).contains(first);
            assertThat(answers(web, 6)).hasSize(3);
            web.pod(0).unready();
            web.scale(1);
            assertThat(names(web)).doesNotContain(first); // not ready goes first
            assertThat(answers(web, 4)).containsExactlyElementsOf(names(web));
            web.scale(0);
            assertThatThrownBy(() -> Clients.connect(web.address()).close()).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void aCrashResetsConnectionsAndEndpointsStillListThePod() throws IOException {
        try (Lab lab = Lab.builder().service(web(2)).pods("web", Pods.echo()).start()) {
            ServiceHandle web = lab.service("web");
            PodHandle pod = web.pod(0);
            web.pod(1).unready();
            try (Socket client = Clients.connect(web.address())) {
                client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                assertThat(client.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
                pod.crash();
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            }
            assertThat(names(web)).contains(pod.name());
            assertThat(lab.marks()).extracting(Timeline.Mark::text).contains(pod.name() + " crashes");
            assertThat(web.receipts().pods()).isEqualTo(names(web));
            assertThatThrownBy(() -> Clients.connect(pod.address()).close()).isInstanceOf(ConnectException.class);
            pod.restart();
            try (Socket client = Clients.connect(web.address())) {
                client.getOutputStream().write(1);
                assertThat(client.getInputStream().read()).isEqualTo(1);
            }
        }
    }

    @Test
    void afterACrashNoConnectMeetsTheOldListener() {
        try (Lab lab = Lab.builder().service(web(1)).start()) {
            PodHandle pod = lab.service("web").pod(0);
            for (int i = 0; i < 200; i++) {
                pod.crash();
                assertThatThrownBy(() -> Clients.connect(pod.address()).close()).isInstanceOf(ConnectException.class);
                pod.restart();
            }
        }
    }

    @Test
    void podsThatAreNotReadyTerminateOrAreGoneGetNoConnections() {
        try (Lab lab = Lab.builder().service(web(4)).start()) {
            ServiceHandle web = lab.service("web");
            List<PodHandle> pods = web.pods();
            pods.get(0).unready();
            pods.get(1).drain();
            pods.get(2).remove();
            assertThat(answers(web, 4)).containsExactly(pods.get(3).name());
            pods.get(0).ready();
            assertThat(answers(web, 4))
                    .containsExactlyInAnyOrder(pods.get(0).name(), pods.get(3).name());
            pods.get(0).remove();
            pods.get(3).remove();
            assertThat(answers(web, 2))
                    .containsExactly(pods.get(1).name()); // 4.4: terminating ones serve if no others do
            assertThatThrownBy(pods.get(0)::ready).hasMessageContaining("is gone");
        }
    }
}
