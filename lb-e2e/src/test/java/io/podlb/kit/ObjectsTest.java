package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What objects a lab takes, and what it makes of them. */
class ObjectsTest {

    private static final String WEB = """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              selector: {app: web}
              trafficDistribution: PreferSameZone
              ports: [{port: 80, targetPort: 8080}]
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 3
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: web}]}
            """;

    private static Set<String> answers(ServiceHandle service) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 12; i++) {
            names.add(Clients.whoAnswers(service.address()));
        }
        return names;
    }

    /** Kube-semantics 15 and 4.6: hints keep traffic in the zone of the client's node while each endpoint has one. */
    @Test
    void podsOfOtherZonesAreLeftToThoseWhereTheServiceSaysSo() {
        try (Lab lab =
                Lab.builder().yaml(WEB).zone("a").defaultPolicy("round-robin").start()) {
            ServiceHandle web = lab.service("web");
            assertThat(web.pod(0).zone()).isEqualTo("a");
            assertThat(answers(web)).hasSize(3);
            List<PodHandle> pods = web.pods();
            pods.get(1).moveToZone("b");
            pods.get(2).moveToZone("b");
            assertThat(pods.get(1).zone()).isEqualTo("b");
            assertThat(answers(web)).containsExactly(pods.get(0).name());
            pods.get(0).moveToZone("b");
            assertThat(answers(web)).hasSize(3); // no endpoint is left in zone a
        }
    }

    @Test
    void externalIpsAndLoadBalancerAddressesAreServedInTheLabsOwnBlock() {
        String yaml = """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec:
                  type: LoadBalancer
                  externalIPs: [198.51.100.7]
                  selector: {app: web}
                  ports: [{port: 80, targetPort: 8080}]
                status:
                  loadBalancer: {ingress: [{ip: 203.0.113.9}]}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: web-a, labels: {app: web}}
                spec: {containers: [{name: web}]}
                """;
        try (Lab lab = Lab.builder().yaml(yaml).start();
                Lab twin = Lab.builder().yaml(yaml).start()) {
            for (ServiceHandle web : List.of(lab.service("web"), twin.service("web"))) {
                assertThat(Clients.whoAnswers(web.externalIp())).isEqualTo("web-a");
                assertThat(Clients.whoAnswers(web.loadBalancer())).isEqualTo("web-a");
                assertThat(Clients.whoAnswers(web.nodePort())).isEqualTo("web-a");
            }
            assertThat(lab.service("web").externalIp())
                    .isNotEqualTo(twin.service("web").externalIp());
        }
    }

    @Test
    void bothFamiliesOfAServiceAreServed() {
        String yaml = WEB.replace("  selector:", "  ipFamilyPolicy: PreferDualStack\n  selector:");
        try (Lab lab = Lab.builder().yaml(yaml).start()) {
            ServiceHandle web = lab.service("web");
            assertThat(web.ipv6Address().getAddress()).isInstanceOf(Inet6Address.class);
            assertThat(web.address().getAddress()).isInstanceOf(Inet4Address.class);
            assertThat(web.pods()).extracting(PodHandle::name).contains(Clients.whoAnswers(web.ipv6Address()));
            assertThat(web.pods()).extracting(PodHandle::name).contains(Clients.whoAnswers(web.address()));
        }
        String udp = yaml.replace("port: 80,", "port: 80, protocol: UDP,");
        try (Lab lab = Lab.builder().yaml(udp).start()) {
            ServiceHandle web = lab.service("web");
            assertThat(Clients.ask(web.ipv6Address(), "six")).endsWith("\nsix");
        }
    }

    @Test
    void aPodWithAnAddressOfItsOwnIsNotPlayed() {
        String yaml = WEB + """
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: outside, labels: {app: web}}
                spec: {nodeName: lab}
                status: {podIP: 10.244.0.2}
                """;
        try (Lab lab = Lab.builder().yaml(yaml).start()) {
            assertThat(lab.service("web").pods()).hasSize(4);
            assertThat(lab.explain()).contains("outside               10.244.0.2:8080   ");
            assertThatThrownBy(lab.pod("outside")::crash).hasMessageContaining("has an address in its manifest");
            lab.pod("outside").unready();
            assertThat(answers(lab.service("web"))).doesNotContain("outside");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            a port out of range        | port: 80, targetPort | port: 70000, targetPort | spec.ports[0].port
            no YAML                    | apiVersion: v1       | apiVersion: [v1         | yaml, document 1
            """)
    void whatCannotBeServedIsRefusedWithAllThatIsWrong(String what, String old, String broken, String message) {
        String yaml = WEB.replaceFirst(old.replace("[", "\\\\["), broken);
        assertThatThrownBy(() -> Lab.builder().yaml(yaml).start().close())
                .as(what)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void mistakesOfTheTestAreNamed() {
        assertThatThrownBy(() -> Lab.builder().manifests("classpath:kit/shp.yaml"))
                .hasMessageContaining("classpath:kit/shp.yaml is not on the class path");
        assertThatThrownBy(() -> Lab.builder().manifests("no/such/file.yaml"))
                .hasMessageContaining("no/such/file.yaml");
        assertThatThrownBy(() -> Lab.builder().yaml(WEB).yaml(WEB).start())
                .hasMessageContaining("Service default/web is in yaml");
        assertThatThrownBy(() -> Lab.builder().pods("=web", Pods.echo())).hasMessageContaining("expected: labels");
        assertThatThrownBy(
                        () -> Lab.builder().yaml(WEB).defaultPolicy("fairest").start())
                .hasMessageContaining("fairest");
        assertThatThrownBy(() -> KitService.named("web").targetPort(8080)).hasMessageContaining("port(..) first");
        try (Lab lab = Lab.builder().yaml(WEB).start()) {
            assertThatThrownBy(() -> lab.service("wab")).hasMessageContaining("default/web");
            assertThatThrownBy(() -> lab.pod("web")).hasMessageContaining("web-");
            assertThatThrownBy(() -> lab.service("web").address(81)).hasMessageContaining("port 81");
            assertThatThrownBy(() -> lab.service("web").nodePort()).hasMessageContaining("no NodePort");
            assertThatThrownBy(() -> lab.service("web").pod(3)).hasMessageContaining("3 Pods");
            assertThatThrownBy(() -> lab.service("web").scale(-1)).hasMessageContaining("0 or more");
        }
    }

    @Test
    void aLabThatIsClosedChangesNoMoreAndStillHasItsRecords() {
        Lab lab = Lab.builder().yaml(WEB).start();
        ServiceHandle web = lab.service("web");
        Clients.whoAnswers(web.address());
        lab.close();
        lab.close();
        assertThat(lab.connections()).hasSize(1);
        assertThatThrownBy(() -> web.scale(5)).hasMessageContaining("the lab is closed");
    }
}
