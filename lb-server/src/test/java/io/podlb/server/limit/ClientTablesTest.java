package io.podlb.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.service.InetAddresses;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is remembered of clients: exact as long as it fits, and bounded. */
class ClientTablesTest {

    private final AtomicLong clock = new AtomicLong(-5_000_000_000L); // a nano time may be of any sign

    private void advance(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private static int takeAll(ClientRates rates, long client) {
        int taken = 0;
        while (rates.take(client)) {
            taken++;
        }
        return taken;
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.2, false",
        "192.0.2.1, 192.0.2.1, true",
        "2001:db8::1, 2001:db8::ffff:1, true",
        "2001:db8:0:1::1, 2001:db8:0:2::1, false"
    })
    void anIpv6ClientIsItsNetwork(String one, String other, boolean same) {
        assertThat(ClientKey.of(InetAddresses.parse(one)) == ClientKey.of(InetAddresses.parse(other)))
                .isEqualTo(same);
    }

    @ParameterizedTest
    @CsvSource({"600, 10, 10", "60, 1, 1", "30, 1, 0", "90, 1, 1", "6000000, 100000, 100000"})
    void oneSecondsWorthIsGrantedAtOnceAndThenAsItComesIn(int perMinute, int burst, int inASecond) {
        ClientRates rates = new ClientRates(perMinute, clock::get);
        assertThat(takeAll(rates, 1)).isEqualTo(burst);
        advance(Duration.ofSeconds(1));
        assertThat(takeAll(rates, 1)).isEqualTo(inASecond);
        assertThat(takeAll(rates, 2)).as("another client").isEqualTo(burst);
        advance(Duration.ofHours(1));
        assertThat(takeAll(rates, 1)).as("no more is saved").isEqualTo(burst);
    }

    @Test
    void whoIsRefusedDoesNotPayForIt() {
        ClientRates rates = new ClientRates(60, clock::get);
        assertThat(rates.take(1)).isTrue();
        for (int i = 0; i < 100; i++) {
            advance(Duration.ofMillis(5));
            assertThat(rates.take(1)).isFalse();
        }
        advance(Duration.ofMillis(500));
        assertThat(rates.take(1)).isTrue();
    }

    /** Against a bucket that is kept in full. */
    @Test
    void ratesAreThoseOfATokenBucket() {
        Random random = new Random(11);
        ClientRates rates = new ClientRates(600, clock::get);
        Map<Long, Double> tokens = new HashMap<>();
        for (int step = 0; step < 50_000; step++) {
            long client = random.nextInt(5);
            if (random.nextInt(3) == 0) {
                int hundreds = random.nextInt(4);
                advance(Duration.ofMillis(100L * hundreds));
                tokens.replaceAll((key, now) -> Math.min(10, now + hundreds));
            }
            double now = tokens.getOrDefault(client, 10.0);
            assertThat(rates.take(client)).as("step %s", step).isEqualTo(now >= 1);
            tokens.put(client, now >= 1 ? now - 1 : now);
        }
    }

    @Test
    void aFloodOfAddressesFillsTheTableAndNoMore() {
        ClientRates rates = new ClientRates(60, clock::get);
        for (long client = 0; client < 1_000_000; client++) {
            rates.take(client);
        }
        assertThat(rates.size()).isLessThanOrEqualTo(ClientRates.MAX_CLIENTS);
        advance(Duration.ofSeconds(3));
        assertThat(rates.size()).as("all buckets are full again").isZero();
    }

    @Test
    void connectionsAreCountedExactly() {
        Random random = new Random(12);
        ClientConnections connections = new ClientConnections();
        Map<Long, Integer> open = new HashMap<>();
        for (int step = 0; step < 100_000; step++) {
            long client = random.nextInt(20);
            int now = open.getOrDefault(client, 0);
            if (random.nextBoolean()) {
                assertThat(connections.enter(client, 3)).isEqualTo(now < 3);
                open.put(client, Math.min(3, now + 1));
            } else if (now > 0) {
                connections.leave(client);
                open.put(client, now - 1);
            }
        }
        open.forEach((client, count) -> {
            for (int i = 0; i < count; i++) {
                connections.leave(client);
            }
        });
        assertThat(connections.size()).isZero();
    }
}
