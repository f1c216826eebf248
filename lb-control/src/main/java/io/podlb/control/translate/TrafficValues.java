package io.podlb.control.translate;

/** Values of traffic settings as people write them. What cannot be read is told as a clause of what was expected. */
final class TrafficValues {

    private static final String OFF = "off";

    private TrafficValues() {}

    /** {@code 3}; 0 for {@code off}. */
    static int countOrOff(String value, int most) {
        if (value.equals(OFF)) {
            return 0;
        }
        int count = value.matches("\\d{1,9}") ? Integer.parseInt(value) : 0;
        if (count < 1 || count > most) {
            throw new IllegalArgumentException("a whole number from 1 to " + most + ", or " + OFF);
        }
        return count;
    }

    /** {@code 20%}; 0 for {@code off}. */
    static int percentOrOff(String value, int most) {
        if (value.equals(OFF)) {
            return 0;
        }
        int percent = value.matches("\\d{1,9}%") ? Integer.parseInt(value.substring(0, value.length() - 1)) : 0;
        if (percent < 1 || percent > most) {
            throw new IllegalArgumentException("a percentage from 1% to " + most + "%, or " + OFF);
        }
        return percent;
    }

    static String percentOrOff(int percent) {
        return percent == 0 ? OFF : percent + "%";
    }

    static String countOrOff(int count) {
        return count == 0 ? OFF : Integer.toString(count);
    }
}
