package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.Backends;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.balance.Policies;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.TrafficRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With one seed, a client that does the same gets the same, whatever else draws by lot. */
@Timeout(60)
class SeededPicksTest {

    @ParameterizedTest
    @ValueSource(strings = {"random", "round-robin", "two-choices", "least-connections"})
    void jitterDoesNotChangeWhoIsPicked(String policy) throws Exception {
        try (Backends a = Backends.saying("a");
                Backends b = Backends.saying("b");
                Backends c = Backends.saying("c")) {
            List<String> still = answers(policy, TrafficRules.NONE, a, b, c);
            List<String> jittering =
                    answers(policy, TrafficRules.NONE.withMaxConnectionAge(Duration.ofHours(1)), a, b, c);
            assertThat(jittering).isEqualTo(still);
            assertThat(new HashSet<>(still)).hasSize(3);
        }
    }

    private static List<String> answers(String policy, TrafficRules traffic, Backends... backends) throws Exception {
        Records records = new Records();
        List<String> answers = new ArrayList<>();
        try (Rig rig = Rig.start(LoadBalancerConfig.builder()
                .observer(records)
                .policies(Policies.standard(RandomSource.seeded(7)))
                .random(RandomSource.seeded(7, "jitter")))) {
            rig.shaped(spec -> new ServicePortSpec(
                                    spec.name(), spec.frontends(), policy, null, spec.cluster(), spec.local())
                            .withTraffic(traffic))
                    .offer(backends[0].spec(), backends[1].spec(), backends[2].spec());
            for (int i = 0; i < 40; i++) {
                answers.add(rig.ask());
                records.connections(i + 1); // policies that look at load see none
            }
        }
        return answers;
    }
}
