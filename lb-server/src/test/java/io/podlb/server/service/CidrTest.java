package io.podlb.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CidrTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0, true",
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.0.0.0/8, 9.255.255.255, false",
        "10.96.0.0/12, 10.111.255.255, true",
        "10.96.0.0/12, 10.112.0.0, false",
        "10.96.0.0/12, 10.95.255.255, false",
        "192.0.2.128/25, 192.0.2.128, true",
        "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.7/31, 192.0.2.6, true",
        "192.0.2.7/31, 192.0.2.8, false",
        "192.0.2.7/32, 192.0.2.7, true",
        "192.0.2.7/32, 192.0.2.6, false",
        "0.0.0.0/0, 255.1.2.3, true",
        "0.0.0.0/1, 127.255.255.255, true",
        "0.0.0.0/1, 128.0.0.0, false",
        "::/0, 2001:db8::1, true",
        "fd00::/8, fdff:ffff::1, true",
        "fd00::/8, fe00::, false",
        "2001:db8::/33, 2001:db8:7fff::, true",
        "2001:db8::/33, 2001:db8:8000::, false",
        "2001:db8::1/127, 2001:db8::, true",
        "2001:db8::1/128, 2001:db8::1, true",
        "2001:db8::1/128, 2001:db8::, false",
        // families never mix
        "::/0, 10.0.0.1, false",
        "0.0.0.0/0, ::1, false",
        "0.0.0.0/0, ::, false",
        // IPv4-mapped is IPv4
        "10.0.0.0/8, ::ffff:10.1.2.3, true",
        "::ffff:10.0.0.0/8, 10.1.2.3, true",
        "::/0, ::ffff:10.1.2.3, false",
    })
    void membership(String block, String address, boolean inside) {
        assertThat(Cidr.parse(block).contains(InetAddresses.parse(address))).isEqualTo(inside);
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3/8, 10.0.0.0/8",
        "10.255.255.255/9, 10.128.0.0/9",
        "192.0.2.7/32, 192.0.2.7/32",
        "1.2.3.4/0, 0.0.0.0/0",
        "fd12:3456::1/16, fd12:0:0:0:0:0:0:0/16",
        "' 10.0.0.0/8 ', 10.0.0.0/8",
    })
    void hostBitsAreCleared(String text, String canonical) {
        assertThat(Cidr.parse(text)).hasToString(canonical).isEqualTo(Cidr.parse(canonical));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0, '\"10.0.0.0\" has no prefix length (expected: like 10.0.0.0/8)'",
        "10.0.0.0/, '\"10.0.0.0/\" has no numeric prefix length'",
        "10.0.0.0/+8, '\"10.0.0.0/+8\" has no numeric prefix length'",
        "10.0.0.0/8/8, '\"10.0.0.0/8/8\" has no numeric prefix length'",
        "10.0.0.0/١, '\"10.0.0.0/١\" has no numeric prefix length'",
        "10.0.0.0/33, 'prefix length: 33 (expected: 0 to 32)'",
        "10.0.0.0/999, 'prefix length: 999 (expected: 0 to 32)'",
        "fd00::/129, 'prefix length: 129 (expected: 0 to 128)'",
        "::ffff:10.0.0.0/104, 'prefix length: 104 (expected: 0 to 32)'",
        "localhost/8, '\"localhost\" is no IP address'",
        "10.0.0/8, '\"10.0.0\" is no IP address'",
        "/8, '\"\" is no IP address'",
    })
    void whatIsNoBlockIsRefused(String text, String message) {
        assertThatThrownBy(() -> Cidr.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void theAddressHandedInIsNotChanged() {
        var address = InetAddresses.parse("10.1.2.3");
        assertThat(new Cidr(address, 8).family()).isEqualTo(IpFamily.IPV4);
        assertThat(address.getHostAddress()).isEqualTo("10.1.2.3");
        assertThatThrownBy(() -> new Cidr(address, -1)).hasMessage("prefix length: -1 (expected: 0 to 32)");
    }
}
