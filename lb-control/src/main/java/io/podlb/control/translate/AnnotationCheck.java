package io.podlb.control.translate;

import io.podlb.control.cluster.Annotations;
import io.podlb.control.cluster.Durations;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.cluster.Spelling;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.FlowMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads the annotations under {@code podlb.io/} and finds those that mean nothing where they stand. */
final class AnnotationCheck {

    private static final Map<String, Set<String>> KNOWN = new TreeMap<>(Map.of(
            "EndpointSlice", Set.of(Annotations.WEIGHT),
            "Endpoints", Set.of(Annotations.WEIGHT),
            "Pod", Set.of(Annotations.WEIGHT, Annotations.POD_IP, Annotations.FAULT),
            "Service", ofService()));

    private AnnotationCheck() {}

    private static Set<String> ofService() {
        Set<String> known = new TreeSet<>(
                Set.of(Annotations.POLICY, Annotations.UDP_FLOWS, Annotations.UDP_IDLE_TIMEOUT, Annotations.FAULT));
        for (TrafficSetting setting : TrafficSetting.values()) {
            known.add(setting.annotation());
        }
        return known;
    }

    /** The value of an annotation; null without it. */
    static @Nullable String value(Sourced<?> object, String annotation) {
        return annotations(object).get(annotation);
    }

    /** {@code metadata.annotations[podlb.io/weight]}. */
    static String field(String annotation) {
        return "metadata.annotations[" + annotation + "]";
    }

    /** The weight that the object gives to its endpoints; null if it gives none, or a malformed one, which is told. */
    static @Nullable Integer weight(Sourced<?> object, ProblemList problems) {
        String value = value(object, Annotations.WEIGHT);
        if (value == null) {
            return null;
        }
        if (value.matches("[0-9]{1,4}")) {
            int weight = Integer.parseInt(value);
            if (weight >= 1 && weight <= BackendSpec.MAX_WEIGHT) {
                return weight;
            }
        }
        problems.warning(
                object,
                field(Annotations.WEIGHT),
                "\"" + value + "\" is no weight, 1 is used",
                "give a whole number from 1 to " + BackendSpec.MAX_WEIGHT);
        return null;
    }

    /** What the Service says of its UDP flows; the defaults where it says nothing, or something malformed, which is told. */
    static FlowPlan flows(Sourced<?> service, ProblemList problems) {
        return new FlowPlan(udpIdleTimeout(service, problems), flowMode(service, problems));
    }

    private static FlowMode flowMode(Sourced<?> service, ProblemList problems) {
        String value = value(service, Annotations.UDP_FLOWS);
        FlowMode mode = value == null ? FlowMode.PER_CLIENT : FlowMode.labelled(value);
        if (mode != null) {
            return mode;
        }
        problems.warning(
                service,
                field(Annotations.UDP_FLOWS),
                "\"" + value + "\" is no kind of flow (expected: " + String.join(" or ", FlowMode.labels()) + "), "
                        + FlowMode.PER_CLIENT.label() + " is used",
                "choose one of " + String.join(", ", FlowMode.labels()));
        return FlowMode.PER_CLIENT;
    }

    private static @Nullable Duration udpIdleTimeout(Sourced<?> service, ProblemList problems) {
        String value = value(service, Annotations.UDP_IDLE_TIMEOUT);
        if (value == null) {
            return null;
        }
        try {
            return Durations.parsePositive(value);
        } catch (IllegalArgumentException e) {
            problems.warning(
                    service,
                    field(Annotations.UDP_IDLE_TIMEOUT),
                    "\"" + value + "\" is no span of time (expected: " + e.getMessage() + "), the default is used",
                    "write it like 30s");
            return null;
        }
    }

    /** Tells of each annotation under {@code podlb.io/} that means nothing on an object of this kind. */
    static void unknown(Sourced<?> object, ProblemList problems) {
        String kind = object.object().getKind();
        Set<String> known = KNOWN.getOrDefault(kind, Set.of());
        for (String name : new TreeSet<>(annotations(object).keySet())) {
            if (name.startsWith(Annotations.PREFIX) && !known.contains(name)) {
                problems.warning(
                        object, field(name), "means nothing on " + withArticle(kind), remedy(name, known, kind));
            }
        }
    }

    private static String remedy(String name, Set<String> known, String kind) {
        List<String> elsewhere = KNOWN.keySet().stream()
                .filter(other -> KNOWN.getOrDefault(other, Set.of()).contains(name))
                .map(AnnotationCheck::withArticle)
                .toList();
        if (!elsewhere.isEmpty()) {
            return "put it on " + String.join(" or ", elsewhere);
        }
        String nearest = Spelling.nearest(name, known);
        if (nearest != null) {
            return "did you mean " + nearest + "?";
        }
        return known.isEmpty()
                ? "remove it"
                : "known on " + withArticle(kind) + ": " + String.join(", ", new TreeSet<>(known));
    }

    private static String withArticle(String kind) {
        return kind.equals("Endpoints") ? "Endpoints" : (kind.startsWith("E") ? "an " : "a ") + kind;
    }

    private static Map<String, String> annotations(Sourced<?> object) {
        return OrEmpty.map(object.object().getMetadata().getAnnotations());
    }
}
