package io.podlb.control.translate;

import io.podlb.server.service.TrafficRules;
import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the translation does not find in Kubernetes objects.
 *
 * @param defaultPolicy balancing policy of a Service that names none
 * @param defaultTraffic what a Service asks for beyond Kubernetes unless its annotations say otherwise
 * @param trustsProxies whether there are proxies that are believed whom they speak for
 * @param policies every policy that a Service may name
 * @param allowLoopbackEndpoints whether endpoints may be in 127.0.0.0/8 or ::1, which the API server forbids; labs need
 *     them
 * @param proxyName serve only Services and slices whose label {@code service.kubernetes.io/service-proxy-name} is this
 *     (kube-semantics 1.2); null: serve those without the label (1.1)
 * @param faults whether faults that objects ask for are done
 */
public record TranslateOptions(
        String defaultPolicy,
        TrafficRules defaultTraffic,
        boolean trustsProxies,
        SortedSet<String> policies,
        boolean allowLoopbackEndpoints,
        @Nullable String proxyName,
        FaultPermission faults) {

    public TranslateOptions {
        policies = Collections.unmodifiableSortedSet(new TreeSet<>(policies));
        if (!policies.contains(defaultPolicy)) {
            throw new IllegalArgumentException(
                    "defaultPolicy: " + defaultPolicy + " (expected: one of " + policies + ")");
        }
    }

    /** Without faults. */
    public TranslateOptions(
            String defaultPolicy,
            TrafficRules defaultTraffic,
            boolean trustsProxies,
            SortedSet<String> policies,
            boolean allowLoopbackEndpoints,
            @Nullable String proxyName) {
        this(
                defaultPolicy,
                defaultTraffic,
                trustsProxies,
                policies,
                allowLoopbackEndpoints,
                proxyName,
                FaultPermission.NOT_GIVEN);
    }

    /** Without anything beyond Kubernetes. */
    public TranslateOptions(
            String defaultPolicy,
            SortedSet<String> policies,
            boolean allowLoopbackEndpoints,
            @Nullable String proxyName) {
        this(defaultPolicy, TrafficRules.NONE, false, policies, allowLoopbackEndpoints, proxyName);
    }

    /** The same with another permission for faults. */
    public TranslateOptions withFaults(FaultPermission other) {
        return new TranslateOptions(
                defaultPolicy, defaultTraffic, trustsProxies, policies, allowLoopbackEndpoints, proxyName, other);
    }

    /** Whether this is a node of a cluster, where the kubelet says which Pods are ready. */
    boolean isNode() {
        return faults == FaultPermission.IMPOSSIBLE;
    }

    /** Whether the labels hide a Service or slice from this proxy; the label to blame, null if they do not. */
    @Nullable
    String hiddenBy(Map<String, String> labels) {
        boolean mine = proxyName == null
                ? !labels.containsKey(WellKnown.PROXY_NAME)
                : proxyName.equals(labels.get(WellKnown.PROXY_NAME));
        if (!mine) {
            return WellKnown.PROXY_NAME;
        }
        return labels.containsKey(WellKnown.HEADLESS) ? WellKnown.HEADLESS : null;
    }
}
