package io.podlb.control.source;

import io.fabric8.kubernetes.api.model.AnyType;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.Quantity;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import io.podlb.control.cluster.Spelling;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares a plain tree with a model class before Jackson sees it, so that every mistake of an object is told at once,
 * with the path of the field. As the API server does it: fields without a value count as absent, unknown fields are
 * left out with a warning, and nothing is turned from one type into another.
 */
final class ObjectTree {

    private static final Set<Class<?>> NUMBERS = Set.of(Integer.class, Long.class, Double.class);

    private final List<Finding> findings = new ArrayList<>();

    /** What was found by now, in the order of the fields. */
    List<Finding> findings() {
        return findings;
    }

    boolean hasErrors() {
        return findings.stream().anyMatch(finding -> finding.severity == Severity.ERROR);
    }

    /** A copy that fits the class; parts with an error are missing. */
    @Nullable
    Object fit(@Nullable Object tree, Type type, String path) {
        if (tree == null) {
            return null;
        }
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class ? list(tree, arguments[0], path) : map(tree, arguments[1], path);
        }
        return type instanceof Class<?> c ? value(tree, c, path) : tree;
    }

    private @Nullable Object value(Object tree, Class<?> type, String path) {
        if (type == String.class || type == MicroTime.class) {
            return tree instanceof String ? tree : mistyped(tree, path, "text", "put it in quotes");
        }
        if (type == Boolean.class) {
            return tree instanceof Boolean ? tree : mistyped(tree, path, "true or false", "write true or false");
        }
        if (NUMBERS.contains(type)) {
            return number(tree, type, path);
        }
        if (type == IntOrString.class) {
            boolean fits = tree instanceof String || tree instanceof Integer;
            return fits ? tree : mistyped(tree, path, "a number or a name", "write a port number or a port name");
        }
        if (type == Quantity.class) {
            boolean fits = tree instanceof String || tree instanceof Number;
            return fits ? tree : mistyped(tree, path, "a quantity", "write it like 500m or 2Gi");
        }
        boolean free = type == Object.class || type.isInterface() || AnyType.class.isAssignableFrom(type);
        return free || ModelFields.of(type).isEmpty() ? tree : object(tree, type, path);
    }

    private @Nullable Object number(Object tree, Class<?> type, String path) {
        boolean fits = tree instanceof Integer
                || type == Long.class && tree instanceof Long
                || type == Double.class && tree instanceof Number;
        if (fits) {
            return tree;
        }
        return tree instanceof String text && Scalars.resolve(text) instanceof Integer
                ? mistyped(tree, path, "a whole number", "write it without quotes")
                : mistyped(tree, path, "a whole number", "write a whole number");
    }

    private @Nullable Object object(Object tree, Class<?> type, String path) {
        if (!(tree instanceof Map<?, ?> fields)) {
            return mistyped(tree, path, "a mapping", "write fields of the form name: value");
        }
        Map<String, Type> known = ModelFields.of(type);
        Map<String, Object> fitting = new LinkedHashMap<>();
        fields.forEach((key, value) -> {
            String name = (String) key;
            Type expected = known.get(name);
            String place = path.isEmpty() ? name : path + "." + name;
            if (expected == null) {
                findings.add(new Finding(
                        Severity.WARNING,
                        place,
                        "unknown field, ignored",
                        Spelling.suggestion(name, known.keySet(), "remove it or check its place")));
                return;
            }
            Object fitted = fit(value, expected, place);
            if (fitted != null) {
                fitting.put(name, fitted);
            }
        });
        return fitting;
    }

    private @Nullable Object map(Object tree, Type type, String path) {
        if (!(tree instanceof Map<?, ?> entries)) {
            return mistyped(tree, path, "a mapping", "write entries of the form name: value");
        }
        Map<String, Object> fitting = new LinkedHashMap<>();
        entries.forEach((key, value) -> {
            Object fitted = value == null && type == String.class ? "" : fit(value, type, path + "[" + key + "]");
            if (fitted != null) {
                fitting.put((String) key, fitted);
            }
        });
        return fitting;
    }

    private @Nullable Object list(Object tree, Type type, String path) {
        if (!(tree instanceof List<?> elements)) {
            return mistyped(tree, path, "a list", "begin each element with a dash");
        }
        List<Object> fitting = new ArrayList<>(elements.size());
        for (int i = 0; i < elements.size(); i++) {
            String place = path + "[" + i + "]";
            Object element = elements.get(i);
            Object fitted = fit(element, type, place);
            if (element == null) {
                findings.add(
                        new Finding(Severity.ERROR, place, "is empty", "remove the dash or write something behind it"));
            } else if (fitted != null) {
                fitting.add(fitted);
            }
        }
        return fitting;
    }

    private @Nullable Object mistyped(Object tree, String path, String expected, String remedy) {
        String message = Problem.shown(tree) + " is " + typeOf(tree) + " (expected: " + expected + ")";
        findings.add(new Finding(Severity.ERROR, path, message, remedy));
        return null;
    }

    private static String typeOf(Object tree) {
        if (tree instanceof Boolean) {
            return "a boolean, as are unquoted yes, no, on and off";
        }
        if (tree instanceof Number) {
            return tree instanceof Integer ? "a number" : "a large or fractional number";
        }
        return tree instanceof String ? "text" : "no single value";
    }

    /** A mistake in a field. The tree is of no use after an error. */
    record Finding(Severity severity, String path, String message, String remedy) {}
}
