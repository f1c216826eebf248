package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClockTest {

    @Test
    void hoursPassWhenTheClockIsMoved() throws IOException {
        try (Lab lab = Lab.builder()
                .manifests("classpath:kit/shop.yaml")
                .virtualClock()
                .start()) {
            ServiceHandle web = lab.service("web");
            try (Socket client = Clients.connect(web.address())) {
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('w');
                Clients.ask(lab.service("dns").address(), "who?");
                lab.clock().advance(Duration.ofMinutes(50));
                assertThat(web.connections()).allMatch(ConnectionRecord::isOpen);
                assertThat(lab.service("dns").connections())
                        .extracting(ConnectionRecord::end)
                        .containsExactly("idle-timeout");
                lab.clock().advance(Duration.ofMinutes(20));
                assertThatThrownBy(() -> client.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
            }
            ConnectionRecord idle = web.connections().get(0);
            assertThat(idle.end()).isEqualTo("idle-timeout");
            assertThat(idle.lasted()).isBetween(Duration.ofHours(1), Duration.ofMinutes(62));
            web.scale(1);
            assertThat(Clients.whoAnswers(web.address())).isEqualTo(web.pod(0).name());
        }
    }

    @Test
    void theTimeOfDayCannotBeMoved() {
        try (Lab lab = Lab.builder().manifests("classpath:kit/shop.yaml").start()) {
            assertThatThrownBy(lab::clock).hasMessageContaining("virtualClock()");
        }
    }
}
