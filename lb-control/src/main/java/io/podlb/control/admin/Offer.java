package io.podlb.control.admin;

import io.podlb.control.translate.EndpointPlan;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.server.balance.Policies;
import io.podlb.server.service.EndpointSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a new connection can get from one set of endpoints.
 *
 * @param endpoints those that it can get
 * @param shares the part of connections that each is expected to get; null where the policy has no fixed shares
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and filled by its maker alone
record Offer(List<EndpointPlan> endpoints, double @Nullable [] shares) {

    static Offer of(FamilyPlan family, EndpointSet set, Policies policies) {
        List<EndpointPlan> endpoints = family.usable(set);
        int[] weights = endpoints.stream().mapToInt(EndpointPlan::weight).toArray();
        return new Offer(endpoints, policies.expectedShares(family.policy(), weights));
    }

    /** Share of one of them, from 0 to 1; null where there is no fixed one. */
    @Nullable
    Double share(int index) {
        return shares == null ? null : (Double) shares[index];
    }
}
