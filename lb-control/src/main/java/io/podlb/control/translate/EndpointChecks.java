package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Pod;
import io.podlb.server.service.ActiveCheck;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.SocketAddressSpec;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which endpoints are to be checked, and how. Pure. */
public final class EndpointChecks {

    private EndpointChecks() {}

    /**
     * The checks of each endpoint of each Service that asks for checks. One without a check that can be made has none,
     * and is as ready as its manifest says.
     *
     * @param pods the Pod of a namespace and a name; null if there is none
     * @param absent addresses where nobody listens though somebody plays the Pod
     */
    public static Map<CheckKey, List<Check>> of(
            Collection<ServicePlan> services,
            BiFunction<String, String, @Nullable Pod> pods,
            Predicate<SocketAddressSpec> absent) {
        Map<CheckKey, List<Check>> checks = new HashMap<>();
        for (ServicePlan service : services) {
            for (PortPlan port : service.ports()) {
                for (FamilyPlan family : port.families()) {
                    if (isChecked(family)) {
                        for (EndpointPlan endpoint : family.endpoints()) {
                            List<Check> all = checks(family.traffic().activeCheck(), service, endpoint, pods).stream()
                                    .filter(check -> !absent.test(check.target()))
                                    .toList();
                            checks.put(new CheckKey(family.name(), endpoint.address()), all);
                        }
                    }
                }
            }
        }
        return checks;
    }

    private static boolean isChecked(FamilyPlan family) {
        return family.name().protocol() == Protocol.TCP
                && family.traffic().activeCheck().isOn();
    }

    private static List<Check> checks(
            ActiveCheck rule,
            ServicePlan service,
            EndpointPlan endpoint,
            BiFunction<String, String, @Nullable Pod> pods) {
        return switch (rule.kind()) {
            case NONE -> List.of();
            case TCP -> List.of(Check.ofEndpoint(endpoint.address(), null));
            case HTTP -> List.of(Check.ofEndpoint(endpoint.address(), rule.path()));
            case PROBE -> {
                String name = endpoint.pod();
                Pod pod = name == null ? null : pods.apply(service.namespace(), name);
                yield pod == null
                        ? List.of()
                        : ReadinessProbes.of(pod, endpoint.address().address());
            }
        };
    }
}
