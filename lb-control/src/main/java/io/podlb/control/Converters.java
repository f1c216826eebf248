package io.podlb.control;

import io.podlb.control.allocate.PortRange;
import io.podlb.control.cluster.Durations;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.Transport;
import java.time.Duration;
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
        @Override
        public Duration convert(String value) {
            try {
                return Durations.parse(value);
            } catch (IllegalArgumentException e) {
                throw expected(value, String.valueOf(e.getMessage()));
            }
        }
    }

    /** The same without {@code 0s}. */
    static final class OfPositiveDuration implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            try {
                return Durations.parsePositive(value);
            } catch (IllegalArgumentException e) {
                throw expected(value, String.valueOf(e.getMessage()));
            }
        }
    }

    /** A whole number from 1. */
    static final class OfCount implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return number(value, 1, Integer.MAX_VALUE);
        }
    }

    /** {@code 1000/s}, from 1. */
    static final class OfRate implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            int rate = value.matches("\\d{1,9}/s") ? Integer.parseInt(value.substring(0, value.length() - 2)) : 0;
            if (rate < 1) {
                throw expected(value, "a rate like 1000/s");
            }
            return rate;
        }
    }

    /** A whole number from 0. */
    static final class OfCountOrZero implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return number(value, 0, Integer.MAX_VALUE);
        }
    }

    /** A number of threads. */
    static final class OfThreads implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return number(value, 1, 1024);
        }
    }

    private static int number(String value, int least, int most) {
        if (value.matches("\\d{1,10}")) {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return (int) number;
            }
        }
        throw expected(value, "a whole number from " + least + (most == Integer.MAX_VALUE ? " on" : " to " + most));
    }

    /** {@code epoll}. */
    static final class OfTransport implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            if (!Transport.NAMES.contains(value)) {
                throw expected(value, "one of " + String.join(", ", Transport.NAMES));
            }
            return value;
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
