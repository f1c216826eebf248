package io.podlb.control.allocate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem.Severity;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.Cidr;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random manifests and edits in ranges so small that everything collides. */
class AdmissionModelTest {

    private static final AdmissionOptions TIGHT = new AdmissionOptions(
            List.of(Cidr.parse("10.0.0.0/27"), Cidr.parse("fd00::/123")), PortRange.parse("30000-30039"));
    private static final int STEPS = 150;
    private static final List<String> TYPES =
            List.of("ClusterIP", "NodePort", "NodePort", "LoadBalancer", "ExternalName");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void nothingIsSharedAndWhatIsHeldStays(long seed) {
        Random random = new Random(seed);
        Map<String, String> manifests = new LinkedHashMap<>();
        Map<String, String> previous = Map.of();
        Admitted admitted = new Admitted(List.of(), List.of(), Held.NOTHING);
        for (int step = 0; step < STEPS; step++) {
            edit(manifests, random);
            Map<String, Service> before = byName(admitted);
            admitted = admit(new ArrayList<>(manifests.keySet()), manifests, admitted.held());
            Map<String, Service> after = byName(admitted);
            requireNothingShared(after);
            requireErrorWhereRefused(admitted, manifests.keySet(), after);
            for (Map.Entry<String, Service> entry : before.entrySet()) {
                String name = entry.getKey();
                if (manifests.containsKey(name)) {
                    assertThat(after).as("step %s: %s", step, name).containsKey(name);
                    if (manifests.get(name).equals(previous.get(name))) {
                        assertThat(claims(after.get(name)))
                                .as("step %s: %s was not edited", step, name)
                                .isEqualTo(claims(entry.getValue()));
                    }
                }
            }
            previous = new HashMap<>(manifests);
            // An edit that was refused may be followed at any later time, when what it asks for is free.
            previous.keySet().removeAll(refused(admitted));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16})
    void aFreshStartGivesTheSameInWhateverOrderFilesAreRead(long seed) {
        Random random = new Random(seed);
        Map<String, String> manifests = new LinkedHashMap<>();
        for (int i = 0; i < 12; i++) {
            // No two ask for the same, for then the order decides by rule.
            manifests.put(
                    "s" + i,
                    random.nextInt(3) == 0
                            ? "{type: NodePort, clusterIP: 10.0.0." + (2 + i) + ", ports: [{port: 80, nodePort: "
                                    + (30000 + 3 * i) + "}]}"
                            : "{type: NodePort, ipFamilyPolicy: PreferDualStack, ports: [{port: 80, name: a}, {port: 81, name: b}]}");
        }
        List<String> order = new ArrayList<>(manifests.keySet());
        Map<String, Service> expected = byName(admit(order, manifests, Held.NOTHING));
        assertThat(expected).hasSize(12);
        for (int i = 0; i < 10; i++) {
            Collections.shuffle(order, random);
            assertThat(byName(admit(order, manifests, Held.NOTHING))).isEqualTo(expected);
        }
    }

    private static void edit(Map<String, String> manifests, Random random) {
        for (int i = random.nextInt(3); i >= 0; i--) {
            String name = "s" + random.nextInt(14);
            if (random.nextInt(4) == 0) {
                manifests.remove(name);
            } else {
                manifests.put(name, spec(random));
            }
        }
    }

    /** About one in ten is invalid by itself. */
    private static String spec(Random random) {
        String type = TYPES.get(random.nextInt(TYPES.size()));
        StringBuilder spec = new StringBuilder("{type: " + type);
        if (type.equals("ExternalName")) {
            return spec.append(", externalName: a.b}").toString();
        }
        if (random.nextInt(4) == 0) {
            spec.append(", clusterIP: 10.0.0." + (1 + random.nextInt(30)));
        }
        if (random.nextInt(3) == 0) {
            spec.append(", ipFamilyPolicy: PreferDualStack");
        }
        if (type.equals("LoadBalancer") && random.nextBoolean()) {
            spec.append(", externalTrafficPolicy: Local");
        }
        spec.append(", ports: [");
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            spec.append("{name: p" + i + ", port: " + (random.nextInt(20) == 0 ? 0 : i));
            if (!type.equals("ClusterIP") && random.nextInt(3) == 0) {
                spec.append(", nodePort: " + (30000 + random.nextInt(40)));
            }
            spec.append("}, ");
        }
        return spec.append("]}").toString();
    }

    private static Admitted admit(List<String> order, Map<String, String> manifests, Held held) {
        List<Sourced<Service>> services = new ArrayList<>();
        for (String name : order) {
            services.add(new Sourced<>(
                    Cluster.sourced(
                                    "{kind: Service, metadata: {name: " + name + "}, spec: " + manifests.get(name)
                                            + "}",
                                    Service.class)
                            .object(),
                    new Origin(name + ".yaml", 1)));
        }
        return Admission.admit(
                new ClusterState(services, List.of(), List.of(), List.of(), List.of(), List.of()), TIGHT, held);
    }

    private static Map<String, Service> byName(Admitted admitted) {
        Map<String, Service> byName = new HashMap<>();
        admitted.services()
                .forEach(service -> byName.put(service.object().getMetadata().getName(), service.object()));
        return byName;
    }

    private static void requireErrorWhereRefused(
            Admitted admitted, Iterable<String> names, Map<String, Service> served) {
        Set<String> refused = refused(admitted);
        names.forEach(name -> assertThat(served.containsKey(name) || refused.contains(name))
                .as(name)
                .isTrue());
    }

    private static Set<String> refused(Admitted admitted) {
        return admitted.problems().stream()
                .filter(problem -> problem.severity() == Severity.ERROR)
                .map(problem -> String.valueOf(problem.object()).replace("Service default/", ""))
                .collect(Collectors.toSet());
    }

    private static void requireNothingShared(Map<String, Service> services) {
        Map<Object, String> owners = new HashMap<>();
        services.forEach((name, service) -> claims(service).forEach(claim -> {
            String other = owners.put(claim, name);
            assertThat(other).as("%s of %s", claim, name).isNull();
        }));
        services.values().forEach(service -> {
            ServiceSpec spec = service.getSpec();
            boolean external = spec.getType().equals("ExternalName");
            assertThat(spec.getClusterIPs())
                    .hasSize(external ? 0 : spec.getIpFamilies().size());
            for (ServicePort port : spec.getPorts()) {
                assertThat(ServiceTypes.nodePort(port) != 0).isEqualTo(ServiceTypes.usesNodePorts(spec));
            }
        });
    }

    /** Everything that nobody else may have. */
    private static List<Object> claims(Service service) {
        List<Object> claims = new ArrayList<>(service.getSpec().getClusterIPs());
        claims.addAll(CarryOver.nodePorts(service.getSpec()));
        if (ServiceTypes.healthCheckNodePort(service.getSpec()) != 0) {
            claims.add(ServiceTypes.healthCheckNodePort(service.getSpec()));
        }
        return claims;
    }
}
