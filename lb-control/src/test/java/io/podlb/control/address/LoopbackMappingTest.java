package io.podlb.control.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.server.service.Cidr;
import io.podlb.server.service.InetAddresses;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoopbackMappingTest {

    @ParameterizedTest
    @CsvSource({
        "10.96.0.0/12, 10.96.41.7, 127.96.41.7",
        "10.96.0.0/12, 10.111.255.254, 127.111.255.254",
        "10.0.0.0/16, 10.0.0.1, 127.1.0.1",
        "10.0.0.0/15, 10.0.9.9, 127.2.9.9",
        "10.0.0.0/15, 10.1.9.9, 127.1.9.9",
        "10.0.0.0/9, 10.0.3.4, 127.128.3.4",
        "10.128.0.0/9, 10.255.3.4, 127.255.3.4",
        "172.20.0.0/16 192.168.7.0/24, 192.168.7.3, 127.168.7.3",
    })
    void keepsTheLow24Bits(String ranges, String clusterIp, String expected) {
        assertThat(of(ranges).map(address(clusterIp))).isEqualTo(address(expected));
    }

    @ParameterizedTest
    @CsvSource({"10.96.0.0/12, 10.95.0.1", "10.96.0.0/12, fd00::1", "fd00::/108, fd00::1"})
    void mapsNothingElse(String ranges, String clusterIp) {
        assertThat(of(ranges).map(address(clusterIp))).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, does not fit",
        "10.0.0.0/16 192.0.0.0/16, same low 24 bits",
        "10.96.0.0/12 172.96.3.0/24, same low 24 bits",
        "10.0.0.0/9 11.128.0.0/9, leave nothing free",
    })
    void refusesWhatCannotBeMapped(String ranges, String why) {
        assertThatThrownBy(() -> of(ranges))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--service-cidr: ")
                .hasMessageContaining(why)
                .hasMessageContaining("--cluster-ip-mode")
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @CsvSource({
        "10.96.0.0/12, 127.244.0.0/16",
        "10.240.0.0/12, 127.239.0.0/16",
        "10.0.0.0/16, 127.244.0.0/16",
        "fd00::/108, 127.244.0.0/16",
    })
    void leavesABlockToPods(String ranges, String block) {
        assertThat(of(ranges).podBlock()).isEqualTo(Cidr.parse(block));
    }

    @Test
    void neverGivesTwoClusterIpsOneAddressNorOneOf127Dot0() {
        Random random = new Random(20261124);
        for (int round = 0; round < 200; round++) {
            Cidr range = new Cidr(randomAddress(random), 9 + random.nextInt(16));
            LoopbackMapping mapping = LoopbackMapping.of(List.of(range));
            Map<InetAddress, InetAddress> owners = new HashMap<>();
            for (int i = 0; i < 300; i++) {
                InetAddress clusterIp = randomAddressOf(range, random);
                InetAddress mapped = mapping.map(clusterIp);
                assertThat(mapped).isNotNull();
                assertThat(mapped.getAddress()[0]).isEqualTo((byte) 127);
                assertThat(mapped.getAddress()[1]).isNotZero();
                assertThat(mapping.podBlock().contains(mapped)).isFalse();
                assertThat(owners.getOrDefault(mapped, clusterIp)).isEqualTo(clusterIp);
                owners.put(mapped, clusterIp);
            }
        }
    }

    private static InetAddress randomAddress(Random random) {
        return address("10." + random.nextInt(256) + "." + random.nextInt(256) + "." + random.nextInt(256));
    }

    private static InetAddress randomAddressOf(Cidr range, Random random) {
        byte[] octets = range.address().getAddress();
        for (int bit = range.prefixLength(); bit < 32; bit++) {
            octets[bit / 8] |= (byte) (random.nextBoolean() ? 0x80 >>> bit % 8 : 0);
        }
        return address(
                (octets[0] & 0xff) + "." + (octets[1] & 0xff) + "." + (octets[2] & 0xff) + "." + (octets[3] & 0xff));
    }

    private static LoopbackMapping of(String ranges) {
        return LoopbackMapping.of(
                Arrays.stream(ranges.split(" ")).map(Cidr::parse).toList());
    }

    private static InetAddress address(String text) {
        return InetAddresses.parse(text);
    }
}
