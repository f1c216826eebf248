package io.podlb.server.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.Ticker;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which client is offered which endpoints, and who is let in at all (kube-semantics 5.6 to 5.8, 6.2). */
class AdmissionTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "5.6 the node itself                      |               | 127.0.0.1  | CLUSTER",
                "5.6 any address of its loopback          |               | 127.9.9.9  | CLUSTER",
                "5.6 the node itself, IPv6                |               | ::1        | CLUSTER",
                "5.6 a client elsewhere                   |               | 192.0.2.9  | LOCAL",
                "5.7, 5.8 a Pod of a configured block     | 10.244.0.0/16 | 10.244.1.7 | CLUSTER",
                "5.8 a Pod outside of the block           | 10.244.0.0/16 | 10.245.1.7 | LOCAL",
                "5.8 without a block nobody is a Pod here |               | 10.244.1.7 | LOCAL",
                "5.8 one block for each family            | 10.244.0.0/16 fd00:244::/64 | fd00:244::7 | CLUSTER",
                "5.8 the block of the other family        | 10.244.0.0/16 | fd00:244::7 | LOCAL",
            })
    void underExternalLocalClientsHereAreOfferedTheCluster(
            String row, String blocks, String client, EndpointSet expected) {
        Admission admission = new Admission(cidrs(blocks), List.of(), Ticker.systemTicker());
        assertThat(admission.set(frontend(EndpointSet.LOCAL, EndpointSet.CLUSTER), InetAddresses.parse(client)))
                .isEqualTo(expected);
        assertThat(admission.set(frontend(EndpointSet.LOCAL, EndpointSet.LOCAL), InetAddresses.parse(client)))
                .as("5.3 internal Local knows no exception")
                .isEqualTo(EndpointSet.LOCAL);
        assertThat(admission.set(frontend(EndpointSet.CLUSTER, EndpointSet.CLUSTER), InetAddresses.parse(client)))
                .isEqualTo(EndpointSet.CLUSTER);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "6.2 no ranges: everybody                   |                           | 192.0.2.9    | true",
                "6.2 inside of one of them                  | 10.0.0.0/8 192.0.2.0/24   | 192.0.2.9    | true",
                "6.2 outside of all                         | 10.0.0.0/8 198.51.100.0/24 | 192.0.2.9   | false",
                "6.2 clients of the node are filtered, too  | 10.0.0.0/8                | 127.0.0.1    | false",
            })
    void sourceRangesHoldForEverybody(String row, String ranges, String client, boolean admitted) {
        FrontendSpec frontend = new FrontendSpec(
                FrontendKind.LOAD_BALANCER,
                new SocketAddressSpec(InetAddresses.parse("203.0.113.9"), 80),
                EndpointSet.LOCAL,
                EndpointSet.CLUSTER,
                cidrs(ranges));
        assertThat(Admission.admits(frontend, InetAddresses.parse(client))).isEqualTo(admitted);
    }

    private static List<Cidr> cidrs(String blocks) {
        return blocks == null
                ? List.of()
                : Stream.of(blocks.split(" ")).map(Cidr::parse).toList();
    }

    private static FrontendSpec frontend(EndpointSet set, EndpointSet nodeLocal) {
        return new FrontendSpec(
                FrontendKind.NODE_PORT,
                new SocketAddressSpec(InetAddresses.parse("0.0.0.0"), 30080),
                set,
                nodeLocal,
                List.of());
    }
}
