package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PoliciesTest {

    private final Policies policies = Policies.standard(RandomSource.seeded(1));

    @Test
    void namesAreThoseOfTheCommandLine() {
        assertThat(policies.names())
                .containsExactly("least-connections", "maglev", "random", "round-robin", "two-choices");
        assertThat(policies.names()).contains(Policies.DEFAULT);
    }

    @Test
    void anUnknownNameIsAnswered() {
        String message = "policy: rnd (expected: one of [least-connections, maglev, random, round-robin, two-choices])";
        assertThatThrownBy(() -> policies.create("rnd", List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> policies.expectedShares("rnd", 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void randomAndRoundRobinShareByWeight() {
        for (String policy : List.of("random", "round-robin")) {
            assertThat(policies.expectedShares(policy, 1, 1, 1, 1)).containsExactly(0.25, 0.25, 0.25, 0.25);
            assertThat(policies.expectedShares(policy, 1, 2, 5)).containsExactly(0.125, 0.25, 0.625);
            assertThat(policies.expectedShares(policy, 1000)).containsExactly(1.0);
            assertThat(policies.expectedShares(policy)).isEmpty();
        }
    }

    @Test
    void whatLooksAtLoadOrClientsHasNoFixedShareUnlessThereIsOneEndpoint() {
        Policies more = policies.plus("mine", candidates -> new RoundRobin(candidates, RandomSource.seeded(1)));
        for (String policy : List.of("least-connections", "two-choices", "maglev", "mine")) {
            assertThat(more.expectedShares(policy, 1, 1)).isNull();
            assertThat(more.expectedShares(policy, 7)).containsExactly(1.0);
            assertThat(more.expectedShares(policy)).isEmpty();
        }
    }

    @Test
    void oneMorePolicyIsOneCallAndReplacesOneOfItsName() {
        RandomSource random = RandomSource.seeded(1);
        Policies more = policies.plus("mine", candidates -> new RoundRobin(candidates, random))
                .plus("random", candidates -> new TwoChoices(candidates, random));
        assertThat(more.names()).hasSize(6).contains("mine");
        assertThat(more.create("mine", List.of())).isInstanceOf(RoundRobin.class);
        assertThat(more.create("random", List.of())).isInstanceOf(TwoChoices.class);
        assertThat(policies.names()).hasSize(5);
    }
}
