package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What injections are for, how long they are in force, and faults of UDP. */
class InjectionTest {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private final Lab lab = Lab.builder()
            .service(KitService.named("web").port("http", 80).behaviour(Pods.echo()))
            .service(KitService.named("bad")
                    .port("http", 80)
                    .behaviour(Pods.echo())
                    .annotation("podlb.io/fault", "reset; connections=2"))
            .service(KitService.named("dns").port(53).udp().behaviour(Pods.echo()))
            .virtualClock()
            .start();
    private final ServiceHandle web = lab.service("web");
    private final ServiceHandle dns = lab.service("dns");

    @AfterEach
    void close() {
        lab.close();
    }

    /** {@code x} from a Pod that echoes, {@code reset} where the connection is. */
    private static String call(ServiceHandle service) throws IOException {
        try (Socket client = Clients.connect(service.address())) {
            client.getOutputStream().write('x');
            client.shutdownOutput();
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (SocketException reset) {
            return "reset";
        }
    }

    private static String receive(DatagramSocket client) throws IOException {
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        client.setSoTimeout((int) TEN_SECONDS.toMillis());
        client.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
    }

    private void send(DatagramSocket client, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        client.send(new DatagramPacket(bytes, bytes.length, dns.address()));
    }

    @Test
    void oneConnectionIsMeant() throws IOException {
        web.inject(KitFault.reset().onConnections(2, 4));
        assertThat(call(web) + call(web) + call(web) + call(web) + call(web)).isEqualTo("xresetxresetx");
    }

    @Test
    void aTextSaysTheSame() throws IOException {
        web.pod(0).inject("reset; connections=2-3");
        assertThat(call(web) + call(web) + call(web) + call(web)).isEqualTo("xresetresetx");
    }

    @Test
    void othersAreNotMeant() throws IOException {
        try (Injection ofPod = web.pod(0).inject(KitFault.reset().onPort("http"))) {
            assertThat(call(lab.service("bad"))).isEqualTo("x");
            assertThat(call(web)).isEqualTo("reset");
            assertThat(ofPod.hits()).isEqualTo(1);
        }
        assertThat(call(web)).isEqualTo("x");
    }

    @Test
    void anEndpointHasTheAddressThatItsObjectSays() throws IOException {
        lab.inject("reset; endpoint=10.244.0.0");
        assertThat(call(web)).isEqualTo("x");
        String explained = lab.explain();
        Matcher address = Pattern.compile("10\\.244\\.\\d+\\.\\d+:80").matcher(explained);
        assertThat(address.find()).as(explained).isTrue();
        lab.inject("reset; endpoint=" + address.group());
        assertThat(call(lab.service("bad")).length() + call(web).length()).isEqualTo("xreset".length());
    }

    @Test
    void anAnnotationIsDone() throws IOException {
        assertThat(call(lab.service("bad")) + call(lab.service("bad")) + call(lab.service("bad")))
                .isEqualTo("xresetx");
    }

    @Test
    void eachInjectionTakesBackItsOwnRules() throws IOException {
        Injection one = web.inject(KitFault.reset(), KitFault.latency(TEN_SECONDS));
        Injection other = web.inject(KitFault.reset());
        one.close();
        assertThat(call(web)).isEqualTo("reset");
        one.close();
        assertThat(call(web)).isEqualTo("reset");
        other.close();
        assertThat(call(web)).isEqualTo("x");
    }

    @Test
    void theTimeOfARuleGoesOnWhateverElseIsInjected() throws IOException {
        Injection timed = web.inject(KitFault.reset().onlyFor(TEN_SECONDS));
        lab.clock().advance(Duration.ofSeconds(6));
        assertThat(call(web)).isEqualTo("reset");
        try (Injection other = dns.inject(KitFault.loss(1))) {
            lab.clock().advance(Duration.ofSeconds(6));
            assertThat(call(web)).isEqualTo("x");
            assertThat(timed.isInForce()).isFalse();
            assertThat(other.isInForce()).isTrue();
        }
    }

    @Test
    void beginAndEndAreMarked() {
        web.inject(KitFault.latency(TEN_SECONDS).toClient()).close();
        assertThat(lab.marks())
                .extracting(Timeline.Mark::text)
                .containsExactly(
                        "fault: default/web: latency=10s; to=client; service=default/web",
                        "no longer: default/web: latency=10s; to=client; service=default/web");
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> KitFault.refuse().toClient())
                .withMessage("a direction means nothing for refuse; leave it out");
        assertThatIllegalStateException()
                .isThrownBy(() -> KitFault.cutAfter(1).jitter(TEN_SECONDS))
                .withMessage("jitter means nothing for cut; leave it out");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> web.inject("refuse; service=default/dns"))
                .withMessageContaining("leave out service=");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> web.pod(0).inject("refuse; pod=x"))
                .withMessageContaining("leave out pod=");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KitFault.loss(10))
                .withMessage("probability: 10.0 (expected: above 0 and at most 1, like 0.1)");
        assertThatIllegalArgumentException().isThrownBy(() -> KitFault.refuse().onConnections());
        assertThatIllegalStateException().isThrownBy(lab::inject).withMessage("no fault is given");
        lab.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> web.inject(KitFault.refuse()))
                .withMessageStartingWith("the lab is closed");
    }

    @Test
    void datagramsGetLost() throws IOException {
        try (DatagramSocket client = new DatagramSocket()) {
            try (Injection losing = dns.inject(KitFault.loss(1).toBackend())) {
                send(client, "lost");
                await().atMost(TEN_SECONDS).until(() -> losing.hits() == 1);
            }
            send(client, "kept");
            assertThat(receive(client)).isEqualTo("kept");
        }
    }

    @Test
    void datagramsComeTwice() throws IOException {
        dns.inject(KitFault.duplicate(1).toClient());
        try (DatagramSocket client = new DatagramSocket()) {
            send(client, "a");
            assertThat(receive(client) + receive(client)).isEqualTo("aa");
        }
    }

    @Test
    void datagramsOvertakeEachOther() throws IOException {
        Injection reordering = dns.inject(KitFault.reorder(1).toBackend());
        try (DatagramSocket client = new DatagramSocket()) {
            send(client, "a");
            await().atMost(TEN_SECONDS).until(() -> reordering.hits() == 1);
            send(client, "b");
            assertThat(receive(client) + receive(client)).isEqualTo("ba");
        }
    }

    @Test
    void datagramsComeLater() throws IOException {
        Injection slow = dns.inject(KitFault.latency(TEN_SECONDS).toBackend().onConnections(1));
        try (DatagramSocket first = new DatagramSocket();
                DatagramSocket second = new DatagramSocket()) {
            send(first, "first");
            await().atMost(TEN_SECONDS).until(() -> slow.hits() == 1);
            send(second, "second");
            assertThat(receive(second)).isEqualTo("second");
            assertThat(dns.connections())
                    .extracting(ConnectionRecord::bytesToClient)
                    .containsExactly(0L, 6L);
            lab.clock().advance(Duration.ofSeconds(11));
            assertThat(receive(first)).isEqualTo("first");
        }
    }

    /** Clients that wait for what comes of each of their bytes, so that both runs come in the same order. */
    private static String story() throws IOException {
        try (Lab lab = Lab.builder()
                .service(KitService.named("web").port(80).pods(4).behaviour(Pods.echo()))
                .service(KitService.named("dns").port(53).udp().pods(3).behaviour(Pods.echo()))
                .seed(7)
                .start()) {
            ServiceHandle web = lab.service("web");
            ServiceHandle dns = lab.service("dns");
            web.pod(1).inject(KitFault.refuse());
            web.inject(KitFault.latency(Duration.ofMillis(2)).jitter(Duration.ofMillis(2)));
            web.pod(2).inject(KitFault.reset().onConnections(4, 9, 11));
            for (int i = 0; i < 20; i++) {
                call(web);
            }
            Injection losing = dns.inject(KitFault.loss(0.4).toClient());
            for (int flow = 0; flow < 5; flow++) {
                try (DatagramSocket client = new DatagramSocket()) {
                    client.connect(dns.address());
                    exchange(client, losing);
                }
            }
            return DecisionLog.of(lab.connections());
        }
    }

    private static void exchange(DatagramSocket client, Injection losing) throws IOException {
        AtomicInteger received = new AtomicInteger();
        long before = losing.hits();
        for (int sent = 1; sent <= 8; sent++) {
            client.send(new DatagramPacket(new byte[sent], sent));
            int soFar = sent;
            client.setSoTimeout(1);
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(TEN_SECONDS)
                    .until(() -> {
                        try {
                            client.receive(new DatagramPacket(new byte[100], 100));
                            received.incrementAndGet();
                        } catch (SocketTimeoutException none) {
                            // It may be lost; the count says so.
                        }
                        return received.get() + losing.hits() - before == soFar;
                    });
        }
    }

    @Test
    void oneSeedGivesTheSameFaults() throws IOException {
        String first = story();
        assertThat(first).contains("refuse; pod=", "latency=2ms~2ms", "loss=40%", "failed");
        assertThat(story()).isEqualTo(first);
    }
}
