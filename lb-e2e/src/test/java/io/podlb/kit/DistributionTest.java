package io.podlb.kit;

import static io.podlb.kit.PodlbAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DistributionTest {

    @Test
    void equalCountsAreEven() {
        assertThat(Receipt.counts(20, 20, 20)).areDistributedEvenly();
        assertThat(Receipt.counts(24, 17, 19)).areDistributedEvenly(0.05);
    }

    @Test
    void theMessageOfUnevenCountsHasThePValueAndWhatEachPodCouldExpect() {
        assertThatThrownBy(() -> assertThat(Receipt.counts(50, 5, 5)).areDistributedEvenly())
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("""
                        expected 60 connections to be distributed evenly over 3 Pods at level 0.001, but chance alone\
                         gives such counts with p = 2.2e-15 (chi-square 67.50, degrees of freedom 2)

                          POD    CONNECTIONS  SHARE   EXPECTED  FAILED  FAILED TRIES  TO POD  TO CLIENT
                          web-1  50           83.3 %  20.0      0       0             600 B   17000 B
                          web-2  5            8.3 %   20.0      0       0             60 B    1700 B
                          web-3  5            8.3 %   20.0      0       0             60 B    1700 B

                        """)
                .hasMessageEndingWith("  and 10 more\n");
    }

    @Test
    void aCandidateThatGotNoneCounts() {
        assertThatThrownBy(() -> assertThat(Receipt.counts(30, 30, 0)).areDistributedEvenly())
                .hasMessageContaining("evenly over 3 Pods")
                .hasMessageContaining("chi-square 30.00");
    }

    @Test
    void anExpectedPodThatWasNeverACandidateFails() {
        Receipts receipts = new Receipts("Service shop/web", List.of("web-1", "web-4"), Receipt.counts(20, 20, 20));
        assertThatThrownBy(() -> assertThat(receipts).areDistributedEvenly())
                .hasMessageStartingWith("Service shop/web: expected 60 connections to be distributed evenly over 3"
                        + " Pods at level 0.001, but web-4 was a candidate of none of them\n");
    }

    @Test
    void tooFewConnectionsAreRefusedWithTheNumberNeeded() {
        assertThat(Receipt.counts(5, 5, 5)).areDistributedEvenly();
        assertThatThrownBy(() -> assertThat(Receipt.counts(5, 5, 2)).areDistributedEvenly())
                .hasMessageContaining("but that is too few connections to tell: give at least 15, so that web-1 can"
                        + " expect 5 instead of 4.0\n");
    }

    @Test
    void noConnectionAndOneCandidateTellNothing() {
        assertThatThrownBy(() -> assertThat(List.<ConnectionRecord>of()).areDistributedEvenly())
                .hasMessage("expected 0 connections to be distributed evenly over 0 Pods at level 0.001, but none was"
                        + " connected to any\n");
        List<ConnectionRecord> alone =
                List.of(new Receipt(1).among("web-1").on("web-1").made());
        assertThatThrownBy(() -> assertThat(alone).areDistributedEvenly())
                .hasMessageContaining("there was one candidate only");
    }

    @Test
    void aPodIsHeldToItsShareOfThoseThatCouldHaveGotIt() {
        List<ConnectionRecord> records = new ArrayList<>(Receipt.counts(10, 10, 10));
        for (int i = 0; i < 60; i++) {
            records.add(new Receipt(100 + i)
                    .among("web-1", "web-2")
                    .on(i % 2 == 0 ? "web-1" : "web-2")
                    .made());
        }
        assertThat(records).areDistributedEvenly();
    }

    @Test
    void aBackendThatWasNoCandidateFails() {
        List<ConnectionRecord> records = new ArrayList<>(Receipt.counts(20, 20, 20));
        records.add(new Receipt(61).on("web-9").made());
        assertThatThrownBy(() -> assertThat(records).areDistributedEvenly())
                .hasMessageContaining(
                        "but connection 61 of shop/web:http is on web-9, which was none of its candidates");
    }

    @Test
    void weightsGiveTheShares() {
        Map<String, Integer> weights = Map.of("web-1", 2, "web-2", 1, "web-3", 1);
        assertThat(Receipt.counts(40, 20, 20)).areDistributedByWeights(weights);
        assertThatThrownBy(() -> assertThat(Receipt.counts(25, 25, 25)).areDistributedByWeights(weights, 0.05))
                .as("an even distribution has not these weights")
                .hasMessageContaining("p = 0.016 (chi-square 8.33, degrees of freedom 2)");
        assertThatThrownBy(() -> assertThat(Receipt.counts(20, 40, 20)).areDistributedByWeights(weights))
                .hasMessageContaining("80 connections to be distributed by weights over 3 Pods");
    }

    @Test
    void aPodOfWeightZeroMustGetNone() {
        Map<String, Integer> weights = Map.of("web-1", 1, "web-2", 1, "web-3", 0);
        assertThat(Receipt.counts(20, 20, 0)).areDistributedByWeights(weights);
        assertThatThrownBy(() -> assertThat(Receipt.counts(20, 20, 1)).areDistributedByWeights(weights))
                .hasMessageContaining("but web-3 got 1 with weight 0");
    }

    @Test
    void aCandidateNeedsAWeightAndAWeightACandidate() {
        assertThatThrownBy(() ->
                        assertThat(Receipt.counts(20, 20, 20)).areDistributedByWeights(Map.of("web-1", 1, "web-2", 1)))
                .hasMessageContaining("but web-3 could have been picked and has no weight: give one, 0 for no"
                        + " connection at all");
        assertThatThrownBy(() -> assertThat(Receipt.counts(20, 20, 20))
                        .areDistributedByWeights(Map.of("web-1", 1, "web-2", 1, "web-3", 1, "web-4", 1)))
                .hasMessageContaining("but web-4 was a candidate of none of them");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> assertThat(Receipt.counts(20, 20, 20)).areDistributedByWeights(Map.of("web-1", -1)))
                .withMessage("weight of web-1: -1 (expected: at least 0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> assertThat(Receipt.counts(20, 20, 20)).areDistributedEvenly(1))
                .withMessage("level: 1.0 (expected: above 0 and below 1)");
    }

    @Test
    void evenPicksPassAndATwofoldShareFailsWithNearlyEverySeed() {
        int even = 0;
        int evenAtFivePercent = 0;
        int skewed = 0;
        for (int seed = 0; seed < 1_000; seed++) {
            even += passes(picks(seed, 3), 0.001) ? 1 : 0;
            evenAtFivePercent += passes(picks(seed, 3), 0.05) ? 1 : 0;
            skewed += passes(picks(seed, 4), 0.001) ? 1 : 0;
        }
        assertThat(even).as("even, level 0.001: 999 expected").isBetween(994, 1_000);
        assertThat(evenAtFivePercent).as("even, level 0.05: 950 expected").isBetween(925, 975);
        assertThat(skewed).as("web-1 picked twice as often").isLessThan(20);
    }

    /** 300 picks of as many tickets; web-1 has all beyond the third. */
    private static List<ConnectionRecord> picks(int seed, int tickets) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] counts = new int[3];
        for (int i = 0; i < 300; i++) {
            counts[random.nextInt(tickets) % 3]++;
        }
        return Receipt.counts(counts[0], counts[1], counts[2]);
    }

    private static boolean passes(List<ConnectionRecord> records, double level) {
        Expectation expectation = Expectation.even(Receipts.of(records));
        assertThat(expectation.problem()).isNull();
        return ChiSquare.tail(expectation.statistic(), expectation.degreesOfFreedom()) >= level;
    }
}
