package io.podlb.kit;

/**
 * The chi-square distribution. Formula numbers are those of Abramowitz and Stegun, Handbook of Mathematical Functions,
 * sections 6.5 and 26.4.
 */
final class ChiSquare {

    private static final double PRECISION = 1e-15;

    private ChiSquare() {}

    /** How often chance alone gives that statistic or a larger one: Q(statistic | degreesOfFreedom), 26.4.19. */
    static double tail(double statistic, int degreesOfFreedom) {
        if (degreesOfFreedom < 1) {
            throw new IllegalArgumentException("degreesOfFreedom: " + degreesOfFreedom + " (expected: at least 1)");
        }
        if (!(statistic >= 0)) {
            throw new IllegalArgumentException("statistic: " + statistic + " (expected: at least 0)");
        }
        double a = degreesOfFreedom / 2.0;
        double x = statistic / 2;
        if (x == 0) {
            return 1;
        }
        if (Double.isInfinite(x)) {
            return 0;
        }
        // x^a e^-x / gamma(a); as a logarithm, since each factor alone can be too large or too small for a double.
        double front = Math.exp(a * Math.log(x) - x - logGamma(degreesOfFreedom));
        // Each of the two converges quickly where the other does not.
        return x < a + 1 ? 1 - front * lowerSeries(a, x) : front * upperFraction(a, x);
    }

    /** The logarithm of gamma(n / 2), by gamma(z + 1) = z gamma(z) from gamma(1/2) or gamma(1) (6.1.15, 6.1.8). */
    private static double logGamma(int n) {
        double log = n % 2 == 0 ? 0 : Math.log(Math.PI) / 2;
        for (int twice = n % 2 == 0 ? 2 : 1; twice < n; twice += 2) {
            log += Math.log(twice / 2.0);
        }
        return log;
    }

    /** The sum over n of x^n / (a (a + 1) ... (a + n)), from 6.5.29. */
    private static double lowerSeries(double a, double x) {
        double term = 1 / a;
        double sum = term;
        for (double divisor = a + 1; term > sum * PRECISION; divisor++) {
            term *= x / divisor;
            sum += term;
        }
        return sum;
    }

    /** The even part of the continued fraction 6.5.31, from its head on (the method of Lentz). */
    private static double upperFraction(double a, double x) {
        double b = x + 1 - a;
        double c = Double.POSITIVE_INFINITY;
        double d = 1 / b;
        double fraction = d;
        double change = 0;
        for (int i = 1; Math.abs(change - 1) > PRECISION; i++) {
            double numerator = i * (a - i);
            b += 2;
            c = b + numerator / c;
            d = 1 / (b + numerator * d);
            change = c * d;
            fraction *= change;
        }
        return fraction;
    }
}
