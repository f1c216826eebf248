package io.podlb.control;

import io.podlb.control.allocate.AdmissionOptions;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.balance.Policies;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * Settings of an {@link Embedded} podlb; immutable.
 *
 * @param nodeName the node that it is
 * @param admission where cluster IPs and node ports come from
 * @param policy balancing policy of a Service that names none
 * @param traffic what a Service asks for beyond Kubernetes unless its annotations say otherwise
 * @param seed of every random choice; the same seed and the same calls give the same choices, as far as clients come in
 *     the same order
 * @param places where to bind each front end, called as {@link io.podlb.control.address.AddressMap} says
 * @param dataPlane completes the settings of the data plane; its random sources and policies are set already
 */
public record EmbeddedOptions(
        String nodeName,
        AdmissionOptions admission,
        String policy,
        TrafficRules traffic,
        long seed,
        BiFunction<ServicePortName, FrontendPlan, List<SocketAddressSpec>> places,
        UnaryOperator<LoadBalancerConfig.Builder> dataPlane) {

    /**
     * What {@code lb run} would do without options, but for the places.
     *
     * @param places where to bind each front end
     */
    public static EmbeddedOptions of(
            String nodeName, long seed, BiFunction<ServicePortName, FrontendPlan, List<SocketAddressSpec>> places) {
        return new EmbeddedOptions(
                nodeName,
                AdmissionOptions.DEFAULT,
                Policies.DEFAULT,
                TrafficRules.NONE,
                seed,
                places,
                UnaryOperator.identity());
    }

    /** The same with another default policy. */
    public EmbeddedOptions withPolicy(String name) {
        return new EmbeddedOptions(nodeName, admission, name, traffic, seed, places, dataPlane);
    }

    /** The same with other ranges of cluster IPs and node ports. */
    public EmbeddedOptions withAdmission(AdmissionOptions other) {
        return new EmbeddedOptions(nodeName, other, policy, traffic, seed, places, dataPlane);
    }

    /** The same with another completion of the settings of the data plane. */
    public EmbeddedOptions withDataPlane(UnaryOperator<LoadBalancerConfig.Builder> completion) {
        return new EmbeddedOptions(nodeName, admission, policy, traffic, seed, places, completion);
    }
}
