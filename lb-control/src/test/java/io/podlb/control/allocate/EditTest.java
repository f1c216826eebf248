package io.podlb.control.allocate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What an edit of manifests does to what is in use (kube-semantics 17.6, 19.10, 20, 21). */
class EditTest {

    private static final String ONE = "{ports: [{port: 80}]}";
    private static final String NODE_PORT = "{type: NodePort, ports: [{port: 80}]}";
    private static final String IN_USE = "WARNING web the version before this edit stays in use; mend the Service";

    @Test
    void aBrokenEditKeepsWhatWasServedUntilItIsMended() {
        Cluster cluster = Cluster.withDefaults().put("web", NODE_PORT).admit();
        var before = cluster.spec("web");
        cluster.put("web", "{type: NodePort, ports: [{port: 0}]}").admit();
        assertThat(cluster.spec("web")).isEqualTo(before);
        assertThat(cluster.lines())
                .containsExactly("ERROR web spec.ports[0].port: 0 is out of range; use 1 to 65535", IN_USE);
        cluster.admit();
        assertThat(cluster.spec("web")).as("also at the next load").isEqualTo(before);
        cluster.put("web", "{type: NodePort, ports: [{port: 81}]}").admit();
        assertThat(cluster.problems()).isEmpty();
        assertThat(cluster.spec("web").getPorts().get(0).getPort()).isEqualTo(81);
        assertThat(cluster.nodePorts("web"))
                .isEqualTo(List.of(before.getPorts().get(0).getNodePort()));
        assertThat(cluster.ip("web")).isEqualTo(before.getClusterIP());
    }

    @Test
    void aRemovedServiceGivesEverythingBack() {
        Cluster cluster = Cluster.withDefaults()
                .put("web", "{type: NodePort, clusterIP: 10.96.0.7, ports: [{port: 80, nodePort: 30080}]}")
                .admit();
        cluster.remove("web")
                .put("shop", "{type: NodePort, clusterIP: 10.96.0.7, ports: [{port: 80, nodePort: 30080}]}")
                .admit();
        assertThat(cluster.problems()).isEmpty();
        cluster.put("web", NODE_PORT).admit();
        assertThat(cluster.served()).containsExactly("shop", "web");
    }

    @Test
    void anEditGetsNoPortThatAnotherHasUntilARestart() {
        Cluster cluster = Cluster.withDefaults().put("web", NODE_PORT).admit();
        int port = cluster.nodePorts("web").get(0);
        cluster.put("shop", "{type: NodePort, ports: [{port: 80, nodePort: " + port + "}]}")
                .admit();
        assertThat(cluster.served()).containsExactly("web");
        assertThat(cluster.lines())
                .containsExactly(
                        "ERROR shop spec.ports[0].nodePort: " + port
                                + " is taken by Service default/web (f.yaml, document 1); use another, or restart: then those that ask come before those that do not");
        cluster.restart();
        assertThat(cluster.nodePorts("shop")).containsExactly(port);
        assertThat(cluster.nodePorts("web")).doesNotContain(port);
    }

    @Test
    void twoServicesMayExchangeWhatTheyAskFor() {
        Cluster cluster = Cluster.withDefaults()
                .put("a", "{type: NodePort, ports: [{port: 80, nodePort: 30001}]}")
                .put("b", "{type: NodePort, ports: [{port: 80, nodePort: 30002}]}")
                .admit();
        cluster.put("a", "{type: NodePort, ports: [{port: 80, nodePort: 30002}]}")
                .put("b", "{type: NodePort, ports: [{port: 80, nodePort: 30001}]}")
                .admit();
        assertThat(cluster.problems()).isEmpty();
        assertThat(cluster.nodePorts("a")).containsExactly(30002);
        assertThat(cluster.nodePorts("b")).containsExactly(30001);
    }

    @Test
    void aPortGivenUpInARefusedEditIsNotGivenAway() {
        Cluster cluster = Cluster.withDefaults()
                .put("web", "{type: NodePort, ports: [{port: 80, nodePort: 30001}]}")
                .put("shop", ONE)
                .put("holder", "{type: NodePort, ports: [{port: 80, nodePort: 30009}]}")
                .admit();
        cluster.put("web", "{type: NodePort, ports: [{port: 80, nodePort: 30009}]}")
                .put("shop", "{type: NodePort, ports: [{port: 80, nodePort: 30001}]}")
                .admit();
        assertThat(cluster.nodePorts("web")).containsExactly(30001);
        assertThat(cluster.spec("shop").getType()).isEqualTo("ClusterIP");
        assertThat(cluster.lines())
                .containsExactly(
                        "ERROR web spec.ports[0].nodePort: 30009 is taken by Service default/holder (f.yaml, document 3); use another, or nothing for one that is free",
                        IN_USE,
                        "ERROR shop spec.ports[0].nodePort: 30001 is taken by Service default/web (f.yaml, document 1); use another, or restart: then those that ask come before those that do not",
                        IN_USE.replace("web", "shop"));
    }

    @Test
    void portsThatAreAddedOrRemovedDoNotMoveTheOthers() {
        Cluster cluster = Cluster.withDefaults()
                .put("web", "{type: NodePort, ports: [{port: 80, name: a, nodePort: 30001}, {port: 81, name: b}]}")
                .admit();
        int b = cluster.nodePorts("web").get(1);
        cluster.put("web", "{type: NodePort, ports: [{port: 90, name: c}, {port: 82, name: b}, {port: 80, name: a}]}")
                .admit();
        assertThat(cluster.nodePorts("web").subList(1, 3)).as("17.6, by name").containsExactly(b, 30001);
        cluster.put("web", "{type: NodePort, ports: [{port: 80, name: a, nodePort: " + b + "}]}")
                .admit();
        assertThat(cluster.nodePorts("web")).as("its own it may move").containsExactly(b);
    }

    @Test
    void aNodePortKeepsItsNumberUnderAnotherProtocol() {
        Cluster cluster = Cluster.withDefaults()
                .put("dns", "{type: NodePort, ports: [{port: 53, nodePort: 30053}]}")
                .admit();
        cluster.put("dns", "{type: NodePort, ports: [{port: 53, nodePort: 30053, protocol: UDP}]}")
                .admit();
        assertThat(cluster.nodePorts("dns")).as("17.6").containsExactly(30053);
        cluster.put(
                        "dns",
                        "{type: NodePort, ports: [{port: 53, name: u, nodePort: 30053, protocol: UDP}, {port: 53, name: t, nodePort: 30053}]}")
                .admit();
        assertThat(cluster.nodePorts("dns")).as("17.3").containsExactly(30053, 30053);
        assertThat(cluster.problems()).isEmpty();
    }

    @Test
    void typesComeAndGo() {
        Cluster cluster = Cluster.withDefaults().put("web", ONE).admit();
        String address = cluster.ip("web");
        cluster.put("web", NODE_PORT).admit();
        int port = cluster.nodePorts("web").get(0);
        assertThat(cluster.ip("web")).isEqualTo(address);
        cluster.put("web", "{type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 80}]}")
                .admit();
        int health = cluster.spec("web").getHealthCheckNodePort();
        assertThat(cluster.nodePorts("web")).as("20.2").containsExactly(port);
        cluster.put(
                        "web",
                        "{type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 80}], allocateLoadBalancerNodePorts: false}")
                .admit();
        assertThat(cluster.nodePorts("web")).as("17.8 they stay").containsExactly(port);
        assertThat(cluster.spec("web").getHealthCheckNodePort()).isEqualTo(health);
        cluster.put("web", "{type: LoadBalancer, ports: [{port: 80}]}").admit();
        assertThat(cluster.spec("web").getHealthCheckNodePort()).as("20.3").isNull();
        cluster.put("web", ONE).admit();
        assertThat(cluster.nodePorts("web")).as("20.2").containsExactly(0);
        assertThat(cluster.ip("web")).isEqualTo(address);
        cluster.put("web", "{type: ExternalName, externalName: a.b}").admit();
        assertThat(cluster.ips("web")).as("20.1").isEmpty();
        assertThat(cluster.spec("web").getIpFamilies()).isEmpty();
        cluster.put("web", "{clusterIP: 10.96.0.9, ports: [{port: 80}]}").admit();
        assertThat(cluster.ip("web")).as("20.1 anew").isEqualTo("10.96.0.9");
        assertThat(cluster.problems()).isEmpty();
    }

    @Test
    void valuesThatATypeMakesPointlessAreDroppedIfTheyWereNotChanged() {
        String ofBalancer =
                "clusterIP: 10.96.0.9, externalTrafficPolicy: Local, healthCheckNodePort: 30007, loadBalancerClass: x, "
                        + "allocateLoadBalancerNodePorts: true, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, ports: [{port: 80, nodePort: 30080}]}";
        Cluster cluster = Cluster.withDefaults()
                .put("web", "{type: LoadBalancer, " + ofBalancer)
                .admit();
        assertThat(cluster.problems()).isEmpty();
        cluster.put("web", "{type: ExternalName, externalName: a.b, " + ofBalancer)
                .admit();
        assertThat(cluster.spec("web").getType()).isEqualTo("ExternalName");
        assertThat(cluster.lines())
                .as("20.1 to 20.3")
                .allMatch(line -> line.startsWith("WARNING web spec.")
                        && line.endsWith(" with type ExternalName; remove it; a fresh start refuses it"))
                .hasSize(8);
        cluster.restart();
        assertThat(cluster.served()).isEmpty();
    }

    @Test
    void newValuesThatATypeMakesPointlessAreRefused() {
        Cluster cluster = Cluster.withDefaults()
                .put("web", "{type: NodePort, ports: [{port: 80, nodePort: 30080}]}")
                .admit();
        cluster.put("web", "{ports: [{port: 80, nodePort: 30081}]}").admit();
        assertThat(cluster.nodePorts("web")).as("20.2").containsExactly(30080);
        assertThat(cluster.lines())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("ERROR web spec.ports[0].nodePort: 30081 is not allowed");
    }

    @Test
    void theClusterIpCannotBeChanged() {
        Cluster cluster = Cluster.withDefaults()
                .put("web", "{clusterIP: 10.96.0.7, ports: [{port: 80}]}")
                .admit();
        for (String other : List.of("10.96.0.8", "None")) {
            cluster.put("web", "{clusterIP: " + other + ", ports: [{port: 80}]}")
                    .admit();
            assertThat(cluster.ip("web")).as("19.10").isEqualTo("10.96.0.7");
            assertThat(cluster.lines())
                    .containsExactly(
                            "ERROR web spec.clusterIP: \"" + other
                                    + "\" would replace 10.96.0.7, and the cluster IP of a Service cannot be changed; undo it, give the Service another name, or restart",
                            IN_USE);
        }
        cluster.put("web", ONE).admit();
        assertThat(cluster.problems()).as("what is not said is kept").isEmpty();
        assertThat(cluster.ip("web")).isEqualTo("10.96.0.7");
    }

    @Test
    void aHeadlessServiceStaysHeadlessAndSaysSo() {
        Cluster cluster = Cluster.withDefaults()
                .put("web", "{clusterIP: None, ports: [{port: 80}]}")
                .admit();
        cluster.put("web", ONE).admit();
        assertThat(cluster.ips("web")).as("19.10").containsExactly("None");
        assertThat(cluster.lines()).singleElement().asString().startsWith("WARNING web spec.clusterIP: stays None");
        cluster.restart();
        assertThat(cluster.ip("web")).startsWith("10.");
        assertThat(cluster.problems()).isEmpty();
    }

    @Test
    void aSelectorAddedToAHeadlessServiceDoesNotLeaveItDualStack() {
        Cluster cluster = Cluster.withDefaults().put("web", "{clusterIP: None}").admit();
        cluster.put("web", "{clusterIP: None, selector: {a: b}}").admit();
        assertThat(cluster.problems()).isEmpty();
        assertThat(cluster.spec("web").getIpFamilies()).containsExactly("IPv4");
    }

    @Test
    void theSecondFamilyComesAndGoes() {
        Cluster cluster =
                Cluster.ofRange("10.96.0.0/16", "fd00:96::/112").put("web", ONE).admit();
        String first = cluster.ip("web");
        cluster.put("web", "{ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}")
                .admit();
        List<String> both = cluster.ips("web");
        assertThat(both).as("19.10, 21.1").hasSize(2).startsWith(first);
        cluster.put(
                        "web",
                        "{ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv4], clusterIP: " + first
                                + ", ports: [{port: 80}]}")
                .admit();
        assertThat(cluster.ips("web")).isEqualTo(both);
        cluster.put("web", ONE).admit();
        assertThat(cluster.ips("web")).as("18.5 the old policy").isEqualTo(both);
        cluster.put("web", "{ipFamilyPolicy: SingleStack, ports: [{port: 80}]}").admit();
        assertThat(cluster.ips("web")).as("21.1").containsExactly(first);
        assertThat(cluster.problems()).isEmpty();
        cluster.put("web", "{ipFamilies: [IPv6], ports: [{port: 80}]}").admit();
        assertThat(cluster.lines())
                .as("19.10")
                .hasSize(2)
                .first()
                .asString()
                .startsWith("ERROR web spec.clusterIP: is IPv4 where");
        assertThat(cluster.ips("web")).containsExactly(first);
    }

    @Test
    void theFirstFamilyOfAHeadlessServiceCannotBeChanged() {
        Cluster cluster = Cluster.ofRange("10.96.0.0/16", "fd00:96::/112")
                .put("web", "{clusterIP: None, selector: {a: b}}")
                .admit();
        cluster.put("web", "{clusterIP: None, selector: {a: b}, ipFamilies: [IPv6]}")
                .admit();
        assertThat(cluster.lines())
                .as("19.10")
                .containsExactly(
                        "ERROR web spec.ipFamilies[0]: \"IPv6\" would replace IPv4, and the first family of a Service cannot be changed; undo it, give the Service another name, or restart",
                        IN_USE);
    }

    @Test
    void theClassOfABalancerCannotBeChanged() {
        Cluster cluster = Cluster.withDefaults()
                .put("web", "{type: LoadBalancer, loadBalancerClass: a, ports: [{port: 80}]}")
                .admit();
        cluster.put("web", "{type: LoadBalancer, loadBalancerClass: b, ports: [{port: 80}]}")
                .admit();
        assertThat(cluster.lines())
                .as("19.7")
                .containsExactly(
                        "ERROR web spec.loadBalancerClass: \"b\" would replace a, and the class of a load balancer cannot be changed; undo it, give the Service another name, or restart",
                        IN_USE);
    }
}
