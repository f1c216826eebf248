package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.backend.Backend;
import io.podlb.server.service.TrafficRules.Rebalance;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many connections backends have beyond their share, and how many of them may go at a time. */
class RebalancingTest {

    private final FakeTicker ticker = new FakeTicker();

    private static List<Backend> loaded(String weights, String connections) {
        List<Backend> backends = Backends.weighted(numbers(weights));
        int[] counts = numbers(connections);
        for (int i = 0; i < counts.length; i++) {
            for (int connection = 0; connection < counts[i]; connection++) {
                backends.get(i).lease();
            }
        }
        return backends;
    }

    private static int[] numbers(String text) {
        return IntStream.of(java.util.Arrays.stream(text.split(" "))
                        .mapToInt(Integer::parseInt)
                        .toArray())
                .toArray();
    }

    private static String counts(List<Backend> backends, Map<Backend, Integer> counts) {
        return backends.stream()
                .map(backend -> counts.getOrDefault(backend, 0).toString())
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource({
        "1 1 1 1, 100 100 0 0, 45 45 0 0", // 50 each and a tenth
        "1 1 1, 10 10 10, 0 0 0",
        "1 1 1 1, 54 48 49 49, 0 0 0 0", // what chance does anyway
        "1 1, 1 0, 0 0", // rounded up: one connection has to be somewhere
        "1 3, 100 100, 45 0", // 50 and 150
        "1, 500, 0",
        "1 1, 0 0, 0 0"
    })
    void theExcessIsWhatIsAboveTheShareAndATenthMore(String weights, String connections, String excess) {
        List<Backend> backends = loaded(weights, connections);
        assertThat(counts(backends, Imbalance.excess(backends))).isEqualTo(excess);
    }

    @Test
    void noBackendHasNoExcess() {
        assertThat(Imbalance.excess(List.of())).isEmpty();
    }

    @Test
    void moreThanTheRateIsNeverGranted() {
        List<Backend> backends = loaded("1 1 1 1", "1000 1000 0 0");
        Rebalancing rebalancing = new Rebalancing(ticker);
        Rebalance rule = new Rebalance(10, 0);
        assertThat(rebalancing.due(rule, backends)).as("no time has passed").isEmpty();
        int granted = 0;
        for (int i = 0; i < 40; i++) {
            ticker.advance(Duration.ofMillis(250));
            granted += rebalancing.due(rule, backends).values().stream()
                    .mapToInt(Integer::intValue)
                    .sum();
        }
        assertThat(granted).as("in ten seconds").isEqualTo(100);
        ticker.advance(Duration.ofHours(3));
        assertThat(counts(backends, rebalancing.due(rule, backends)))
                .as("nothing is saved up")
                .isEqualTo("10 0 0 0");
    }

    @Test
    void aRateInPercentIsOneOfAllConnections() {
        List<Backend> backends = loaded("1 1 1 1", "1000 1000 0 0");
        Rebalancing rebalancing = new Rebalancing(ticker);
        ticker.advance(Duration.ofSeconds(1));
        assertThat(counts(backends, rebalancing.due(new Rebalance(0, 5), backends)))
                .isEqualTo("100 0 0 0");
    }
}
