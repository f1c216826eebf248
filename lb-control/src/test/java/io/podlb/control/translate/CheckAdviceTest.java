package io.podlb.control.translate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What people are told of active checks that are not made, or not as they may think. */
class CheckAdviceTest {

    private static final String FIELD =
            "web.yaml, document 1: Service default/web: metadata.annotations[podlb.io/active-check]: ";

    private static final Probe COMMAND =
            new ProbeBuilder().withNewExec().withCommand("true").endExec().build();
    private static final Probe HTTPS = new ProbeBuilder()
            .withNewHttpGet()
            .withScheme("HTTPS")
            .withNewPort(8443)
            .endHttpGet()
            .build();
    private static final Probe GRPC =
            new ProbeBuilder().withNewGrpc().withPort(9000).endGrpc().build();
    private static final Probe HTTP =
            new ProbeBuilder().withNewHttpGet().withNewPort(80).endHttpGet().build();

    @Test
    void probesThatCanBeMadeAreNoMatter() {
        assertThat(problems("probe", Given.OPTIONS, HTTP)).isEmpty();
        assertThat(problems("tcp", Given.OPTIONS, COMMAND, HTTPS)).isEmpty();
        assertThat(problems(null, Given.OPTIONS, COMMAND)).isEmpty();
    }

    @Test
    void aProbeThatRunsACommandIsNotMade() {
        assertThat(problems("probe", Given.OPTIONS, HTTP, COMMAND, COMMAND))
                .containsExactly(
                        FIELD + "Pod p1 and 1 more: runs a command in its readiness probe, which cannot be done"
                                + " from here; that container is as ready as its manifest says; use httpGet or tcpSocket, or the"
                                + " check tcp or http:/PATH");
    }

    @Test
    void aProbeOverHttpsOrGrpcIsAConnect() {
        for (Probe probe : List.of(HTTPS, GRPC)) {
            assertThat(problems("probe", Given.OPTIONS, probe))
                    .containsExactly(
                            FIELD + "Pod p0: asks over HTTPS or gRPC in its readiness probe, which is checked by"
                                    + " a connect alone; use httpGet over HTTP if the answer matters");
        }
    }

    @Test
    void aNodeOfAClusterMakesNoChecks() {
        assertThat(problems("tcp", Given.OPTIONS.withFaults(FaultPermission.IMPOSSIBLE), HTTP))
                .containsExactly(FIELD + "has no effect: under lb node the kubelets say which Pods are ready; give the"
                        + " Pods readiness probes");
    }

    private static List<String> problems(String check, TranslateOptions options, Probe... probes) {
        Sourced<Service> service = Given.service(builder -> {
            var changed = Given.spec(spec -> spec.addToSelector("app", "web")).apply(builder);
            return check == null
                    ? changed
                    : changed.editMetadata()
                            .addToAnnotations("podlb.io/active-check", check)
                            .endMetadata();
        });
        List<Sourced<Pod>> pods = new ArrayList<>();
        for (Probe probe : probes) {
            pods.add(Given.pod(
                    "p" + pods.size(),
                    pods.size() + 1,
                    pod -> pod.editSpec()
                            .addNewContainer()
                            .withReadinessProbe(probe)
                            .endContainer()
                            .endSpec()));
        }
        ClusterState state = new ClusterState(List.of(service), pods, List.of(), List.of(), List.of(), List.of());
        return new ServiceTranslator(Given.NODE, options)
                .plan(service, ClusterIndex.of(state).endpointsOf(service)).problems().stream()
                        .map(Problem::toString)
                        .toList();
    }
}
