package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AffinityTableTest {

    private final FakeTicker ticker = new FakeTicker();
    private final AffinityTable table = new AffinityTable(Duration.ofSeconds(10), 100, ticker);

    @Test
    void theNumberOfClientsIsBounded() {
        for (int client = 0; client < 10_000; client++) {
            table.claim(Backends.client(client), null, Backends.address(1));
        }
        await().untilAsserted(() -> assertThat(table.size()).isBetween(1L, 100L));
    }

    @Test
    void whatHasRunOutTakesNoMemory() {
        for (int client = 0; client < 50; client++) {
            table.claim(Backends.client(client), null, Backends.address(1));
        }
        assertThat(table.size()).isEqualTo(50);
        ticker.advance(Duration.ofSeconds(12));
        assertThat(table.size()).isZero();
    }

    @Test
    void aClaimFailsOnlyAgainstWhatWasRecordedMeanwhile() {
        assertThat(table.claim(Backends.client(1), null, Backends.address(1))).isEqualTo(Backends.address(1));
        assertThat(table.claim(Backends.client(1), null, Backends.address(2))).isEqualTo(Backends.address(1));
        assertThat(table.claim(Backends.client(1), Backends.address(1), Backends.address(3)))
                .isEqualTo(Backends.address(3));
        assertThat(table.claim(Backends.client(1), Backends.address(1), Backends.address(4)))
                .isEqualTo(Backends.address(3));
        ticker.advance(Duration.ofSeconds(10));
        assertThat(table.claim(Backends.client(1), null, Backends.address(4))).isEqualTo(Backends.address(4));
    }

    @Test
    void aRecordThatIsGoneIsMadeAnewByAConnection() {
        table.claim(Backends.client(1), null, Backends.address(1));
        ticker.advance(Duration.ofSeconds(10));
        table.renew(Backends.client(1), Backends.address(1));
        assertThat(table.endpoint(Backends.client(1))).isEqualTo(Backends.address(1));
        table.renew(Backends.client(2), Backends.address(5));
        assertThat(table.endpoint(Backends.client(2))).isEqualTo(Backends.address(5));
    }

    @Test
    void onlyTheRecordOfThatEndpointIsDropped() {
        table.claim(Backends.client(1), null, Backends.address(1));
        table.drop(Backends.client(1), Backends.address(2));
        assertThat(table.endpoint(Backends.client(1))).isEqualTo(Backends.address(1));
        table.drop(Backends.client(1), Backends.address(1));
        assertThat(table.endpoint(Backends.client(1))).isNull();
        table.drop(Backends.client(9), Backends.address(1));
    }
}
