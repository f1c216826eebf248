package io.podlb.control;

import io.podlb.control.address.AddressMap;
import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.address.HighPorts;
import io.podlb.control.address.NodePortAddresses;
import io.podlb.control.allocate.AdmissionOptions;
import io.podlb.control.allocate.PortRange;
import io.podlb.control.cluster.Spelling;
import io.podlb.control.translate.FaultPermission;
import io.podlb.control.translate.TranslateOptions;
import io.podlb.server.balance.Policies;
import io.podlb.server.balance.RandomSource;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides what a Service does on this node, checked as a whole.
 *
 * @param random where jitter comes from; the policies have a source of their own
 * @param admission where cluster IPs and node ports come from
 * @param simulatePods whether to play the Pods that have no address
 */
record Settings(
        String nodeName,
        AdmissionOptions admission,
        ClusterIpMode mode,
        NodePortAddresses nodePortAddresses,
        Policies policies,
        RandomSource random,
        TranslateOptions translation,
        boolean simulatePods) {

    /**
     * Reads the options of a verb.
     *
     * @param defaultMode if the user has chosen none
     * @throws CommandFailure if one of them cannot be meant so
     */
    static Settings of(NodeOptions options, ClusterIpMode defaultMode, boolean simulatePods) {
        return of(options, defaultMode, simulatePods, true, null);
    }

    /**
     * The same for a node of a cluster.
     *
     * @param proxyName serve the objects with this label alone; null: those without it (kube-semantics 1.1, 1.2)
     */
    static Settings ofNode(NodeOptions options, @Nullable String proxyName) {
        if (options.traffic.rules().activeCheck().isOn()) {
            throw CommandFailure.usage(
                    "--active-check: lb node makes no checks, kubelets say which Pods are ready; leave it out");
        }
        return of(options, ClusterIpMode.BIND, false, false, proxyName).withFaults(FaultPermission.IMPOSSIBLE);
    }

    private static Settings of(
            NodeOptions options,
            ClusterIpMode defaultMode,
            boolean simulatePods,
            boolean loopbackEndpoints,
            @Nullable String proxyName) {
        Long seed = options.seed;
        Policies policies = Policies.standard(seed == null ? RandomSource.system() : RandomSource.seeded(seed));
        // A stream of its own: jitter is drawn at moments that differ from run to run, and must not move picks on.
        RandomSource jitter = seed == null ? RandomSource.system() : RandomSource.seeded(seed, "jitter");
        if (!policies.names().contains(options.policy)) {
            throw CommandFailure.usage("--policy: no policy \"" + options.policy + "\"; "
                    + Spelling.suggestion(
                            options.policy, policies.names(), "choose one of " + String.join(", ", policies.names())));
        }
        String name = options.nodeName == null ? Machine.name() : options.nodeName;
        if (name.isBlank()) {
            throw CommandFailure.usage("--node-name: the name is empty; give the one that endpoints say");
        }
        return new Settings(
                name,
                admission(options),
                options.clusterIpMode == null ? defaultMode : options.clusterIpMode,
                nodePortAddresses(options),
                policies,
                jitter,
                new TranslateOptions(
                        options.policy,
                        options.traffic.rules(),
                        !options.traffic.trustedProxies.isEmpty(),
                        policies.names(),
                        options.allowLoopbackEndpoints == null ? loopbackEndpoints : options.allowLoopbackEndpoints,
                        proxyName),
                simulatePods);
    }

    /** The same with another permission for faults; not given by default. */
    Settings withFaults(FaultPermission faults) {
        return new Settings(
                nodeName,
                admission,
                mode,
                nodePortAddresses,
                policies,
                random,
                translation.withFaults(faults),
                simulatePods);
    }

    private static NodePortAddresses nodePortAddresses(NodeOptions options) {
        try {
            return NodePortAddresses.parse(options.nodePortAddresses);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("--node-port-addresses: " + e.getMessage());
        }
    }

    private static AdmissionOptions admission(NodeOptions options) {
        try {
            return new AdmissionOptions(options.serviceRanges, options.nodePorts);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("--service-cidr: " + e.getMessage());
        }
    }

    /** An address map in which nothing is placed. */
    AddressMap addressMap() {
        try {
            PortRange highPorts = mode == ClusterIpMode.BIND
                    ? new PortRange(20000, 27999)
                    : HighPorts.choose(admission.nodePortRange(), Machine.ephemeralPorts());
            return AddressMap.of(
                    mode, admission.serviceCidrs(), nodePortAddresses, NodePortAddresses::ofInterfaces, highPorts);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()));
        }
    }
}
