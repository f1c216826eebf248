package io.podlb.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet4Address;
import java.net.Inet6Address;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InetAddressesTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1",
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
        "::, 0:0:0:0:0:0:0:0",
        "::1, 0:0:0:0:0:0:0:1",
        "FD00::A, fd00:0:0:0:0:0:0:a",
        "2001:db8:0:0:1:0:0:1, 2001:db8:0:0:1:0:0:1",
        "64:ff9b::10.0.0.1, 64:ff9b:0:0:0:0:a00:1",
        // IPv4-mapped: one host, one form
        "::ffff:10.0.0.1, 10.0.0.1",
        "::FFFF:a00:1, 10.0.0.1",
        "0:0:0:0:0:ffff:10.0.0.1, 10.0.0.1",
    })
    void addressesAreRead(String text, String canonical) {
        assertThat(InetAddresses.parse(text).getHostAddress()).isEqualTo(canonical);
        assertThat(InetAddresses.parse(text))
                .isInstanceOf(canonical.contains(":") ? Inet6Address.class : Inet4Address.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "localhost",
                "web.default.svc",
                "10",
                "10.1",
                "10.0.1",
                "10.0.0.1.2",
                "10.0.0.256",
                "10.0.0.999",
                "1000.0.0.1",
                "010.0.0.1",
                "10.0.0.01",
                "10.0.0.-1",
                "+10.0.0.1",
                "0x0a.0.0.1",
                "10.0.0.1 ",
                " 10.0.0.1",
                "10.0.0.1:80",
                "10.0.0.1/8",
                "١٠.0.0.1",
                "abc",
                "abcd.ef",
                ":",
                ":::",
                "::1::",
                ".:1",
                "1:2:3",
                "1:2:3:4:5:6:7:8:9",
                "12345::",
                "fe80::1%lo",
                "fe80::1%1",
                "[::1]",
                "::ffff:10.0.0.256",
                "::ffff:010.0.0.1",
                "::ffff:10.0.1",
                "::10.0.0.1:1",
                "::g",
                "：：1"
            })
    void anythingElseIsRefusedAndNoNameIsResolved(String text) {
        // A look-up that fails would be the cause.
        assertThatThrownBy(() -> InetAddresses.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"" + text + "\" is no IP address")
                .satisfies(refusal -> assertThat(refusal.getCause() == null
                                || refusal.getCause().getMessage().contains("invalid IPv6 address"))
                        .isTrue());
    }
}
