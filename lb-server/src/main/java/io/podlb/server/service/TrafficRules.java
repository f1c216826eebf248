package io.podlb.server.service;

/**
 * What one service port asks for beyond Kubernetes. {@link #NONE} asks for nothing: then podlb does what kube-proxy does,
 * but for the retry of a connect. Durations are as in the configuration; zero means off.
 *
 * @param ejection when a backend that cannot be reached is left out for a while
 * @param retryBudget how many connects to a second or third backend there may be
 */
public record TrafficRules(Ejection ejection, RetryBudget retryBudget) {

    /** Plain Kubernetes. */
    public static final TrafficRules NONE = new TrafficRules(Ejection.OFF, RetryBudget.OFF);

    public TrafficRules withEjection(Ejection value) {
        return new TrafficRules(value, retryBudget);
    }

    public TrafficRules withRetryBudget(RetryBudget value) {
        return new TrafficRules(ejection, value);
    }

    /**
     * When a backend that cannot be reached is left out for a while. Failures of this machine do not count.
     *
     * @param afterFailures failed connects in a row, from all clients together; 0: never
     */
    public record Ejection(int afterFailures) {

        public static final int MAX_FAILURES = 1000;

        public static final Ejection OFF = new Ejection(0);

        public Ejection {
            if (afterFailures < 0 || afterFailures > MAX_FAILURES) {
                throw new IllegalArgumentException(
                        "afterFailures: " + afterFailures + " (expected: 0 to " + MAX_FAILURES + ")");
            }
        }

        public boolean isOn() {
            return afterFailures > 0;
        }
    }

    /**
     * How many connects to a second or third backend there may be, beside those that each connection is allowed. A few
     * each second are always allowed.
     *
     * @param percent of the connections; 0: as many as each connection is allowed
     */
    public record RetryBudget(int percent) {

        public static final int MAX_PERCENT = 1000;

        public static final RetryBudget OFF = new RetryBudget(0);

        public RetryBudget {
            if (percent < 0 || percent > MAX_PERCENT) {
                throw new IllegalArgumentException("percent: " + percent + " (expected: 0 to " + MAX_PERCENT + ")");
            }
        }

        public boolean isOn() {
            return percent > 0;
        }
    }
}
