package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How many retries all connections of a service port are granted together. */
class RetryBudgetTest {

    private final FakeTicker ticker = new FakeTicker();
    private final RetryBudget budget = new RetryBudget(20, ticker);

    private int takeAll() {
        int taken = 0;
        while (budget.take()) {
            taken++;
        }
        return taken;
    }

    @Test
    void aBurstIsGrantedAtOnce() {
        assertThat(takeAll()).isEqualTo(RetryBudget.MOST);
    }

    @Test
    void eachConnectionPaysInItsShare() {
        takeAll();
        for (int i = 0; i < 50; i++) {
            budget.payIn();
        }
        assertThat(takeAll()).isEqualTo(10);
    }

    @Test
    void aQuietServiceIsGrantedSomeEachSecond() {
        takeAll();
        ticker.advance(Duration.ofMillis(9));
        assertThat(takeAll()).isZero();
        ticker.advance(Duration.ofMillis(1));
        assertThat(takeAll()).isEqualTo(1);
        ticker.advance(Duration.ofSeconds(3));
        assertThat(takeAll()).isEqualTo(3 * RetryBudget.FLOOR_PER_SECOND);
    }

    @Test
    void whatIsNotUsedIsKeptUpToALimit() {
        for (int i = 0; i < 10_000; i++) {
            budget.payIn();
        }
        ticker.advance(Duration.ofDays(400));
        assertThat(takeAll()).isEqualTo(RetryBudget.MOST);
    }
}
