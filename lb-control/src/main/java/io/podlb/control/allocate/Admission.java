package io.podlb.control.allocate;

import io.fabric8.kubernetes.api.model.Service;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Does to the Services of manifests what an API server does before anybody sees them: defaults, validation, cluster IPs
 * and node ports (kube-semantics 16 to 21).
 *
 * <ul>
 *   <li>A Service with an error is left out; if an earlier version of it is in use, that one stays, as an API server
 *       refuses an update. The others are not concerned.
 *   <li>The same manifests get the same addresses whenever they are read, in whatever order. Within a process a Service
 *       keeps what it has, whatever else is edited, until it is removed.
 *   <li>Of two Services that ask for one address or node port, the second in the order read is refused. A Service that
 *       begins to ask for what another has is refused, even if the other did not ask for it; on a fresh start those that
 *       ask come first.
 * </ul>
 */
public final class Admission {

    private Admission() {}

    /**
     * Admits every Service that can be admitted, and looks for mistakes in the objects around them.
     *
     * @param previous that of the last admission in this process with the same options, or {@link Held#NOTHING}
     */
    public static Admitted admit(ClusterState state, AdmissionOptions options, Held previous) {
        List<Draft> drafts = new ArrayList<>();
        Set<Draft> refused = new HashSet<>();
        for (Sourced<Service> service : state.services()) {
            Draft draft = Draft.of(service, options, previous);
            drafts.add(draft);
            if (draft.findings().hasErrors()) {
                refused.add(draft);
            }
        }
        Allocation allocation;
        Set<Draft> more;
        do {
            allocation = new Allocation(drafts, refused, options);
            more = allocation.run();
            refused.addAll(more);
        } while (!more.isEmpty());
        return admitted(drafts, allocation.results(), ObjectRules.check(state));
    }

    private static Admitted admitted(List<Draft> drafts, Map<Draft, Service> results, List<Problem> ofOthers) {
        List<Sourced<Service>> services = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        Map<String, Sourced<Service>> held = new HashMap<>();
        for (Draft draft : drafts) {
            Service complete = results.get(draft);
            Sourced<Service> served = complete == null
                    ? draft.old()
                    : new Sourced<>(complete, draft.read().origin());
            if (served != null) {
                services.add(served);
                held.put(draft.key(), served);
            }
            if (complete == null && served != null) {
                draft.findings().warning("the version before this edit stays in use", "mend the Service");
            }
            problems.addAll(draft.findings().problems());
        }
        problems.addAll(ofOthers);
        return new Admitted(services, problems, new Held(held));
    }
}
