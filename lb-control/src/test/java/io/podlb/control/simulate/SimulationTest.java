package io.podlb.control.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.Cidr;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SimulationTest {

    private static final Cidr BLOCK = Cidr.parse("127.244.0.0/16");

    private final Simulation simulation = new Simulation(BLOCK, "n0");

    @Test
    void everyReplicaOfADeploymentRunsUnderANameOfItsOwn() {
        Simulated simulated = simulation.simulate(state(deployment(3, "web")));
        assertThat(simulated.state().pods()).hasSize(3).allSatisfy(pod -> {
            assertThat(pod.origin()).hasToString("simulated");
            assertThat(pod.object().getMetadata().getName()).matches("web-[b-z2-9]{10}-[b-z2-9]{5}");
            assertThat(pod.object().getMetadata().getLabels())
                    .containsEntry("app", "web")
                    .containsKey("pod-template-hash");
            assertThat(pod.object().getSpec().getNodeName()).isEqualTo("n0");
            assertThat(pod.object().getStatus().getPhase()).isEqualTo("Running");
            assertThat(pod.object().getStatus().getConditions())
                    .singleElement()
                    .satisfies(condition -> assertThat(condition.getStatus()).isEqualTo("True"));
            assertThat(pod.object().getStatus().getPodIP()).startsWith("127.244.");
        });
        assertThat(simulated.pods()).hasSize(3).allSatisfy(pod -> {
            assertThat(BLOCK.contains(pod.address())).isTrue();
            assertThat(pod.ports()).containsExactly(80);
        });
        assertThat(simulated.pods()).extracting(SimulatedPod::address).doesNotHaveDuplicates();
        assertThat(simulated.pods()).extracting(SimulatedPod::name).doesNotHaveDuplicates();
    }

    @Test
    void scalingKeepsTheFirstOnesAsTheyAre() {
        List<SimulatedPod> three =
                simulation.simulate(state(deployment(3, "web"))).pods();
        List<SimulatedPod> five =
                simulation.simulate(state(deployment(5, "web"))).pods();
        assertThat(five).hasSize(5).startsWith(three.toArray(SimulatedPod[]::new));
        assertThat(simulation.simulate(state(deployment(2, "web"))).pods()).isEqualTo(three.subList(0, 2));
    }

    @Test
    void aRestartGivesTheSamePodsAndAddresses() {
        ClusterState state = state(deployment(20, "web"), deployment(20, "api"));
        assertThat(new Simulation(BLOCK, "n0").simulate(state)).isEqualTo(simulation.simulate(state));
    }

    @Test
    void anEditedTemplateReplacesAllPodsOfADeployment() {
        Deployment edited = new DeploymentBuilder(deployment(3, "web"))
                .editSpec()
                .editTemplate()
                .editSpec()
                .editFirstContainer()
                .withImage("nginx:2")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
        assertThat(simulation.simulate(state(edited)).pods())
                .extracting(SimulatedPod::name)
                .doesNotContainAnyElementsOf(simulation.simulate(state(deployment(3, "web"))).pods().stream()
                        .map(SimulatedPod::name)
                        .toList());
    }

    @Test
    void podsOfAStatefulSetAreNumbered() {
        HasMetadata set = new StatefulSetBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("db")
                .endMetadata()
                .withNewSpec()
                .withReplicas(2)
                .withTemplate(deployment(1, "db").getSpec().getTemplate())
                .endSpec()
                .build();
        assertThat(simulation.simulate(state(set)).pods())
                .extracting(SimulatedPod::name)
                .containsExactly("db-0", "db-1");
    }

    @Test
    void aReplicaSetCountsUnlessADeploymentOwnsIt() {
        ReplicaSetBuilder set = new ReplicaSetBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("rs")
                .endMetadata()
                .withNewSpec()
                .withTemplate(deployment(1, "rs").getSpec().getTemplate())
                .endSpec();
        assertThat(simulation.simulate(state(set.build())).pods())
                .singleElement()
                .satisfies(pod -> assertThat(pod.name()).matches("rs-[b-z2-9]{5}"));
        set.editMetadata()
                .addNewOwnerReference()
                .withKind("Deployment")
                .withName("web")
                .endOwnerReference()
                .endMetadata();
        assertThat(simulation.simulate(state(set.build())).pods()).isEmpty();
    }

    @Test
    void aPodWithAnAddressIsLeftAlone() {
        Pod real = pod("real");
        real.setStatus(new io.fabric8.kubernetes.api.model.PodStatusBuilder()
                .withPodIP("10.244.0.7")
                .build());
        Pod annotated = pod("annotated");
        annotated.getMetadata().setAnnotations(Map.of("podlb.io/pod-ip", "10.244.0.8"));
        Pod done = pod("done");
        done.setStatus(new io.fabric8.kubernetes.api.model.PodStatusBuilder()
                .withPhase("Succeeded")
                .build());
        ClusterState state = state(real, annotated, done);
        Simulated simulated = simulation.simulate(state);
        assertThat(simulated.pods()).isEmpty();
        assertThat(simulated.state()).isEqualTo(state);
    }

    @Test
    void whatAPodSaysOfItsReadinessStays() {
        Pod unready = pod("unready");
        unready.setStatus(new io.fabric8.kubernetes.api.model.PodStatusBuilder()
                .addNewCondition()
                .withType("Ready")
                .withStatus("False")
                .endCondition()
                .build());
        assertThat(simulation.simulate(state(unready)).state().pods())
                .singleElement()
                .satisfies(pod -> assertThat(pod.object().getStatus().getConditions())
                        .singleElement()
                        .satisfies(
                                condition -> assertThat(condition.getStatus()).isEqualTo("False")));
    }

    @Test
    void aTargetPortThatNoContainerDeclaresIsListenedOn() {
        Service service = new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("web")
                .endMetadata()
                .withNewSpec()
                .addToSelector("app", "web")
                .addNewPort()
                .withPort(80)
                .withNewTargetPort(8080)
                .endPort()
                .addNewPort()
                .withPort(9000)
                .endPort()
                .addNewPort()
                .withPort(53)
                .withProtocol("UDP")
                .endPort()
                .endSpec()
                .build();
        assertThat(simulation.simulate(state(deployment(1, "web"), service)).pods())
                .singleElement()
                .satisfies(pod -> {
                    assertThat(pod.ports()).containsExactly(80, 8080, 9000);
                    assertThat(pod.udpPorts()).containsExactly(53);
                });
    }

    @Test
    void simulatesNoMoreThanItCan() {
        Simulated simulated = simulation.simulate(state(deployment(5000, "web")));
        assertThat(simulated.pods()).hasSize(Simulation.MAX_PODS);
        assertThat(simulated.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.severity()).isEqualTo(Problem.Severity.WARNING);
            assertThat(problem.toString()).contains("spec.replicas", "5000", "1000");
        });
    }

    private static Pod pod(String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .build();
    }

    private static Deployment deployment(int replicas, String name) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", name)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("main")
                .withImage("nginx")
                .addNewPort()
                .withContainerPort(80)
                .endPort()
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private static ClusterState state(HasMetadata... objects) {
        List<Sourced<HasMetadata>> all = Arrays.stream(objects)
                .map(object -> new Sourced<>(object, new Origin("test.yaml", 1)))
                .toList();
        return new ClusterState(
                of(Service.class, all),
                of(Pod.class, all),
                List.of(),
                List.of(),
                List.of(),
                all.stream()
                        .filter(each -> !(each.object() instanceof Pod) && !(each.object() instanceof Service))
                        .toList());
    }

    private static <T extends HasMetadata> List<Sourced<T>> of(Class<T> type, List<Sourced<HasMetadata>> all) {
        return all.stream()
                .filter(each -> type.isInstance(each.object()))
                .map(each -> new Sourced<>(type.cast(each.object()), each.origin()))
                .toList();
    }
}
