package io.podlb.control.translate;

import io.podlb.control.cluster.Durations;
import io.podlb.server.service.ActiveCheck;
import io.podlb.server.service.ActiveCheck.Kind;
import io.podlb.server.service.ClientAddress;
import io.podlb.server.service.ConnectionLimits;
import io.podlb.server.service.ProxyProtocol.Send;
import io.podlb.server.service.TrafficRules.AccessLog;
import io.podlb.server.service.TrafficRules.Rebalance;
import io.podlb.server.service.ZoneSpill;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;

/** Values of traffic settings as people write them. What cannot be read is told as a clause of what was expected. */
final class TrafficValues {

    private static final String OFF = "off";
    private static final String REQUIRED = "required";

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

    /**
     * The same, and {@code on}.
     *
     * @param usual what is meant by {@code on}
     */
    static int countOrOff(String value, int most, int usual) {
        if (value.equals("on")) {
            return usual;
        }
        try {
            return countOrOff(value, most);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a whole number from 1 to " + most + ", on, or " + OFF, e);
        }
    }

    /** {@code 10/s} or {@code 30/m}, as so many in a minute; 0 for {@code off}. */
    static int perMinuteOrOff(String value) {
        if (value.equals(OFF)) {
            return 0;
        }
        boolean wellFormed = value.matches("\\d{1,7}/[sm]");
        long count = wellFormed ? Long.parseLong(value.substring(0, value.length() - 2)) : 0;
        long perMinute = value.endsWith("/s") ? count * 60 : count;
        if (perMinute < 1 || perMinute > ConnectionLimits.MAX_RATE_PER_MINUTE) {
            throw new IllegalArgumentException(
                    "a rate like 10/s or 30/m, up to " + ConnectionLimits.MAX_RATE_PER_MINUTE / 60 + "/s, or " + OFF);
        }
        return (int) perMinute;
    }

    static String perMinuteOrOff(int perMinute) {
        if (perMinute == 0) {
            return OFF;
        }
        return perMinute % 60 == 0 ? perMinute / 60 + "/s" : perMinute + "/m";
    }

    /** {@code queue:2s}; zero for {@code refuse}. */
    static Duration queueOrRefuse(String value) {
        if (value.equals("refuse")) {
            return Duration.ZERO;
        }
        try {
            if (value.startsWith("queue:")) {
                return Durations.parsePositive(value.substring("queue:".length()));
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("queue: and a time " + e.getMessage() + ", or refuse", e);
        }
        throw new IllegalArgumentException("refuse, or queue: and a time, like queue:2s");
    }

    static String queueOrRefuse(Duration time) {
        return time.isZero() ? "refuse" : "queue:" + Durations.text(time);
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

    /** {@code 30s}; zero for {@code off}. */
    static Duration timeOrOff(String value) {
        if (value.equals(OFF)) {
            return Duration.ZERO;
        }
        try {
            return Durations.parsePositive(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a time " + e.getMessage() + ", or " + OFF, e);
        }
    }

    static String timeOrOff(Duration time) {
        return time.isZero() ? OFF : Durations.text(time);
    }

    /** {@code 10/s} or {@code 5%/s}. */
    static Rebalance rateOrOff(String value) {
        if (value.equals(OFF)) {
            return Rebalance.OFF;
        }
        boolean percent = value.endsWith("%/s");
        String digits = value.replaceFirst("%?/s$", "");
        int rate = value.endsWith("/s") && digits.matches("\\d{1,9}") ? Integer.parseInt(digits) : 0;
        if (rate < 1 || rate > (percent ? 100 : Rebalance.MAX_PER_SECOND)) {
            throw new IllegalArgumentException(
                    "a rate like 10/s or 5%/s, up to " + Rebalance.MAX_PER_SECOND + "/s or 100%/s, or " + OFF);
        }
        return percent ? new Rebalance(0, rate) : new Rebalance(rate, 0);
    }

    static String rateOrOff(Rebalance rate) {
        if (!rate.isOn()) {
            return OFF;
        }
        return rate.perSecond() > 0 ? rate.perSecond() + "/s" : rate.percentPerSecond() + "%/s";
    }

    /** {@code 1.5}. */
    static ZoneSpill factorOrOff(String value) {
        if (value.equals(OFF)) {
            return ZoneSpill.OFF;
        }
        int factor = value.matches("\\d{1,3}(\\.\\d{1,2})?")
                ? new BigDecimal(value).movePointRight(2).intValueExact()
                : 0;
        if (factor < ZoneSpill.MIN_FACTOR || factor > ZoneSpill.MAX_FACTOR) {
            throw new IllegalArgumentException(
                    "a factor from 1 to " + ZoneSpill.MAX_FACTOR / 100 + " like 1.5, or " + OFF);
        }
        return new ZoneSpill(factor);
    }

    static String factorOrOff(ZoneSpill spill) {
        return spill.isOn()
                ? BigDecimal.valueOf(spill.loadFactor(), 2).stripTrailingZeros().toPlainString()
                : OFF;
    }

    /** {@code probe}, {@code tcp} or {@code http:/healthz}. */
    static ActiveCheck checkOrOff(String value) {
        if (value.equals(OFF)) {
            return ActiveCheck.OFF;
        }
        if (value.equals("probe")) {
            return new ActiveCheck(Kind.PROBE, "");
        }
        if (value.equals("tcp")) {
            return new ActiveCheck(Kind.TCP, "");
        }
        if (value.matches("http:/[!-~]*")) {
            return new ActiveCheck(Kind.HTTP, value.substring("http:".length()));
        }
        throw new IllegalArgumentException("probe, tcp, a path like http:/healthz, or " + OFF);
    }

    static String checkOrOff(ActiveCheck check) {
        return switch (check.kind()) {
            case NONE -> OFF;
            case PROBE -> "probe";
            case TCP -> "tcp";
            case HTTP -> "http:" + check.path();
        };
    }

    /** {@code sampled} or {@code all}. */
    static AccessLog logOrOff(String value) {
        for (AccessLog log : AccessLog.values()) {
            if (value.equals(logOrOff(log))) {
                return log;
            }
        }
        throw new IllegalArgumentException("sampled, all, or " + OFF);
    }

    static String logOrOff(AccessLog log) {
        return log.name().toLowerCase(Locale.ROOT);
    }

    /** {@code transparent}. */
    static ClientAddress addressOrOff(String value) {
        for (ClientAddress address : ClientAddress.values()) {
            if (value.equals(addressOrOff(address))) {
                return address;
            }
        }
        throw new IllegalArgumentException("transparent, or " + OFF);
    }

    static String addressOrOff(ClientAddress address) {
        return address.name().toLowerCase(Locale.ROOT);
    }

    static String countOrOff(int count) {
        return count == 0 ? OFF : Integer.toString(count);
    }

    /** {@code v1} or {@code v2}. */
    static Send headerOrOff(String value) {
        for (Send header : Send.values()) {
            if (value.equals(headerOrOff(header))) {
                return header;
            }
        }
        throw new IllegalArgumentException("v1, v2, or " + OFF);
    }

    static String headerOrOff(Send header) {
        return header.name().toLowerCase(Locale.ROOT);
    }

    /** {@code required}. */
    static boolean requiredOrOff(String value) {
        if (!value.equals(REQUIRED) && !value.equals(OFF)) {
            throw new IllegalArgumentException(REQUIRED + ", or " + OFF);
        }
        return value.equals(REQUIRED);
    }

    static String requiredOrOff(boolean required) {
        return required ? REQUIRED : OFF;
    }
}
