package io.podlb.control.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.server.service.Cidr;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiServerTest {

    private static final String KUBECONFIG = """
            apiVersion: v1
            kind: Config
            current-context: here
            clusters: [{name: c, cluster: {server: "http://192.0.2.7:8080"}}]
            users: [{name: u, user: {token: secret}}]
            contexts: [{name: here, context: {cluster: c, user: u}}]
            """;

    @TempDir
    Path folder;

    @Test
    void theServerIsTheOneOfTheKubeconfig() throws Exception {
        Path file = Files.writeString(folder.resolve("config"), KUBECONFIG);
        try (ApiServer server = open(file, null)) {
            assertThat(server.url()).hasHost("192.0.2.7").hasPort(8080);
            assertThat(server.client().getConfiguration().isOnlyHttpWatches()).isTrue();
        }
    }

    @Test
    void masterTakesThePlaceOfItsAddressAndKeepsItsCredentials() throws Exception {
        Path file = Files.writeString(folder.resolve("config"), KUBECONFIG);
        try (ApiServer server = open(file, "https://192.0.2.9:6443")) {
            assertThat(server.url()).hasHost("192.0.2.9").hasPort(6443);
            assertThat(server.client().getConfiguration().getAutoOAuthToken()).isEqualTo("secret");
        }
    }

    @Test
    void theFirstReconnectComesAfterHalfASecondToOneAndAHalf() {
        try (ApiServer early = open(null, "http://192.0.2.9", 0);
                ApiServer late = open(null, "http://192.0.2.9", 1)) {
            assertThat(early.client().getConfiguration().getWatchReconnectInterval())
                    .isEqualTo(500);
            assertThat(late.client().getConfiguration().getWatchReconnectInterval())
                    .isEqualTo(1500);
        }
    }

    @Test
    void aMissingKubeconfigIsOneLine() {
        Path missing = folder.resolve("none");
        assertThatThrownBy(() -> open(missing, null))
                .hasMessage("kubeconfig " + missing + ": there is no such file; name another one with --kubeconfig");
        assertThatThrownBy(() -> open(folder, null)).hasMessageContaining("is no readable file");
        assertThatThrownBy(() -> ApiServer.open(
                        null, null, Map.of("KUBECONFIG", missing.toString()), () -> 0, Clock.systemUTC()))
                .hasMessage("KUBECONFIG=" + missing + ": there is no such readable file; unset it or use --kubeconfig");
    }

    @Test
    void aBrokenKubeconfigIsOneLine() throws Exception {
        Path file = Files.writeString(folder.resolve("config"), "clusters: [\n  {name: ]\n");
        assertThatThrownBy(() -> open(file, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("kubeconfig " + file + " cannot be used: ")
                .message()
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({"ftp://192.0.2.1", "http://", "'http://a b'"})
    void aMasterThatIsNoUrlIsRefused(String master) {
        assertThatThrownBy(() -> open(null, master))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--master " + master)
                .hasMessageEndingWith("use https://HOST:6443");
    }

    @ParameterizedTest
    @CsvSource({
        "https://10.96.0.1:443, true",
        "https://10.112.0.1:443, false",
        "https://[fd00:96::1]:443, true",
        "https://[fd00:97::1]:443, false",
        "https://172.20.0.1, true", // KUBERNETES_SERVICE_HOST
        "https://kubernetes.example:6443, false",
    })
    void aServerBehindAServiceOfOursIsToldOf(URI server, boolean told) {
        String warning = ApiServer.loopWarning(
                server,
                List.of(Cidr.parse("10.96.0.0/12"), Cidr.parse("fd00:96::/108")),
                Map.of("KUBERNETES_SERVICE_HOST", "172.20.0.1"));
        if (told) {
            assertThat(warning)
                    .contains(server.toString(), "--master https://NODE:6443")
                    .hasLineCount(1);
        } else {
            assertThat(warning).isNull();
        }
    }

    private static ApiServer open(@Nullable Path kubeconfig, @Nullable String master) {
        return ApiServer.open(kubeconfig, master, Map.of(), () -> 0, Clock.systemUTC());
    }

    private static ApiServer open(@Nullable Path kubeconfig, @Nullable String master, double random) {
        return ApiServer.open(kubeconfig, master, Map.of(), () -> random, Clock.systemUTC());
    }
}
