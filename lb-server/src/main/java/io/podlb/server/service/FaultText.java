package io.podlb.server.service;

import io.podlb.server.service.Fault.ByteRange;
import io.podlb.server.service.Fault.Direction;
import io.podlb.server.service.Fault.Share;
import io.podlb.server.service.FaultScope.Ordinals;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The grammar of {@link FaultRule}: {@code word} or {@code word=value}, divided by semicolons. */
final class FaultText {

    /** No delay is longer: sums of clock readings in nanoseconds must not overflow. */
    static final Duration LONGEST = Duration.ofDays(365);

    private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    private static final List<String> UNITS_OF_TIME = List.of("d", "h", "m", "s", "ms");
    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,15})(k|Ki|M|Mi|G|Gi)?");
    private static final Map<String, Long> UNITS =
            Map.of("k", 1_000L, "Ki", 1L << 10, "M", 1_000_000L, "Mi", 1L << 20, "G", 1_000_000_000L, "Gi", 1L << 30);
    private static final Pattern RANGE = Pattern.compile("(\\d{1,18})\\.\\.(\\d{1,18})?");
    private static final Pattern ORDINALS = Pattern.compile("(\\d{1,18})(-(\\d{1,18})?)?");
    private static final Pattern SHARE = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,4})?)%");
    private static final Pattern SERVICE = Pattern.compile("([^/\\s]+)/([^/\\s]+)");
    private static final Pattern NAME = Pattern.compile("[^/\\s]+");

    private static final Map<String, Fault> WITHOUT_VALUE = Map.of(
            "refuse", new Fault.Refuse(),
            "blackhole", new Fault.Blackhole(),
            "reset", new Fault.Reset(),
            "silent", new Fault.Silent());
    private static final Set<String> WITH_DIRECTION = Set.of(
            "latency",
            "bandwidth",
            "close-delay",
            "half-open",
            "cut",
            "corrupt",
            "drop",
            "loss",
            "duplicate",
            "reorder");
    private static final Set<String> CONDITIONS =
            Set.of("to", "service", "port", "pod", "endpoint", "connections", "for");

    private FaultText() {}

    static FaultRule parse(String text) {
        Map<String, @Nullable String> words = words(text);
        String fault = null;
        for (String word : words.keySet()) {
            if (!CONDITIONS.contains(word)) {
                if (fault != null) {
                    throw new IllegalArgumentException("\"" + text.strip() + "\" has two faults, " + fault + " and "
                            + word + "; make two rules, divided by |");
                }
                fault = word;
            }
        }
        if (fault == null) {
            throw new IllegalArgumentException(
                    "\"" + text.strip() + "\" has no fault (expected: one of " + faults() + ")");
        }
        return new FaultRule(scope(words), fault(fault, words), read(words, "for", FaultText::time));
    }

    private static String faults() {
        Set<String> all = new TreeSet<>(WITHOUT_VALUE.keySet());
        all.addAll(WITH_DIRECTION);
        return String.join(", ", all);
    }

    private static Map<String, @Nullable String> words(String text) {
        Map<String, @Nullable String> words = new LinkedHashMap<>();
        for (String part : text.split(";", -1)) {
            if (part.isBlank()) {
                continue; // after the last one, for instance
            }
            int equals = part.indexOf('=');
            String word = (equals < 0 ? part : part.substring(0, equals)).strip();
            if (!WITHOUT_VALUE.containsKey(word) && !WITH_DIRECTION.contains(word) && !CONDITIONS.contains(word)) {
                throw new IllegalArgumentException("\"" + word + "\" is unknown (expected: a fault, one of " + faults()
                        + "; or a condition, one of " + String.join(", ", new TreeSet<>(CONDITIONS)) + ")");
            }
            if (words.containsKey(word)) {
                throw new IllegalArgumentException(word + ": given twice; once is enough");
            }
            words.put(word, equals < 0 ? null : part.substring(equals + 1).strip());
        }
        return words;
    }

    private static Fault fault(String word, Map<String, @Nullable String> words) {
        Fault plain = WITHOUT_VALUE.get(word);
        if (plain != null) {
            if (words.containsKey("to")) {
                throw new IllegalArgumentException("to: means nothing for " + word + "; leave it out");
            }
            return withoutValue(word, words, plain);
        }
        Direction given = read(words, "to", FaultText::direction);
        Direction to = given == null ? Direction.BOTH : given;
        if (word.equals("half-open")) {
            return withoutValue(word, words, new Fault.HalfOpen(to));
        }
        Function<String, Fault> reading = switch (word) {
            case "latency" -> value -> latency(to, value);
            case "bandwidth" -> value -> new Fault.Bandwidth(to, amount(value, 1));
            case "close-delay" -> value -> new Fault.CloseDelay(to, time(value));
            case "cut" -> value -> new Fault.Cut(to, amount(value, 0));
            case "corrupt" -> value -> new Fault.Corrupt(to, list(value, FaultText::range));
            case "drop" -> value -> new Fault.Drop(to, list(value, FaultText::range));
            case "loss" -> value -> new Fault.Loss(to, share(value));
            case "duplicate" -> value -> new Fault.Duplicate(to, share(value));
            case "reorder" -> value -> new Fault.Reorder(to, share(value));
            default -> throw new IllegalStateException(word);
        };
        return required(words, word, reading);
    }

    private static Fault withoutValue(String word, Map<String, @Nullable String> words, Fault fault) {
        String value = words.get(word);
        if (value != null) {
            throw new IllegalArgumentException(word + ": \"" + value + "\" (expected: no value)");
        }
        return fault;
    }

    private static FaultScope scope(Map<String, @Nullable String> words) {
        FaultScope scope = FaultScope.ALL;
        List<String> service = read(words, "service", FaultText::service);
        if (service != null) {
            scope = scope.ofService(service.get(0), service.get(1));
        }
        String port = read(words, "port", Function.identity());
        if (port != null) {
            scope = scope.ofPort(port);
        }
        String pod = read(words, "pod", FaultText::name);
        if (pod != null) {
            scope = scope.ofPod(pod);
        }
        SocketAddressSpec endpoint = read(words, "endpoint", FaultText::endpoint);
        if (endpoint != null) {
            scope = scope.ofEndpoint(endpoint);
        }
        List<Ordinals> connections = read(words, "connections", value -> list(value, FaultText::ordinals));
        return connections == null ? scope : scope.ofConnections(connections.toArray(Ordinals[]::new));
    }

    private static <T> @Nullable T read(Map<String, @Nullable String> words, String word, Function<String, T> reading) {
        return words.containsKey(word) ? required(words, word, reading) : null;
    }

    private static <T> T required(Map<String, @Nullable String> words, String word, Function<String, T> reading) {
        String value = words.get(word);
        try {
            return reading.apply(value == null ? "" : value);
        } catch (IllegalArgumentException e) {
            String given = value == null ? "no value" : "\"" + value + "\"";
            throw new IllegalArgumentException(word + ": " + given + " (expected: " + e.getMessage() + ")", e);
        }
    }

    private static <T> List<T> list(String value, Function<String, T> reading) {
        return Arrays.stream(value.split(",", -1))
                .map(String::strip)
                .map(reading)
                .toList();
    }

    private static Direction direction(String value) {
        for (Direction direction : Direction.values()) {
            if (direction.label().equals(value)) {
                return direction;
            }
        }
        throw new IllegalArgumentException("client, backend or both");
    }

    private static Fault latency(Direction to, String value) {
        int tilde = value.indexOf('~');
        if (tilde < 0) {
            return new Fault.Latency(to, time(value), Duration.ZERO);
        }
        Duration delay = time(value.substring(0, tilde).strip());
        Duration jitter = time(value.substring(tilde + 1).strip());
        if (jitter.compareTo(delay) > 0) {
            throw new IllegalArgumentException("a jitter that is not more than the delay, like 100ms~20ms");
        }
        return new Fault.Latency(to, delay, jitter);
    }

    private static Duration time(String value) {
        Matcher part = TIME.matcher(value);
        long millis = 0;
        int end = 0;
        while (end < value.length() && part.find() && part.start() == end) {
            millis += Long.parseLong(part.group(1)) * MILLIS.getOrDefault(part.group(2), 0L);
            end = part.end();
        }
        if (end < value.length() || millis <= 0 || millis > LONGEST.toMillis()) {
            throw new IllegalArgumentException(
                    "a time above zero and at most " + LONGEST.toDays() + "d, like 500ms, 10s or 1m30s");
        }
        return Duration.ofMillis(millis);
    }

    private static long amount(String value, long least) {
        Matcher matcher = AMOUNT.matcher(value);
        if (matcher.matches()) {
            String unit = matcher.group(2);
            long factor = unit == null ? 1 : UNITS.getOrDefault(unit, 1L);
            long count = Long.parseLong(matcher.group(1));
            if (count <= Long.MAX_VALUE / factor && count * factor >= least) {
                return count * factor;
            }
        }
        throw new IllegalArgumentException("a number of bytes, at least " + least + ", like 1000, 64k or 64Ki");
    }

    private static ByteRange range(String value) {
        Matcher matcher = RANGE.matcher(value);
        if (matcher.matches()) {
            String to = matcher.group(2);
            long from = Long.parseLong(matcher.group(1));
            long end = to == null ? Long.MAX_VALUE : Long.parseLong(to);
            if (from < end) {
                return new ByteRange(from, end);
            }
        }
        throw new IllegalArgumentException("positions from 0, the end left out, like 10..20 or 10..");
    }

    private static Ordinals ordinals(String value) {
        Matcher matcher = ORDINALS.matcher(value);
        if (matcher.matches()) {
            long first = Long.parseLong(matcher.group(1));
            String last = matcher.group(3);
            long open = last == null ? Long.MAX_VALUE : Long.parseLong(last);
            long end = matcher.group(2) == null ? first : open;
            if (first >= 1 && first <= end) {
                return new Ordinals(first, end);
            }
        }
        throw new IllegalArgumentException("numbers from 1, like 3,5-7 or 9-");
    }

    private static Share share(String value) {
        Matcher matcher = SHARE.matcher(value);
        if (matcher.matches()) {
            int perMillion = new BigDecimal(matcher.group(1)).movePointRight(4).intValueExact();
            if (perMillion >= 1 && perMillion <= Share.ALL) {
                return new Share(perMillion);
            }
        }
        throw new IllegalArgumentException("above 0% and at most 100%, like 12.5%");
    }

    private static List<String> service(String value) {
        Matcher matcher = SERVICE.matcher(value);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("namespace/name, like default/web");
        }
        return List.of(matcher.group(1), matcher.group(2));
    }

    private static String name(String value) {
        if (!NAME.matcher(value).matches()) {
            throw new IllegalArgumentException("the name of a Pod, like web-1");
        }
        return value;
    }

    private static SocketAddressSpec endpoint(String value) {
        try {
            boolean bracketed = value.startsWith("[");
            int close = value.indexOf(']');
            int colon = value.lastIndexOf(':');
            boolean hasPort = bracketed ? colon == close + 1 : colon >= 0 && colon == value.indexOf(':');
            String host = hasPort ? value.substring(0, colon) : value;
            int port = hasPort ? Integer.parseInt(value.substring(colon + 1)) : 0;
            return new SocketAddressSpec(
                    InetAddresses.parse(bracketed ? host.substring(1, host.length() - 1) : host), port);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("an address, like 10.0.0.1, 10.0.0.1:80 or [fd00::1]:80", e);
        }
    }

    static String write(FaultRule rule) {
        Fault fault = rule.fault();
        StringBuilder text = new StringBuilder(fault.label());
        if (!fault.value().isEmpty()) {
            text.append('=').append(fault.value());
        }
        Direction to = fault.direction();
        add(text, "to", to == null || to == Direction.BOTH ? null : to.label());
        FaultScope scope = rule.scope();
        add(text, "service", scope.service() == null ? null : scope.namespace() + "/" + scope.service());
        add(text, "port", scope.port());
        add(text, "pod", scope.pod());
        add(text, "endpoint", scope.endpoint() == null ? null : write(scope.endpoint()));
        add(text, "connections", scope.connections().isEmpty() ? null : write(scope.connections()));
        add(text, "for", rule.lasting() == null ? null : write(rule.lasting()));
        return text.toString();
    }

    private static void add(StringBuilder text, String word, @Nullable String value) {
        if (value != null) {
            text.append("; ").append(word).append('=').append(value);
        }
    }

    private static String write(SocketAddressSpec endpoint) {
        return endpoint.port() == 0 ? endpoint.address().getHostAddress() : endpoint.toString();
    }

    static String write(List<?> ranges) {
        return ranges.stream().map(Object::toString).collect(Collectors.joining(","));
    }

    /** The shortest way to write it, as {@code 1m30s}; what is less than a millisecond is left out. */
    static String write(Duration time) {
        StringBuilder text = new StringBuilder();
        long left = time.toMillis();
        for (String unit : UNITS_OF_TIME) {
            long millis = MILLIS.getOrDefault(unit, 1L);
            if (left >= millis) {
                text.append(left / millis).append(unit);
                left %= millis;
            }
        }
        return text.isEmpty() ? "0s" : text.toString();
    }
}
