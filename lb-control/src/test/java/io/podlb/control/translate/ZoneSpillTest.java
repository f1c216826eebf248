package io.podlb.control.translate;

import static io.podlb.control.translate.Given.only;
import static io.podlb.control.translate.Given.service;
import static io.podlb.control.translate.Given.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.podlb.server.balance.Policies;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.service.SocketAddressSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What leaves zone-a, where node n0 is, although hints would keep it there. */
class ZoneSpillTest {

    private static FamilyPlan plan(String spill, String... endpoints) {
        return only(Given.plan(
                service(builder -> builder.editMetadata()
                        .addToAnnotations("podlb.io/zone-spill", spill)
                        .endMetadata()),
                List.of(slice("s", endpoints))));
    }

    /** So many endpoints of weight 1 in zones a, b and c, each hinted for its own zone. */
    private static FamilyPlan plan(String spill, int inA, int inB, int inC) {
        List<String> endpoints = new ArrayList<>();
        int[] counts = {inA, inB, inC};
        for (int zone = 0; zone < counts.length; zone++) {
            String name = "zone-" + "abc".charAt(zone);
            for (int i = 0; i < counts[zone]; i++) {
                endpoints.add(endpoints.size() + 1 + " ready " + name + " for:" + name);
            }
        }
        return plan(spill, endpoints.toArray(String[]::new));
    }

    /** The part of connections that each zone gets under the weights of the plan. */
    private static double share(FamilyPlan plan, String zone) {
        int[] weights = plan.cluster().stream().mapToInt(EndpointPlan::weight).toArray();
        double[] shares = Policies.standard(RandomSource.seeded(1)).expectedShares("random", weights);
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += zone.equals(plan.cluster().get(i).zone()) ? shares[i] : 0;
        }
        return sum;
    }

    @ParameterizedTest
    @CsvSource({
        // spill, endpoints in a, b, c, load factor of a, shares that a, b and c get
        "1.5, 1, 4, 4, 3.0, 0.5, 0.25, 0.25", // a third of the load on a ninth of the endpoints
        "1.0, 1, 4, 4, 3.0, 0.3333, 0.3333, 0.3333",
        "1.2, 1, 1, 4, 2.0, 0.6, 0, 0.4", // b is as small as a: nothing for it
        "2.5, 1, 9, 0, 5.0, 0.5, 0.5, 0"
    })
    void whatIsAboveTheFactorGoesToZonesThatHaveLess(
            String spill, int inA, int inB, int inC, double factor, double a, double b, double c) {
        FamilyPlan plan = plan(spill, inA, inB, inC);
        assertThat(plan.topology()).isEqualTo(Topology.ZONE);
        assertThat(plan.spill().loadFactor()).isCloseTo(factor, within(1e-9));
        assertThat(plan.spill().kept()).isCloseTo(a, within(1e-4));
        assertThat(share(plan, "zone-a")).isCloseTo(a, within(2e-3));
        assertThat(share(plan, "zone-b")).isCloseTo(b, within(2e-3));
        assertThat(share(plan, "zone-c")).isCloseTo(c, within(2e-3));
    }

    @ParameterizedTest
    @CsvSource({"off, 1, 4, 4", "3, 1, 4, 4", "1.5, 3, 3, 3", "1, 4, 1, 1", "1, 3, 0, 0"})
    void nothingLeavesAZoneThatIsNotOverloaded(String spill, int inA, int inB, int inC) {
        FamilyPlan plan = plan(spill, inA, inB, inC);
        assertThat(plan.spill()).isNull();
        assertThat(plan.cluster()).hasSize(inA).allMatch(endpoint -> endpoint.weight() == 1);
    }

    @Test
    void withoutHintsThereIsNothingToSpill() {
        FamilyPlan plan = plan("1", "1 ready zone-a", "2 ready zone-b", "3 ready zone-b");
        assertThat(plan.spill()).isNull();
        assertThat(plan.cluster()).hasSize(3);
    }

    @Test
    void onlyReadyEndpointsCountAndAreUsed() {
        FamilyPlan plan = plan(
                "1.5",
                "1 ready zone-a for:zone-a",
                "2 unready zone-a for:zone-a",
                "3 ready zone-b for:zone-b",
                "4 ready zone-b for:zone-b",
                "5 ready zone-b for:zone-b",
                "6 terminating zone-b");
        assertThat(plan.spill().loadFactor()).isCloseTo(2, within(1e-9));
        assertThat(plan.spill().zones()).containsExactly("zone-b");
        assertThat(Given.addresses(plan.cluster()))
                .isEqualTo("10.244.0.1:8080 10.244.0.3:8080 10.244.0.4:8080 10.244.0.5:8080");
    }

    /** The data plane keeps one weight for each address. */
    @Test
    void bothSetsSayTheSameWeights() {
        FamilyPlan plan = plan(
                "1.5",
                "1 ready n0 zone-a for:zone-a",
                "2 ready n1 zone-b for:zone-b",
                "3 ready n1 zone-b for:zone-b",
                "4 ready n1 zone-b for:zone-b");
        assertThat(plan.local()).hasSize(1);
        assertThat(plan.cluster()).containsAll(plan.local());
    }

    @Test
    void theSpillReachesTheDataPlane() {
        var spec = ServicePortSpecs.of(plan("1.5", 1, 4, 4), frontend -> List.<SocketAddressSpec>of());
        assertThat(spec.cluster()).hasSize(9);
        assertThat(spec.cluster().get(0).weight())
                .isEqualTo(8 * spec.cluster().get(8).weight());
    }
}
