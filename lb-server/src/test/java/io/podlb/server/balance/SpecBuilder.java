package io.podlb.server.balance;

import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.ServicePortSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A service port without front ends; each method returns a changed copy. Backends are named by number. */
record SpecBuilder(String policy, Duration affinity, List<BackendSpec> cluster, List<BackendSpec> local) {

    static SpecBuilder spec() {
        return new SpecBuilder("random", null, List.of(), List.of());
    }

    SpecBuilder policy(String name) {
        return new SpecBuilder(name, affinity, cluster, local);
    }

    SpecBuilder affinity(Duration timeout) {
        return new SpecBuilder(policy, timeout, cluster, local);
    }

    SpecBuilder cluster(int... numbers) {
        return new SpecBuilder(policy, affinity, backends(numbers), local);
    }

    SpecBuilder local(int... numbers) {
        return new SpecBuilder(policy, affinity, cluster, backends(numbers));
    }

    /** One more endpoint of the cluster. */
    SpecBuilder weighted(int number, int weight) {
        List<BackendSpec> more = new ArrayList<>(cluster);
        more.add(Backends.spec(number, weight));
        return new SpecBuilder(policy, affinity, more, local);
    }

    ServicePortSpec build() {
        return new ServicePortSpec(Backends.PORT, List.of(), policy, affinity, cluster, local);
    }

    private static List<BackendSpec> backends(int... numbers) {
        List<BackendSpec> specs = new ArrayList<>();
        for (int number : numbers) {
            specs.add(Backends.spec(number, 1));
        }
        return specs;
    }
}
