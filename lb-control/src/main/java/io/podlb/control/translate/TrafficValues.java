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

    static String countOrOff(int count) {
        return count == 0 ? OFF : Integer.toString(count);
    }
}
