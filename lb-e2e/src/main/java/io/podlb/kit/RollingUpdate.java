package io.podlb.kit;

/**
 * How far a rolling update may go from the wanted number of Pods, by the rules of the Deployment controller. Immutable.
 *
 * @param unavailable so many may be missing
 * @param surge so many may be there in addition
 */
record RollingUpdate(int unavailable, int surge) {

    /** What both are where a Deployment does not say. */
    static final String DEFAULT = "25%";

    /**
     * The limits for so many Pods: percentages of {@code maxUnavailable} are rounded down, of {@code maxSurge} up. If
     * rounding makes both 0, one Pod may be missing.
     *
     * @throws IllegalArgumentException if one is no number or percentage, or both say 0
     */
    static RollingUpdate of(String maxUnavailable, String maxSurge, int pods) {
        Amount unavailable = Amount.of("maxUnavailable", maxUnavailable);
        Amount surge = Amount.of("maxSurge", maxSurge);
        if (unavailable.value == 0 && surge.value == 0) {
            throw new IllegalArgumentException("maxUnavailable: " + maxUnavailable + " and maxSurge: " + maxSurge
                    + " (expected: not 0 both, or no Pod could be replaced)");
        }
        if (unavailable.percent && unavailable.value > 100) {
            throw new IllegalArgumentException("maxUnavailable: " + maxUnavailable + " (expected: at most 100%)");
        }
        int down = unavailable.percent ? (int) ((long) unavailable.value * pods / 100) : unavailable.value;
        int up = surge.percent ? (int) (((long) surge.value * pods + 99) / 100) : surge.value;
        return new RollingUpdate(down == 0 && up == 0 ? 1 : Math.min(down, pods), up);
    }

    private record Amount(int value, boolean percent) {

        static Amount of(String name, String text) {
            boolean percent = text.endsWith("%");
            String digits = percent ? text.substring(0, text.length() - 1) : text;
            if (!digits.matches("[0-9]{1,9}")) {
                throw new IllegalArgumentException(
                        name + ": \"" + text + "\" (expected: a number such as 1, or a percentage such as 25%)");
            }
            return new Amount(Integer.parseInt(digits), percent);
        }
    }
}
