package io.podlb.control.allocate;

/**
 * A range of port numbers, both ends included.
 *
 * @param first at least 1
 * @param last at most 65535
 */
public record PortRange(int first, int last) {

    public PortRange {
        if (first < 1 || last > 65535 || first > last) {
            throw new IllegalArgumentException(
                    "port range: " + first + "-" + last + " (expected: like 30000-32767, within 1 to 65535)");
        }
    }

    /**
     * Reads {@code 30000-32767}.
     *
     * @throws IllegalArgumentException with a one-line reason
     */
    public static PortRange parse(String text) {
        if (!text.matches("[0-9]{1,5}-[0-9]{1,5}")) {
            throw new IllegalArgumentException("\"" + text + "\" is no port range (expected: like 30000-32767)");
        }
        int dash = text.indexOf('-');
        return new PortRange(Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
    }

    public boolean contains(int port) {
        return port >= first && port <= last;
    }

    public int size() {
        return last - first + 1;
    }

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
