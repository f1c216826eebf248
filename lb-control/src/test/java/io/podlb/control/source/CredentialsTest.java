package io.podlb.control.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsExchange;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.podlb.control.cluster.Inventory;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.source.InformerSource.Selection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.function.Predicate;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How podlb proves to an API server over TLS who it is, and the API server to podlb. */
class CredentialsTest {

    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final Patience PATIENCE =
            new Patience(Duration.ofSeconds(10), Duration.ofMinutes(3), Duration.ofMillis(50));

    @TempDir
    private static Path folder;

    private static Certificates certificates;

    private final SteppedClock clock = new SteppedClock();
    private final Inventory inventory = new Inventory(() -> 0, Instant.EPOCH, "api");
    private final Map<String, @Nullable String> properties = new HashMap<>();
    private FakeApiServer fake;
    private @Nullable ApiServer server;
    private @Nullable InformerSource source;

    @BeforeAll
    static void makesCertificates() throws Exception {
        certificates = Certificates.in(folder);
    }

    @BeforeEach
    void listens() throws Exception {
        fake = FakeApiServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), certificates.server());
        fake.put(service("web"));
    }

    @AfterEach
    void ends() {
        if (source != null) {
            source.close();
        }
        if (server != null) {
            server.close();
        }
        fake.close();
        Properties system = System.getProperties();
        properties.forEach((name, value) -> {
            if (value == null) {
                system.remove(name);
            } else {
                system.setProperty(name, value);
            }
        });
    }

    @Test
    void aKubeconfigNamesTheAuthorityAndTheCertificateOfTheClient() throws Exception {
        fake.admit(exchange -> "CN=client".equals(subject(exchange)));
        begin(kubeconfig(
                certificates.certificate("authority"),
                "client-certificate: " + certificates.certificate("client") + ", client-key: "
                        + certificates.key("client")));
        eventually(() -> assertThat(inventory.keys()).containsExactly(WEB));
    }

    @Test
    void aServerOfAnotherAuthorityIsNotBelieved() throws Exception {
        begin(kubeconfig(certificates.certificate("client"), "token: one"));
        eventually(() -> assertThat(source.status().detail()).contains("services: ", "certification path"));
        assertThat(inventory.isComplete()).isFalse();
        assertThat(fake.lists()).isZero();
    }

    @Test
    void theAccountOfAPodIsFoundAndItsNextTokenIsReadWhenTheFirstExpires() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "one");
        set("KUBERNETES_SERVICE_HOST", URI.create(fake.url()).getHost());
        set("KUBERNETES_SERVICE_PORT", String.valueOf(URI.create(fake.url()).getPort()));
        set("kubernetes.auth.serviceAccount.token", token.toString());
        set("kubernetes.certs.ca.file", certificates.certificate("authority").toString());
        set("kubernetes.auth.tryKubeConfig", "false");
        fake.admit(bearer("one"));
        begin(null);
        eventually(() -> assertThat(inventory.keys()).containsExactly(WEB));
        theNextTokenIsRead(token, "two");
        theNextTokenIsRead(token, "three");
    }

    @Test
    void theTokenFileOfAKubeconfigIsReadAgainWhenItsTokenExpires() throws Exception {
        Path token = Files.writeString(folder.resolve("other-token"), "one");
        fake.admit(bearer("one"));
        begin(kubeconfig(certificates.certificate("authority"), "tokenFile: " + token));
        eventually(() -> assertThat(inventory.keys()).containsExactly(WEB));
        theNextTokenIsRead(token, "two");
    }

    /** Projected tokens live for an hour or so; the kubelet puts the next one into the same file. */
    private void theNextTokenIsRead(Path file, String next) throws Exception {
        eventually(() -> assertThat(source.status().stale()).isFalse());
        fake.admit(bearer(next));
        eventually(() -> {
            clock.advance(Duration.ofSeconds(11));
            assertThat(source.status().stale()).isTrue();
            assertThat(source.status().detail()).contains("HTTP status 401");
        });
        assertThat(inventory.keys()).as("what was known is served on").contains(WEB);
        fake.put(service(next));
        Files.writeString(file, next);
        eventually(() -> assertThat(inventory.keys()).contains(new ServiceKey("default", next)));
        eventually(() -> assertThat(source.status().stale()).isFalse());
        assertThat(source.status().detail()).isEmpty();
    }

    private void begin(@Nullable Path kubeconfig) {
        server = ApiServer.open(kubeconfig, null, Map.of(), () -> 0, clock);
        source = new InformerSource(server, new Selection("node-a", null), inventory, clock, PATIENCE);
        source.start();
    }

    private void set(String property, String value) {
        properties.put(property, System.setProperty(property, value));
    }

    private Path kubeconfig(Path authority, String user) throws Exception {
        return Files.writeString(folder.resolve("config"), """
                apiVersion: v1
                kind: Config
                current-context: here
                clusters: [{name: c, cluster: {server: "%s", certificate-authority: %s}}]
                users: [{name: u, user: {%s}}]
                contexts: [{name: here, context: {cluster: c, user: u}}]
                """.formatted(fake.url(), authority, user));
    }

    private static Predicate<HttpExchange> bearer(String token) {
        return exchange ->
                ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
    }

    private static @Nullable String subject(HttpExchange exchange) {
        try {
            return ((HttpsExchange) exchange).getSSLSession().getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException e) {
            return null; // it showed no certificate
        }
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(assertion);
    }

    private static Service service(String name) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withClusterIP("10.96.0.10")
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }
}
