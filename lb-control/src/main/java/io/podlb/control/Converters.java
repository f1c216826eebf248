package io.podlb.control;

import io.podlb.control.allocate.PortRange;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Values of options as types. */
final class Converters {

    private Converters() {}

    private static TypeConversionException expected(String value, String expected) {
        return new TypeConversionException("\"" + value + "\" (expected: " + expected + ")");
    }

    /** {@code 500ms}, {@code 10s}, {@code 1m30s}, {@code 1h}. */
    static final class OfDuration implements ITypeConverter<Duration> {
        private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
        private static final Map<String, Duration> UNITS = Map.of(
                "ms", Duration.ofMillis(1),
                "s", Duration.ofSeconds(1),
                "m", Duration.ofMinutes(1),
                "h", Duration.ofHours(1),
                "d", Duration.ofDays(1));

        @Override
        public Duration convert(String value) {
            Duration sum = Duration.ZERO;
            Matcher part = PART.matcher(value);
            int end = 0;
            while (part.find() && part.start() == end) {
                sum = sum.plus(
                        UNITS.getOrDefault(part.group(2), Duration.ZERO).multipliedBy(Long.parseLong(part.group(1))));
                end = part.end();
            }
            if (end == 0 || end < value.length()) {
                throw expected(value, "like 500ms, 10s, 1m30s or 1h");
            }
            return sum;
        }
    }

    /** {@code 10.96.0.0/12}. */
    static final class OfCidr implements ITypeConverter<Cidr> {
        @Override
        public Cidr convert(String value) {
            try {
                return Cidr.parse(value);
            } catch (IllegalArgumentException e) {
                throw expected(value, "a block of addresses like 10.96.0.0/12");
            }
        }
    }

    /** {@code 30000-32767}. */
    static final class OfPortRange implements ITypeConverter<PortRange> {
        @Override
        public PortRange convert(String value) {
            try {
                return PortRange.parse(value);
            } catch (IllegalArgumentException e) {
                throw expected(value, "two ports from 1 to 65535 in rising order, like 30000-32767");
            }
        }
    }

    /** {@code 127.0.0.1:10249} or {@code [::1]:10249}. */
    static final class OfSocketAddress implements ITypeConverter<SocketAddressSpec> {
        private static final Pattern ADDRESS =
                Pattern.compile("(?:\\[(?<six>[^]]+)]|(?<four>[^:]+)):(?<port>\\d{1,5})");

        @Override
        public SocketAddressSpec convert(String value) {
            Matcher address = ADDRESS.matcher(value);
            if (address.matches()) {
                String host = address.group("six") == null ? address.group("four") : address.group("six");
                try {
                    return new SocketAddressSpec(
                            InetAddresses.parse(host.equals("localhost") ? "127.0.0.1" : host),
                            Integer.parseInt(address.group("port")));
                } catch (IllegalArgumentException e) {
                    throw expected(value, "an IP address and a port from 0 to 65535, like 127.0.0.1:10249");
                }
            }
            throw expected(value, "an IP address and a port, like 127.0.0.1:10249");
        }
    }
}
