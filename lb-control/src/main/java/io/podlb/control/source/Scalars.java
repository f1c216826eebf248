package io.podlb.control.source;

import java.math.BigInteger;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The type of an unquoted scalar, as kubectl sees it: YAML 1.1 booleans ({@code yes}, {@code on}) and octals, because a
 * manifest that is read here must mean the same there.
 */
final class Scalars {

    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    private static final Set<String> TRUE =
            Set.of("true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "on", "On", "ON");
    private static final Set<String> FALSE =
            Set.of("false", "False", "FALSE", "no", "No", "NO", "n", "N", "off", "Off", "OFF");
    private static final Pattern DECIMAL = Pattern.compile("[-+]?(?:0|[1-9][0-9_]*)");
    private static final Pattern OTHER_BASE = Pattern.compile("([-+]?)0(?:x([0-9a-fA-F_]+)|b([01_]+)|o?([0-7_]+))");
    private static final Pattern FLOAT =
            Pattern.compile("[-+]?(?:\\.[0-9][0-9_]*|[0-9][0-9_]*(?:\\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?");
    private static final int MAX_NUMBER_CHARS = 64;

    private Scalars() {}

    /** Null, a Boolean, an Integer, Long, BigInteger or Double, or the text itself. */
    static @Nullable Object resolve(String plain) {
        if (NULLS.contains(plain)) {
            return null;
        }
        if (TRUE.contains(plain)) {
            return true;
        }
        if (FALSE.contains(plain)) {
            return false;
        }
        char first = plain.charAt(0);
        boolean maybeNumber = first >= '0' && first <= '9' || first == '-' || first == '+' || first == '.';
        return maybeNumber && plain.length() <= MAX_NUMBER_CHARS ? number(plain) : plain;
    }

    private static Object number(String plain) {
        if (DECIMAL.matcher(plain).matches()) {
            return narrow(new BigInteger(plain.replace("_", "")));
        }
        var other = OTHER_BASE.matcher(plain);
        if (other.matches()) {
            int radix = other.group(2) != null ? 16 : other.group(3) != null ? 2 : 8;
            String digits = plain.substring(other.start(radix == 16 ? 2 : radix == 2 ? 3 : 4))
                    .replace("_", "");
            return digits.isEmpty() ? plain : narrow(new BigInteger(other.group(1) + digits, radix));
        }
        if (FLOAT.matcher(plain).matches()) {
            return Double.valueOf(plain.replace("_", ""));
        }
        return switch (plain) {
            case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF" -> Double.POSITIVE_INFINITY;
            case "-.inf", "-.Inf", "-.INF" -> Double.NEGATIVE_INFINITY;
            case ".nan", ".NaN", ".NAN" -> Double.NaN;
            default -> plain;
        };
    }

    private static Number narrow(BigInteger value) {
        if (value.bitLength() < Integer.SIZE) {
            return value.intValue();
        }
        return value.bitLength() < Long.SIZE ? (Number) value.longValue() : value;
    }
}
