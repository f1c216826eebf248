package io.podlb.control.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.service.InetAddresses;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllowedHostsTest {

    private final AllowedHosts hosts = new AllowedHosts(List.of("Lab.example"));

    @ParameterizedTest
    @CsvSource({
        "localhost, true",
        "LOCALHOST:10249, true",
        "127.0.0.1:10249, true",
        "127.8.9.10, true",
        "[::1]:10249, true",
        "lab.example, true",
        "LAB.EXAMPLE:80, true",
        "192.0.2.7:10249, true",
        "192.0.2.8:10249, false",
        "evil.example, false",
        "localhost.evil.example, false",
        "127.0.0.1.evil.example, false",
        "[::1, false",
        "[evil], false",
        "'', false",
        ", false",
    })
    void answersLoopbackConfiguredAndOwnNamesAlone(@Nullable String header, boolean allowed) {
        assertThat(hosts.allows(header, InetAddresses.parse("192.0.2.7"))).isEqualTo(allowed);
    }
}
