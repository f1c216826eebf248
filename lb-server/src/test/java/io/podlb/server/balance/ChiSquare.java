package io.podlb.server.balance;

/** Pearson's test of goodness of fit. */
final class ChiSquare {

    private ChiSquare() {}

    static double statistic(int[] observed, double[] shares) {
        long total = 0;
        for (int count : observed) {
            total += count;
        }
        double statistic = 0;
        for (int i = 0; i < observed.length; i++) {
            double expected = total * shares[i];
            statistic += (observed[i] - expected) * (observed[i] - expected) / expected;
        }
        return statistic;
    }

    /** What a true hypothesis exceeds in one of a thousand cases (approximation of Wilson and Hilferty). */
    static double critical(int degreesOfFreedom) {
        double a = 2.0 / (9.0 * degreesOfFreedom);
        double root = 1 - a + 3.0902 * Math.sqrt(a);
        return degreesOfFreedom * root * root * root;
    }
}
