package io.podlb.control.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import io.podlb.control.translate.Check;
import io.podlb.control.translate.CheckKey;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks over real sockets. */
@Timeout(60)
class ChecksTest {

    private static final CheckKey KEY = new CheckKey(
            new ServicePortName("default", "web", "", Protocol.TCP, IpFamily.IPV4),
            new SocketAddressSpec(InetAddresses.parse("10.244.0.1"), 80));

    private final MetricRegistry registry = new MetricRegistry();
    private final Checks checks = new Checks(RandomSource.seeded(3), registry);
    private final AtomicInteger changes = new AtomicInteger();

    ChecksTest() {
        checks.whenChanged(changes::incrementAndGet);
    }

    @AfterEach
    void close() {
        checks.close();
    }

    private static Check check(SocketAddressSpec target, @Nullable String path) {
        return new Check(target, path, Map.of(), Duration.ZERO, Duration.ofMillis(50), Duration.ofSeconds(1), 1, 3);
    }

    private void run(Check... all) {
        checks.update(Map.of(KEY, List.of(all)));
    }

    private void awaitUp(boolean up) {
        await().atMost(Duration.ofSeconds(20)).until(() -> checks.isUp(KEY) == up);
    }

    private long tries(String result) {
        return registry.counter("podlb_active_checks_total{result=" + result + "}")
                .getCount();
    }

    private void awaitFailures(int count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> tries("failure") >= count);
    }

    @Test
    void anEndpointThatTakesConnectionsIsUp() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            run(check(new SocketAddressSpec(server.getInetAddress(), server.getLocalPort()), null));
            awaitUp(true);
            assertThat(tries("failure")).isZero();
        }
        awaitUp(false);
        assertThat(changes).hasValue(2);
        assertThat(tries("failure")).isGreaterThanOrEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1 200 OK, true",
        "HTTP/1.1 204 No Content, true",
        "HTTP/1.1 302 Found, true",
        "HTTP/1.1 404 Not Found, false",
        "HTTP/1.1 503 Service Unavailable, false",
        "SSH-2.0-OpenSSH_9.2, false"
    })
    void theStatusOfAnAnswerDecides(String status, boolean up) throws Exception {
        try (Responder responder = Responder.of(status)) {
            run(check(responder.address(), "/healthz?full=1"));
            if (up) {
                awaitUp(true);
            } else {
                awaitFailures(3);
            }
            assertThat(checks.isUp(KEY)).isEqualTo(up);
            assertThat(responder.requests().get(0)).startsWith("GET /healthz?full=1 HTTP/1.1\r\n");
        }
    }

    @Test
    void anAnswerThatNeverComesIsAFailure() throws Exception {
        try (Responder responder = Responder.of(Responder.SILENCE)) {
            run(new Check(
                    responder.address(),
                    "/",
                    Map.of(),
                    Duration.ZERO,
                    Duration.ofMillis(50),
                    Duration.ofMillis(200),
                    1,
                    3));
            awaitFailures(3);
            assertThat(checks.isUp(KEY)).isFalse();
        }
    }

    @Test
    void allChecksOfAnEndpointMustSucceed() throws Exception {
        try (Responder one = Responder.of("HTTP/1.1 200 OK");
                Responder two = Responder.of("HTTP/1.1 500 no")) {
            run(check(one.address(), "/"), check(two.address(), "/"));
            awaitFailures(3);
            assertThat(checks.isUp(KEY)).isFalse();
            two.answer("HTTP/1.1 200 OK");
            awaitUp(true);
            one.answer("HTTP/1.1 500 no");
            awaitUp(false);
        }
    }

    @Test
    void withoutAnyCheckItIsUpAndAnUnknownOneIsNot() {
        assertThat(checks.isUp(KEY)).isFalse();
        run();
        awaitUp(true);
        checks.update(Map.of());
        awaitUp(false);
    }

    /** What is the same goes on: it need not prove itself again. */
    @Test
    void anUpdateThatChangesNothingLeavesEverythingAsItIs() throws Exception {
        try (Responder responder = Responder.of("HTTP/1.1 200 OK")) {
            run(check(responder.address(), "/"));
            awaitUp(true);
            for (int i = 0; i < 20; i++) {
                run(check(responder.address(), "/"));
                assertThat(checks.isUp(KEY)).isTrue();
            }
            long before = tries("success");
            await().until(() -> tries("success") > before);
            assertThat(changes).hasValue(1);
        }
    }

    @Test
    void aHeaderOfAManifestCannotBreakTheRequest() throws Exception {
        try (Responder responder = Responder.of("HTTP/1.1 200 OK")) {
            run(new Check(
                    responder.address(),
                    "/",
                    Map.of("X-Evil", "a\r\nX-Injected: b"),
                    Duration.ZERO,
                    Duration.ofMillis(50),
                    Duration.ofSeconds(1),
                    1,
                    3));
            awaitFailures(3);
            assertThat(checks.isUp(KEY)).isFalse();
            assertThat(responder.requests()).isEmpty();
        }
    }

    @Test
    void theFirstTriesCanBeWaitedFor() throws Exception {
        assertThat(checks.awaitFirstTries(Duration.ofSeconds(20)))
                .as("nothing is checked")
                .isFalse();
        try (Responder responder = Responder.of("HTTP/1.1 200 OK")) {
            run(check(responder.address(), "/"));
            assertThat(checks.awaitFirstTries(Duration.ofSeconds(20))).isTrue();
            assertThat(checks.isUp(KEY)).isTrue();
            run(delayed(responder.address()));
            assertThat(checks.awaitFirstTries(Duration.ofMillis(100)))
                    .as("those that are made much later")
                    .isTrue();
            assertThat(checks.isUp(KEY)).isFalse();
        }
    }

    @Test
    void theFirstTryWaitsForTheDelay() throws IOException {
        try (Responder responder = Responder.of("HTTP/1.1 200 OK")) {
            // Nothing can be waited for: another check is made meanwhile, again and again.
            CheckKey other = new CheckKey(KEY.port(), responder.address());
            checks.update(Map.of(
                    other, List.of(check(responder.address(), "/other")), KEY, List.of(delayed(responder.address()))));
            await().until(() -> responder.requests().size() > 5);
            assertThat(responder.requests()).allMatch(request -> request.startsWith("GET /other "));
        }
    }

    private static Check delayed(SocketAddressSpec target) {
        return new Check(
                target, "/delayed", Map.of(), Duration.ofHours(1), Duration.ofMillis(50), Duration.ofSeconds(1), 1, 3);
    }
}
