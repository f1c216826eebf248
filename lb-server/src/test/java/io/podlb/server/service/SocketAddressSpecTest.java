package io.podlb.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocketAddressSpecTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 80, 10.0.0.1:80, IPV4",
        "::1, 8080, [0:0:0:0:0:0:0:1]:8080, IPV6",
        "::ffff:10.0.0.1, 80, 10.0.0.1:80, IPV4",
        "0.0.0.0, 0, 0.0.0.0:0, IPV4",
        "10.0.0.1, 65535, 10.0.0.1:65535, IPV4",
    })
    void textAndFamily(String address, int port, String text, IpFamily family) {
        SocketAddressSpec spec = new SocketAddressSpec(InetAddresses.parse(address), port);
        assertThat(spec).hasToString(text);
        assertThat(spec.family()).isEqualTo(family);
        assertThat(spec.toSocketAddress().getAddress()).isEqualTo(InetAddresses.parse(address));
        assertThat(spec.toSocketAddress().getPort()).isEqualTo(port);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 65536, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void portsOutOfRangeAreRefused(int port) {
        assertThatThrownBy(() -> new SocketAddressSpec(InetAddresses.parse("10.0.0.1"), port))
                .hasMessage("port: " + port + " (expected: 0 to 65535)");
    }

    @Test
    void aNameThatCameWithTheAddressDoesNotCount() throws Exception {
        byte[] bytes = {10, 0, 0, 1};
        SocketAddressSpec named = new SocketAddressSpec(InetAddress.getByAddress("web.example", bytes), 80);
        SocketAddressSpec plain = new SocketAddressSpec(InetAddress.getByAddress(bytes), 80);
        assertThat(named).isEqualTo(plain).hasSameHashCodeAs(plain).hasToString("10.0.0.1:80");
        assertThat(named.compareTo(plain)).isZero();
    }

    @Test
    void orderIsByFamilyThenUnsignedAddressThenPort() {
        List<SocketAddressSpec> ordered = new ArrayList<>();
        for (String text :
                List.of("1.2.3.4", "10.0.0.2", "10.0.0.10", "127.0.0.1", "128.0.0.1", "255.0.0.1", "::1", "fd00::1")) {
            for (int port : new int[] {80, 443, 30_080}) {
                ordered.add(new SocketAddressSpec(InetAddresses.parse(text), port));
            }
        }
        List<SocketAddressSpec> shuffled = new ArrayList<>(ordered);
        Collections.shuffle(shuffled, new Random(1));
        Collections.sort(shuffled);
        assertThat(shuffled).isEqualTo(ordered);
    }
}
