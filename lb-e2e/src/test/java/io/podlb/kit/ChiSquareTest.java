package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChiSquareTest {

    @ParameterizedTest(name = "{1} degrees of freedom, {0}")
    // The table of critical values of the NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4.
    @CsvSource({
        "2.706, 1, 0.10", "3.841, 1, 0.05", "6.635, 1, 0.01", "10.828, 1, 0.001",
        "5.991, 2, 0.05", "13.816, 2, 0.001", "7.815, 3, 0.05", "16.266, 3, 0.001",
        "11.070, 5, 0.05", "20.515, 5, 0.001", "18.307, 10, 0.05", "29.588, 10, 0.001",
        "43.773, 30, 0.05", "59.703, 30, 0.001", "124.342, 100, 0.05", "149.449, 100, 0.001",
        "0.004, 1, 0.95", "3.940, 10, 0.95", "77.929, 100, 0.95"
    })
    void theTailIsThatOfPublishedTables(double statistic, int degreesOfFreedom, double tail) {
        // The tables round to three digits, which near 0.004 is a tenth of the statistic.
        assertThat(ChiSquare.tail(statistic, degreesOfFreedom)).isCloseTo(tail, within(tail * 0.002));
    }

    @Test
    void twoDegreesOfFreedomAreTheExponentialDistribution() {
        for (double statistic : new double[] {0.001, 0.5, 1, 3.9, 4.1, 20, 500, 1400}) {
            double tail = Math.exp(-statistic / 2);
            assertThat(ChiSquare.tail(statistic, 2)).isCloseTo(tail, within(tail * 1e-11));
        }
    }

    @Test
    void fourDegreesOfFreedomHaveAClosedForm() {
        for (double statistic : new double[] {0.01, 1, 5.9, 6.1, 40}) {
            double tail = Math.exp(-statistic / 2) * (1 + statistic / 2);
            assertThat(ChiSquare.tail(statistic, 4)).isCloseTo(tail, within(tail * 1e-11));
        }
    }

    @Test
    void manyDegreesOfFreedomDoNotOverflow() {
        assertThat(ChiSquare.tail(5_000, 5_000)).isCloseTo(0.4973, within(0.001));
        assertThat(ChiSquare.tail(4_000, 5_000)).isCloseTo(1, within(1e-12));
        assertThat(ChiSquare.tail(7_000, 5_000)).isLessThan(1e-60);
    }

    @Test
    void theEndsAreExact() {
        assertThat(ChiSquare.tail(0, 3)).isEqualTo(1);
        assertThat(ChiSquare.tail(Double.POSITIVE_INFINITY, 3)).isEqualTo(0);
    }

    @Test
    void impossibleArgumentsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ChiSquare.tail(1, 0))
                .withMessage("degreesOfFreedom: 0 (expected: at least 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ChiSquare.tail(Double.NaN, 1))
                .withMessage("statistic: NaN (expected: at least 0)");
    }
}
