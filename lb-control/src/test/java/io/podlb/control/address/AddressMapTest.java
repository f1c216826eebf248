package io.podlb.control.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.control.allocate.PortRange;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.control.translate.Topology;
import io.podlb.control.translate.Verdict;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressMapTest {

    private static final List<Cidr> RANGES = List.of(Cidr.parse("10.96.0.0/12"), Cidr.parse("fd00:10:96::/112"));
    private static final PortRange HIGH = new PortRange(20000, 27999);

    @ParameterizedTest
    @CsvSource({
        "BIND, CLUSTER_IP, 10.96.41.7, 10.96.41.7:80",
        "BIND, CLUSTER_IP, fd00:10:96::7, [fd00:10:96:0:0:0:0:7]:80",
        "BIND, EXTERNAL_IP, 198.51.100.7, 198.51.100.7:80",
        "LOOPBACK, CLUSTER_IP, 10.96.41.7, 127.96.41.7:80",
        "LOOPBACK, EXTERNAL_IP, 198.51.100.7, 198.51.100.7:80",
        "LOOPBACK, LOAD_BALANCER, 127.0.0.1, 127.0.0.1:80",
        "PORT, LOAD_BALANCER, 127.0.0.1, 127.0.0.1:80",
        "PORT, NODE_PORT, , 0.0.0.0:80",
        "LOOPBACK, NODE_PORT, , 0.0.0.0:80",
    })
    void placesEachKindOfFrontEnd(ClusterIpMode mode, FrontendKind kind, @Nullable String address, String expected) {
        FrontendPlan frontend = frontend(kind, address);
        ServicePlan service = service("web", frontend);
        assertThat(map(mode, NodePortAddresses.all())
                        .place(List.of(service), List.of())
                        .of(name("web", frontend), frontend))
                .hasToString("[" + expected + "]");
    }

    @ParameterizedTest
    @CsvSource({
        "PORT, 10.96.41.7, 127.0.0.1",
        "PORT, fd00:10:96::7, 0:0:0:0:0:0:0:1",
        "LOOPBACK, fd00:10:96::7, 0:0:0:0:0:0:0:1",
        "LOOPBACK, 10.200.0.1, 127.0.0.1",
    })
    void givesAHighPortWhereTheAddressCannotBeHad(ClusterIpMode mode, String clusterIp, String expected) {
        FrontendPlan frontend = frontend(FrontendKind.CLUSTER_IP, clusterIp);
        AddressMap map = map(mode, NodePortAddresses.all());
        assertThat(map.place(List.of(service("web", frontend)), List.of()).of(name("web", frontend), frontend))
                .singleElement()
                .satisfies(bind -> {
                    assertThat(bind.address().getHostAddress()).isEqualTo(expected);
                    assertThat(bind.port()).isBetween(HIGH.first(), HIGH.last());
                });
    }

    @Test
    void holdsTheHighPortOfAServiceWhileOthersComeAndGo() {
        AddressMap map = map(ClusterIpMode.PORT, NodePortAddresses.all());
        FrontendPlan frontend = frontend(FrontendKind.CLUSTER_IP, "10.96.41.7");
        var before = map.place(List.of(service("web", frontend)), List.of()).of(name("web", frontend), frontend);
        var after = map.place(List.of(service("api", frontend), service("web", frontend)), List.of());
        assertThat(after.of(name("web", frontend), frontend)).isEqualTo(before);
        assertThat(after.of(name("api", frontend), frontend)).isNotEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "6.4 unset is all addresses|         | IPV4 | [/0.0.0.0]",
                "6.4 unset is all addresses|         | IPV6 | [/0:0:0:0:0:0:0:0]",
                "6.4 primary is the Node's first| primary | IPV4 | [/192.0.2.10]",
                "6.4 primary is the Node's first| primary | IPV6 | [/2001:db8:0:0:0:0:0:10]",
                "6.5 blocks match interfaces| 10.0.0.0/8 127.0.0.0/8 | IPV4 | [/127.0.0.1, /10.1.2.3]",
                "6.5 a family without block matches all| 10.0.0.0/8 | IPV6 | [/0:0:0:0:0:0:0:0]",
                "6.5 a zero block makes others moot| 10.0.0.0/8 0.0.0.0/0 | IPV4 | [/0.0.0.0]",
                "6.5 no match is no error| 172.16.0.0/12 | IPV4 | []",
            })
    void opensNodePortsOnTheChosenAddresses(String rule, @Nullable String words, IpFamily family, String expected) {
        List<InetAddress> interfaces = addresses("127.0.0.1 10.1.2.3 192.0.2.10 10.1.2.3 ::1 2001:db8::10");
        List<InetAddress> node = addresses("192.0.2.10 2001:db8::10 192.0.2.11");
        NodePortAddresses chosen = NodePortAddresses.parse(words == null ? List.of() : List.of(words.split(" ")));
        assertThat(chosen.of(family, interfaces, node)).as(rule).hasToString(expected);
    }

    @Test
    void primaryWithoutANodeObjectIsTheFirstAddressThatOthersCanReach() {
        assertThat(NodePortAddresses.parse(List.of("primary"))
                        .of(IpFamily.IPV4, addresses("127.0.0.1 192.0.2.10 192.0.2.11"), List.of()))
                .isEqualTo(addresses("192.0.2.10"));
    }

    @Test
    void primaryStandsAlone() {
        assertThatThrownBy(() -> NodePortAddresses.parse(List.of("primary", "10.0.0.0/8")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("alone");
    }

    @Test
    void readsTheAddressesOfThisMachine() {
        assertThat(NodePortAddresses.ofInterfaces()).contains(InetAddresses.parse("127.0.0.1"));
    }

    @ParameterizedTest
    @CsvSource({
        "30000-32767, 32768-60999, 20000-27999",
        "20000-22767, 32768-60999, 12000-19999",
        "30000-32767, 10000-60999, 2000-9999",
    })
    void highPortsKeepAwayFromNodePortsAndOutgoingConnections(String nodePorts, String ephemeral, String expected) {
        assertThat(HighPorts.choose(range(nodePorts), range(ephemeral))).isEqualTo(range(expected));
    }

    @Test
    void refusesToGiveOutHighPortsWhereNoneAreFree() {
        assertThatThrownBy(() -> HighPorts.choose(range("1024-20000"), range("20001-60999")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--node-port-range: 1024-20000");
    }

    private static PortRange range(String text) {
        return PortRange.parse(text);
    }

    private static List<InetAddress> addresses(String text) {
        return Arrays.stream(text.split(" ")).map(InetAddresses::parse).toList();
    }

    private static AddressMap map(ClusterIpMode mode, NodePortAddresses nodePorts) {
        return AddressMap.of(mode, RANGES, nodePorts, List::of, HIGH);
    }

    private static FrontendPlan frontend(FrontendKind kind, @Nullable String address) {
        return new FrontendPlan(
                kind,
                address == null ? null : InetAddresses.parse(address),
                80,
                EndpointSet.CLUSTER,
                Verdict.FORWARD,
                EndpointSet.CLUSTER,
                Verdict.FORWARD,
                List.of());
    }

    private static ServicePortName name(String service, FrontendPlan frontend) {
        InetAddress address = frontend.address();
        IpFamily family = address == null ? IpFamily.IPV4 : IpFamily.of(address);
        return new ServicePortName("default", service, "", Protocol.TCP, family);
    }

    private static ServicePlan service(String service, FrontendPlan frontend) {
        FamilyPlan family = new FamilyPlan(
                name(service, frontend),
                "random",
                null,
                null,
                Topology.NONE,
                List.of(),
                List.of(),
                List.of(),
                List.of(frontend));
        PortPlan port = new PortPlan("", Protocol.TCP, 80, "80", null, List.of(family));
        return new ServicePlan("default", service, "ClusterIP", List.of(), List.of(port), List.of());
    }
}
