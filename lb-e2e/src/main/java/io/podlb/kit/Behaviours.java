package io.podlb.kit;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which Pods do what: the last rule that fits counts, {@link Pods#standard} where none does. Immutable. */
record Behaviours(List<Rule> rules) {

    Behaviours {
        rules = List.copyOf(rules);
    }

    /** These and one more. */
    Behaviours plus(String pods, PodBehaviour behaviour) {
        List<Rule> more = new ArrayList<>(rules);
        more.add(Rule.of(pods, behaviour));
        return new Behaviours(more);
    }

    /** What a Pod does. */
    PodBehaviour of(Pod pod, @Nullable Workload owner) {
        PodBehaviour found = Pods.standard();
        for (Rule rule : rules) {
            found = rule.fits(pod, owner) ? rule.behaviour : found;
        }
        return found;
    }

    /**
     * Labels, or names.
     *
     * @param labels all of which a Pod must have; empty: the name counts
     * @param name of the Pod or its workload, {@code name} or {@code namespace/name}
     */
    record Rule(Map<String, String> labels, String name, PodBehaviour behaviour) {

        static Rule of(String pods, PodBehaviour behaviour) {
            Map<String, String> labels = new LinkedHashMap<>();
            if (pods.indexOf('=') >= 0) {
                for (String label : pods.split(",", -1)) {
                    int sign = label.indexOf('=');
                    if (sign < 1) {
                        throw new IllegalArgumentException("pods: \"" + pods
                                + "\" (expected: labels like app=web,tier=front, or the name of a workload or Pod)");
                    }
                    labels.put(
                            label.substring(0, sign).strip(),
                            label.substring(sign + 1).strip());
                }
            }
            return new Rule(labels, pods, behaviour);
        }

        boolean fits(Pod pod, @Nullable Workload owner) {
            Map<String, String> has = pod.getMetadata().getLabels();
            if (!labels.isEmpty()) {
                return has != null && has.entrySet().containsAll(labels.entrySet());
            }
            String namespace = pod.getMetadata().getNamespace();
            return isName(namespace, pod.getMetadata().getName()) || owner != null && isName(namespace, owner.name());
        }

        private boolean isName(String namespace, String candidate) {
            return name.equals(candidate) || name.equals(namespace + "/" + candidate);
        }
    }
}
