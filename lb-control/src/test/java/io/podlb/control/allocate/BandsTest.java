package io.podlb.control.allocate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.podlb.server.service.Cidr;
import io.podlb.server.service.InetAddresses;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BandsTest {

    @Test
    void bandsOfAddressesAreAsInTheApiServer() {
        Map<Long, Long> offsets = Map.of(
                8L, 0L, 16L, 0L, 32L, 16L, 64L, 16L, 256L, 16L, 1024L, 64L, 4096L, 256L, 65536L, 256L, 1L << 20, 256L);
        offsets.forEach((block, offset) -> assertThat(
                        Bands.ofAddresses(block - 2, block).offset())
                .as("16.2, 16.3: block of %s", block)
                .isEqualTo(offset));
    }

    @Test
    void bandsOfPortsAreAsInTheApiServer() {
        Map<Integer, Long> offsets = Map.of(1, 0L, 16, 0L, 17, 16L, 512, 16L, 1024, 32L, 2768, 86L, 10_000, 128L);
        offsets.forEach((size, offset) -> assertThat(Bands.ofPorts(size).offset())
                .as("17.7: %s ports", size)
                .isEqualTo(offset));
    }

    @Test
    void theUpperBandIsUsedUpBeforeTheLower() {
        Bands bands = new Bands(40, 16);
        Set<Long> taken = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            long position = bands.firstFree("default/s" + i, candidate -> !taken.contains(candidate));
            assertThat(taken.add(position)).isTrue();
            assertThat(position).isBetween(i < 24 ? 16L : 0L, i < 24 ? 39L : 15L);
        }
        assertThat(bands.firstFree("default/late", candidate -> !taken.contains(candidate)))
                .isEqualTo(-1);
    }

    /** Written down so that nobody moves the addresses of a running lab by changing the hash. */
    @Test
    void positionsNeverChangeBetweenReleases() {
        Cluster cluster = Cluster.withDefaults()
                .put("my-webapp-clusterip", "{ports: [{port: 80}]}")
                .put("my-webapp-nodeport", "{type: NodePort, ports: [{port: 80}]}")
                .admit();
        assertThat(cluster.ip("my-webapp-clusterip")).isEqualTo("10.104.230.136");
        assertThat(cluster.ip("my-webapp-nodeport")).isEqualTo("10.102.152.118");
        assertThat(cluster.nodePorts("my-webapp-nodeport")).containsExactly(30420);
    }

    @Test
    void addressesAreSpelledCanonically() {
        Map<String, String> spellings = Map.of(
                "10.0.0.1", "10.0.0.1",
                "fd00:0:0:0:0:0:0:1", "fd00::1",
                "0:0:0:0:0:0:0:0", "::",
                "0:0:0:0:0:0:0:1", "::1",
                "FD00:1:0:0:2:0:0:0", "fd00:1:0:0:2::",
                "1:0:0:2:0:0:3:4", "1::2:0:0:3:4",
                "1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7",
                "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::");
        spellings.forEach((text, canonical) ->
                assertThat(Ip.text(InetAddresses.parse(text))).as(text).isEqualTo(canonical));
    }

    @Test
    void rangesThatCannotBeAreRefused() {
        assertThat(PortRange.parse("30000-32767")).isEqualTo(new PortRange(30000, 32767));
        for (String text : List.of("", "30000", "a-b", "2-1", "0-1", "1-65536", "1-2-3", "-1-2")) {
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> PortRange.parse(text));
        }
        for (List<String> ranges : List.of(
                List.<String>of(),
                List.of("10.0.0.0/8", "10.96.0.0/12"),
                List.of("10.0.0.0/8", "fd00::/64", "fd01::/64"),
                List.of("fd00::/63"))) {
            assertThatIllegalArgumentException()
                    .as("16.1: %s", ranges)
                    .isThrownBy(() -> new AdmissionOptions(
                            ranges.stream().map(Cidr::parse).toList(), new PortRange(30000, 32767)));
        }
    }
}
