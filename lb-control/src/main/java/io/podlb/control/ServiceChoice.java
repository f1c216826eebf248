package io.podlb.control;

import io.podlb.control.admin.ControlView;
import io.podlb.control.cluster.Spelling;
import io.podlb.control.translate.ServicePlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which Services somebody asked for.
 *
 * @param namespace those of this namespace alone; null for all
 * @param service {@code NAME} or {@code NAMESPACE/NAME}; null for all
 */
record ServiceChoice(@Nullable String namespace, @Nullable String service) {

    /** The view with the chosen ones. */
    ControlView of(ControlView view) {
        ControlView chosen = view.only(this::includes);
        if (chosen.services().isEmpty() && service != null) {
            List<String> known = view.services().stream()
                    .filter(plan -> namespace == null || plan.namespace().equals(namespace))
                    .map(plan -> service.indexOf('/') < 0 ? plan.name() : plan.namespace() + "/" + plan.name())
                    .distinct()
                    .toList();
            throw CommandFailure.usage("no Service \"" + service + "\""
                    + (namespace == null ? "" : " in namespace " + namespace) + "; "
                    + Spelling.suggestion(
                            service, known, known.isEmpty() ? "there are none" : "there are " + shown(known)));
        }
        return chosen;
    }

    private boolean includes(ServicePlan plan) {
        boolean inNamespace = namespace == null || plan.namespace().equals(namespace);
        return inNamespace
                && (service == null
                        || plan.name().equals(service)
                        || (plan.namespace() + "/" + plan.name()).equals(service));
    }

    private static String shown(List<String> names) {
        int most = 10;
        return String.join(", ", names.subList(0, Math.min(most, names.size())))
                + (names.size() > most ? " and " + (names.size() - most) + " more" : "");
    }
}
