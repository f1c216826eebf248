package io.podlb.kit;

import static io.podlb.kit.PodlbAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each fault of TCP as clients see it. Time passes only where a test says so. */
class KitFaultTest {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private final Lab lab = Lab.builder()
            .service(KitService.named("web")
                    .port("http", 80)
                    .targetPort(8080)
                    .pods(2)
                    .policy("round-robin")
                    .behaviour(Pods.echo()))
            .service(KitService.named("one").port("http", 80).behaviour(Pods.echo()))
            .virtualClock()
            .start();
    private final ServiceHandle web = lab.service("web");
    private final ServiceHandle one = lab.service("one");

    @AfterEach
    void close() {
        lab.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** All that comes back for these bytes and the end of them. */
    private static String call(ServiceHandle service, String text) throws IOException {
        try (Socket client = Clients.connect(service.address())) {
            client.getOutputStream().write(bytes(text));
            client.shutdownOutput();
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static ConnectionRecord last(ServiceHandle service) {
        List<ConnectionRecord> records = service.connections();
        return records.get(records.size() - 1);
    }

    /** Waits until the Pod behind a Service has sent that much back, and podlb has done with it what it does at once. */
    private void awaitFromPod(ServiceHandle service, int bytes) {
        await().atMost(TEN_SECONDS)
                .until(() -> !service.connections().isEmpty() && last(service).bytesToClient() >= bytes);
        lab.clock().settle();
    }

    /** Waits until a fault was done to a connection, and podlb has done what it does at once. */
    private void awaitFirst(Injection injection) {
        await().atMost(TEN_SECONDS).until(() -> injection.hits() > 0);
        lab.clock().settle();
    }

    @Test
    void aPodThatRefusesIsPassedOver() throws IOException {
        try (Injection refusing = web.pod(0).inject(KitFault.refuse())) {
            call(web, "a");
            call(web, "b");
            assertThat(refusing.hits()).isEqualTo(1);
            assertThat(web).areAllOnOnePod().neverConnectedTo(web.pod(0).name());
            Assertions.assertThat(web.connections())
                    .filteredOn(record -> record.attempts().size() == 2)
                    .singleElement()
                    .satisfies(retried -> assertThat(retried.faults())
                            .singleElement()
                            .asString()
                            .startsWith("refuse; pod=web-"));
        }
        call(web, "c");
        call(web, "d");
        Assertions.assertThat(web.connections())
                .filteredOn(record -> web.pod(0).name().equals(record.pod()))
                .hasSize(1);
    }

    @Test
    void aBlackHoleHoldsAConnectionUpUntilItsTryIsOver() throws IOException {
        web.pod(0).inject(KitFault.blackhole());
        try (Socket first = Clients.connect(web.address());
                Socket second = Clients.connect(web.address())) {
            first.getOutputStream().write('a');
            second.getOutputStream().write('a');
            await().atMost(TEN_SECONDS).until(() -> web.connections().size() == 2);
            lab.clock().advance(Duration.ofSeconds(3));
            assertThat(first.getInputStream().read()).isEqualTo('a');
            assertThat(second.getInputStream().read()).isEqualTo('a');
        }
        Assertions.assertThat(web.connections())
                .flatExtracting(ConnectionRecord::attempts)
                .extracting(Attempt::outcome)
                .containsExactlyInAnyOrder(
                        Attempt.Outcome.CONNECTED, Attempt.Outcome.CONNECTED, Attempt.Outcome.TIMED_OUT);
        assertThat(web).areAllOnOnePod();
    }

    @Test
    void aResetTakesThePlaceOfThePod() {
        one.inject(KitFault.reset());
        assertThatThrownBy(() -> call(one, "hello")).isInstanceOf(SocketException.class);
        assertThat(last(one).faults()).containsExactly("reset; service=default/one");
    }

    @Test
    void aSilentPodTakesEverythingAndSaysNothing() throws IOException {
        one.inject(KitFault.silent());
        try (Socket client = Clients.connect(one.address())) {
            client.getOutputStream().write(bytes("hello"));
            client.shutdownOutput();
            await().atMost(TEN_SECONDS)
                    .until(() -> !one.connections().isEmpty() && last(one).bytesToBackend() == 5);
            lab.clock().advance(Duration.ofHours(2));
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(last(one).bytesToClient()).isZero();
    }

    @Test
    void tenSecondsOfLatencyPassWhenTheClockIsMoved() throws IOException {
        Injection slow = one.inject(
                KitFault.latency(TEN_SECONDS).jitter(Duration.ofSeconds(1)).toClient());
        try (Socket client = Clients.connect(one.address())) {
            client.getOutputStream().write(bytes("hello"));
            awaitFirst(slow);
            lab.clock().advance(Duration.ofMillis(8_900));
            assertThat(client.getInputStream().available()).isZero();
            lab.clock().advance(Duration.ofMillis(2_200));
            assertThat(client.getInputStream().readNBytes(5)).isEqualTo(bytes("hello"));
        }
        assertThat(one.connections()).hasSize(1);
    }

    @Test
    void aNarrowWayTakesItsTime() throws IOException {
        Injection narrow = one.inject(KitFault.bandwidth(1000).toClient());
        try (Socket client = Clients.connect(one.address())) {
            client.getOutputStream().write(new byte[3000]);
            awaitFirst(narrow);
            lab.clock().advance(Duration.ofSeconds(1));
            assertThat(client.getInputStream().available()).isBetween(1, 1500);
            lab.clock().advance(Duration.ofSeconds(3));
            assertThat(client.getInputStream().readNBytes(3000)).hasSize(3000);
        }
    }

    @Test
    void aCutComesAfterExactlySoManyBytes() throws IOException {
        one.inject(KitFault.cutAfter(5).toClient());
        try (Socket client = Clients.connect(one.address())) {
            client.getOutputStream().write(bytes("hello world"));
            assertThat(client.getInputStream().readNBytes(5)).isEqualTo(bytes("hello"));
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(last(one).failed()).isTrue();
    }

    @Test
    void bytesAreInvertedAndLeftOutByTheirPlace() throws IOException {
        try (Injection corrupting = one.inject(KitFault.corrupt(1, 3).toClient());
                Injection dropping = one.inject(KitFault.drop(0, 1).toBackend())) {
            // The Pod gets "bcde"; of what it sends back the second and the third byte are inverted.
            assertThat(call(one, "abcde")).isEqualTo("b" + (char) (~'c' & 0xff) + (char) (~'d' & 0xff) + "e");
            assertThat(corrupting.hits()).isEqualTo(1);
            assertThat(dropping.hits()).isEqualTo(1);
            assertThat(last(one).faults()).hasSize(2);
        }
        assertThat(call(one, "abcde")).isEqualTo("abcde");
    }

    @Test
    void theEndOfAStreamThatIsNeverPassedOnLeavesTheOtherWayOpen() throws IOException {
        one.inject(KitFault.halfOpen().toBackend());
        try (Socket client = Clients.connect(one.address())) {
            client.getOutputStream().write(bytes("hello"));
            client.shutdownOutput();
            assertThat(client.getInputStream().readNBytes(5)).isEqualTo(bytes("hello"));
            lab.clock().advance(Duration.ofHours(2));
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void theEndOfAStreamComesLaterThanItsLastByte() throws IOException {
        one.inject(KitFault.closeDelay(TEN_SECONDS).toBackend());
        try (Socket client = Clients.connect(one.address())) {
            client.getOutputStream().write(bytes("hello"));
            client.shutdownOutput();
            awaitFromPod(one, 5);
            lab.clock().advance(Duration.ofSeconds(11));
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(bytes("hello"));
        }
        await().atMost(TEN_SECONDS).until(() -> !last(one).isOpen());
        assertThat(last(one).lasted()).isGreaterThanOrEqualTo(TEN_SECONDS);
    }
}
